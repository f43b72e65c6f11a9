import { ancoraText, listAuditoria, verifyAuditoria } from '../auditoria.ts';
import { command } from '../command.ts';
import { table } from '../show.ts';
import { PAGINA, wholeOf } from './paging.ts';

const MAX_PAGE = 9_999_999;

export const auditList = command({
  name: 'audit list',
  summary: 'Mostra a trilha de auditoria de uma conta, ou a do próprio hub, da ação mais nova para a mais antiga.',
  options: { conta: { description: 'id da conta; * é a trilha do hub', required: true }, pagina: PAGINA },
  reads: true,
  async run(deps, { conta, pagina: asked }) {
    const pagina = wholeOf('pagina', asked, { min: 1, max: MAX_PAGE });
    return listAuditoria({ store: await deps.store() }, { conta, ...(pagina === undefined ? {} : { pagina }) });
  },
  text({ totalElementos, registros }) {
    const rows = registros.map(({ quem: { tipo, id, ip }, ...row }) => ({ ...row, quem: [tipo, id, ip].filter(Boolean).join(' ') }));
    const columns = ['seq', 'em', 'acao', 'resultado', 'quem', 'empresa', 'alvo', 'detalhe'] as const;
    return `${table(rows, columns, 'nada nesta página')}\n${totalElementos} no total`;
  },
});

export const auditVerify = command({
  name: 'audit verify',
  summary: 'Confere as correntes da trilha de auditoria elo por elo; termina com falha se algo foi mudado, retirado ou inserido.',
  options: {
    conta: { description: 'só a corrente desta conta; * é a do hub (padrão: todas)' },
    ate: { description: 'último elo anotado fora do banco: só ele mostra um fim cortado ou uma corrente refeita', example: 'número:hash' },
  },
  reads: true,
  async run(deps, given) {
    return verifyAuditoria({ store: await deps.store() }, given);
  },
  failed: ({ integra }) => !integra,
  text: ({ integra, correntes }) =>
    [
      ...correntes.flatMap(({ conta, integra: whole, elos, fim, falhas, totalFalhas }) => [
        `${conta}: ${whole ? 'íntegra' : `${totalFalhas} falhas`}, ${elos} elos${fim ? `, fim ${ancoraText(fim)}` : ''}`,
        ...falhas.map((falha) => `  ${JSON.stringify(falha)}`),
      ]),
      integra ? 'A trilha está íntegra.' : 'A trilha NÃO está íntegra.',
    ].join('\n'),
});
