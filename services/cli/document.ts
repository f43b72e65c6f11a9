import type { Command } from './commands.ts';
import { readOptions, UsageError } from './usage.ts';
import { show, withStore } from './with-store.ts';

const options = {
  conta: { description: 'só os documentos desta conta' },
  limit: { description: 'quantos mostrar, os de ação mais próxima primeiro (padrão 50)', example: 'n' },
};
const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 1_000;

export const documentRecovering: Command = {
  name: 'document recovering',
  summary: 'Lista os documentos em recuperação de todo o hub: o que se sabe, o que será feito e quando.',
  options,
  async run(args) {
    const { conta, limit: asked, json } = readOptions(options, args);
    const limit = Number(asked ?? DEFAULT_LIMIT);
    if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) throw new UsageError(`--limit deve ser de 1 a ${MAX_LIMIT}`);
    const { total, documentos } = await withStore((store) => store.recovering({ skip: 0, limit, ...(conta ? { conta } : {}) }));
    const rows = documentos.map(({ _id, conta: dona, state, chave, attempts, nextAt, nextAction, createdAt }) => {
      const last = attempts.at(-1);
      const ultima = last ? `${last.kind} ${last.autorizador}: ${last.result} ${last.cStat ?? last.reason ?? ''}`.trim() : 'nenhuma';
      return { documento: _id, conta: dona, state, chave, desde: createdAt, tentativas: attempts.length, ultima, nextAction, nextAt };
    });
    if (json) return JSON.stringify({ total, documentos: rows });
    return [`em recuperação: ${total}`, ...rows.map((row) => show(row, false))].join('\n\n');
  },
};
