import { command } from '../command.ts';
import {
  createAccount,
  disableAccount,
  enableAccount,
  endSessions,
  listAccounts,
  MAX_OVERLAP_HOURS,
  OVERLAP_HOURS,
  rotateSecret,
} from '../contas.ts';
import { OptionFault } from '../option.ts';
import { table } from '../show.ts';
import { CONTA, contasDeps } from './owner.ts';
import { PAGINA, pageOf, wholeOf } from './paging.ts';

const MAX_NAME = 120;

export const accountCreate = command({
  name: 'account create',
  summary: 'Cria uma conta e a sua primeira credencial. O secret aparece só aqui: guarde-o.',
  options: { name: { description: 'nome do cliente', required: true, example: 'nome' } },
  reads: false,
  async run(deps, { name }) {
    const nome = name.trim();
    if (nome.length === 0 || nome.length > MAX_NAME) throw new OptionFault(`--name deve ter de 1 a ${MAX_NAME} caracteres`, 'name');
    return createAccount(await contasDeps(deps), { nome });
  },
});

export const accountList = command({
  name: 'account list',
  summary: 'Lista as contas, 20 por página.',
  options: { pagina: PAGINA },
  reads: true,
  async run(deps, { pagina }) {
    const page = pageOf(pagina);
    return listAccounts({ store: await deps.store() }, page);
  },
  text: ({ total, contas }) => `${table(contas, ['conta', 'nome', 'ativa', 'criadaEm'], 'nenhuma conta nesta página')}\n${total} no total`,
});

export const accountDisable = command({
  name: 'account disable',
  summary: 'Desativa uma conta: as sessões dela acabam em até dois segundos e nenhuma outra se abre. O que já foi aceito termina.',
  options: { conta: CONTA },
  reads: false,
  run: async (deps, { conta }) => disableAccount(await contasDeps(deps), { conta }),
});

export const accountEnable = command({
  name: 'account enable',
  summary: 'Reativa uma conta. As sessões de antes continuam encerradas.',
  options: { conta: CONTA },
  reads: false,
  run: async (deps, { conta }) => enableAccount(await contasDeps(deps), { conta }),
});

export const accountEndSessions = command({
  name: 'account end-sessions',
  summary: 'Encerra todas as sessões abertas de uma conta, em até dois segundos; novas podem ser abertas.',
  options: { conta: CONTA },
  reads: false,
  run: async (deps, { conta }) => endSessions(await contasDeps(deps), { conta }),
});

export const accountRotateSecret = command({
  name: 'account rotate-secret',
  summary: 'Troca o secret de uma credencial. O novo aparece só aqui; o anterior ainda vale pelo tempo de sobreposição.',
  options: {
    token: { description: 'token da credencial', required: true },
    'sobreposicao-horas': {
      description: `horas em que o secret anterior ainda vale (padrão ${OVERLAP_HOURS}); 0: deixa de valer já e as sessões dele acabam`,
      example: 'n',
    },
  },
  reads: false,
  async run(deps, { token, 'sobreposicao-horas': hours }) {
    const sobreposicaoHoras = wholeOf('sobreposicao-horas', hours, { min: 0, max: MAX_OVERLAP_HOURS });
    return rotateSecret(await contasDeps(deps), { token, ...(sobreposicaoHoras === undefined ? {} : { sobreposicaoHoras }) });
  },
});
