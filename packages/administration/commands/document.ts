import { command } from '../command.ts';
import { OptionFault } from '../option.ts';
import { show } from '../show.ts';

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 1_000;

export const documentRecovering = command({
  name: 'document recovering',
  summary: 'Lista os documentos em recuperação de todo o hub: o que se sabe, o que será feito e quando.',
  options: {
    conta: { description: 'só os documentos desta conta' },
    limit: { description: `quantos mostrar, os de ação mais próxima primeiro (padrão ${DEFAULT_LIMIT})`, example: 'n' },
  },
  reads: true,
  async run(deps, { conta, limit: asked }) {
    const limit = Number(asked ?? DEFAULT_LIMIT);
    if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) throw new OptionFault(`--limit deve ser de 1 a ${MAX_LIMIT}`, 'limit');
    const store = await deps.store();
    const { total, documentos } = await store.recovering({ skip: 0, limit, ...(conta ? { conta } : {}) });
    const rows = documentos.map(({ _id, conta: dona, state, chave, attempts, nextAt, nextAction, createdAt }) => {
      const last = attempts.at(-1);
      const ultima = last ? `${last.kind} ${last.autorizador}: ${last.result} ${last.cStat ?? last.reason ?? ''}`.trim() : 'nenhuma';
      return { documento: _id, conta: dona, state, chave, desde: createdAt, tentativas: attempts.length, ultima, nextAction, nextAt };
    });
    return { total, documentos: rows };
  },
  text: ({ total, documentos }) => [`em recuperação: ${total}`, ...documentos.map(show)].join('\n\n'),
});
