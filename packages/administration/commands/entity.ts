import { isUf } from '@malote/fiscal/model/uf';
import { command } from '../command.ts';
import { addEntidade, listEntidades } from '../entidades.ts';
import { OptionFault } from '../option.ts';
import { table } from '../show.ts';
import { CONTA } from './owner.ts';
import { PAGINA, pageOf } from './paging.ts';

export const entityAdd = command({
  name: 'entity add',
  summary: 'Cadastra uma entidade (um estabelecimento como o sistema de contratos o conhece), que o worker entity-block grava.',
  options: {
    conta: CONTA,
    cnpj: { description: 'CNPJ sem máscara (numérico ou alfanumérico)', example: 'cnpj' },
    cpf: { description: 'CPF sem máscara, para pessoa física', example: 'cpf' },
    uf: { description: 'UF da inscrição', required: true },
    ie: { description: 'inscrição estadual (padrão ISENTO)' },
    entidade: { description: 'número da Entidade, até 6 dígitos (padrão: o próximo da conta)', example: 'n' },
    'id-empresa': { description: 'IDEMPRESA, até 20 dígitos', example: 'n' },
    nome: { description: 'nome do estabelecimento' },
    'sem-espera': { description: 'não espera o worker: mostra só o número do pedido', flag: true },
  },
  reads: false,
  async run(deps, { 'id-empresa': idEmpresa, 'sem-espera': unawaited, ...given }) {
    const { quem, publish, traceparent } = deps;
    const clock = deps.clock();
    const waiting = unawaited ? { waitMs: 0 } : {};
    return addEntidade({ store: await deps.store(), quem, clock, publish, traceparent, ...waiting }, { ...given, idEmpresa });
  },
  text: ({ pedido, entidade }) =>
    entidade
      ? table([entidade], ['entidade', 'documento', 'uf', 'ie', 'idEmpresa', 'nome'], '')
      : `pedido ${pedido}: o worker entity-block ainda não o tratou; veja depois com \`malote entity list\``,
});

export const entityList = command({
  name: 'entity list',
  summary: 'Lista as entidades, 20 por página, pelo número.',
  options: {
    conta: { description: 'só as desta conta' },
    contrato: { description: 'só as deste contrato' },
    uf: { description: 'só as desta UF' },
    bloqueada: { description: 'só as bloqueadas, ou só as livres', values: ['sim', 'nao'], example: 'sim|nao' },
    pagina: PAGINA,
  },
  reads: true,
  async run(deps, { conta, contrato, uf: informed, bloqueada, pagina }) {
    const uf = informed?.toUpperCase();
    if (uf !== undefined && !isUf(uf)) throw new OptionFault(`--uf ${informed}: não é uma sigla de UF (exemplo: SP)`, 'uf');
    const query = { conta, contrato, uf, ...(bloqueada === undefined ? {} : { bloqueada: bloqueada === 'sim' }), ...pageOf(pagina) };
    return listEntidades({ store: await deps.store() }, query);
  },
  text: ({ total, entidades }) => {
    const columns = ['conta', 'entidade', 'documento', 'uf', 'ie', 'contrato', 'bloqueada', 'idEmpresa', 'nome'] as const;
    return `${table(entidades, columns, 'nenhuma entidade nesta página')}\n${total} no total`;
  },
});
