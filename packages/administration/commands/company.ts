import { isCnpj, isCpf } from '@malote/fiscal/chave/check-digits';
import { isUf } from '@malote/fiscal/model/uf';
import { command } from '../command.ts';
import { addEmpresa } from '../empresas.ts';
import { OptionFault, type Options } from '../option.ts';
import { Refused } from '../refused.ts';
import { registerEntityBy } from '../register-entity.ts';
import { table } from '../show.ts';
import { CADASTRO, cadastroOf, refusedByOptions, shownInscricoes } from './company-fields.ts';
import { CONTA } from './owner.ts';
import { PAGINA, pageOf } from './paging.ts';

const ADD = {
  conta: { description: 'id da conta dona da empresa', required: true },
  cnpj: { description: 'CNPJ sem máscara (numérico ou alfanumérico)', example: 'cnpj' },
  cpf: { description: 'CPF sem máscara, para produtor pessoa física', example: 'cpf' },
  uf: { description: 'UF da inscrição', required: true },
  ie: { description: 'inscrição estadual' },
  'razao-social': { description: 'razão social', required: true, example: 'nome' },
  ...CADASTRO,
} as const satisfies Options;

export const companyAdd = command({
  name: 'company add',
  summary: 'Cadastra (ou atualiza) uma empresa de uma conta, com a sua entidade. Um CNPJ ou CPF pertence a uma única conta.',
  options: ADD,
  reads: false,
  async run(deps, { conta, cnpj, cpf, uf: informed, ie, 'razao-social': razaoSocial, ...cadastro }) {
    const documento = documentoOf(cnpj, cpf);
    const uf = informed.toUpperCase();
    if (!isUf(uf)) throw new OptionFault(`--uf ${informed}: não é uma sigla de UF (exemplo: SP)`, 'uf');
    const store = await deps.store();
    if (!(await store.contas.find(conta)))
      throw new Refused('conta-desconhecida', `a conta ${conta} não existe; crie com \`malote account create\``, 'conta');
    const registerEntity = registerEntityBy({ store, traceparent: deps.traceparent });
    const given = { uf, razaoSocial, ie, ...cadastroOf(cadastro) };
    const adding = addEmpresa({ store, registerEntity }, deps.quem, { conta, documento }, given);
    const { empresa } = await refusedByOptions(ADD, cadastro, adding);
    const inscricoes = shownInscricoes(empresa.outrasInscricoes);
    return { empresa: empresa._id, conta, uf, ie: empresa.ie, inscricoes, razaoSocial, version: empresa.version };
  },
});

export const companyList = command({
  name: 'company list',
  summary: 'Lista as empresas de uma conta por CNPJ ou CPF, 20 por página.',
  options: { conta: CONTA, pagina: PAGINA },
  reads: true,
  async run(deps, { conta, pagina }) {
    const page = pageOf(pagina);
    const store = await deps.store();
    if (!(await store.contas.find(conta))) throw new Refused('conta-desconhecida', `a conta ${conta} não existe`, 'conta');
    const { total, empresas } = await store.empresas.list({ conta, ...page });
    const rows = empresas.map(({ _id, razaoSocial, uf, ie, crt, municipio, certificado, version }) => {
      return { empresa: _id, razaoSocial, uf, ie, crt, municipio, temCertificado: certificado !== undefined, version };
    });
    return { total, empresas: rows };
  },
  text: ({ total, empresas }) =>
    `${table(empresas, ['empresa', 'uf', 'ie', 'crt', 'temCertificado', 'razaoSocial'], 'nenhuma empresa nesta página')}\n${total} no total`,
});

export function documentoOf(cnpj: string | undefined, cpf: string | undefined): string {
  if ((cnpj === undefined) === (cpf === undefined)) throw new OptionFault('informe --cnpj ou --cpf, um dos dois', 'cnpj');
  if (cnpj !== undefined && !isCnpj(cnpj))
    throw new OptionFault(`--cnpj ${cnpj}: são 14 caracteres sem máscara, com dígitos verificadores certos`, 'cnpj');
  if (cpf !== undefined && !isCpf(cpf))
    throw new OptionFault(`--cpf ${cpf}: são 11 dígitos sem máscara, com dígitos verificadores certos`, 'cpf');
  return (cnpj ?? cpf) as string;
}
