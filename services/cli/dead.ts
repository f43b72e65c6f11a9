import {
  type DeadLetters,
  type DeadMessage,
  DeadQueueBusy,
  DeadQueueMissing,
  openDeadLetters,
  type ReplayReport,
} from '@malote/broker/dead';
import { loadConfig } from '@malote/runtime/config';
import type { Command } from './commands.ts';
import { type Option, readOptions, UsageError } from './usage.ts';

const filter = {
  queue: { description: 'só as que falharam nesta fila', example: 'emission.nfe.SP.lote' },
  type: { description: 'só as deste tipo', example: 'document.emit' },
} satisfies Record<string, Option>;
const DEFAULT_LIMIT = 100;

const listOptions = { ...filter, limit: { description: `quantas mostrar, no máximo (padrão ${DEFAULT_LIMIT})`, example: 'n' } };

export const deadList: Command = {
  name: 'dead list',
  summary: 'Lista as mensagens que nenhum processo conseguiu tratar (fila dead), da mais antiga para a mais nova.',
  options: listOptions,
  async run(args) {
    const { queue, type, limit: asked = String(DEFAULT_LIMIT), json } = readOptions(listOptions, args);
    const limit = Number(asked);
    if (!Number.isInteger(limit) || limit < 1) throw new UsageError(`--limit ${asked}: deve ser um número inteiro a partir de 1`);
    const { messages, total, complete } = await withDead((letters) => letters.list(given({ queue, type }), limit));
    if (json) return JSON.stringify({ total, complete, messages: messages.map(summary) });
    if (total === 0) return 'Nenhuma mensagem na fila dead.';
    const more = complete ? '' : ` As primeiras ${limit}; veja mais com --limit.`;
    return [...messages.map(row), `${messages.length} de ${total} mensagens da fila dead.${more}`].join('\n');
  },
};

const showOptions = { id: { description: 'id da mensagem', required: true } };

export const deadShow: Command = {
  name: 'dead show',
  summary: 'Mostra uma mensagem da fila dead por inteiro: motivo, pilha, cabeçalhos e conteúdo.',
  options: showOptions,
  async run(args) {
    const { id = '', json } = readOptions(showOptions, args);
    const { messages } = await withDead((letters) => letters.list({ id }));
    if (messages.length === 0) throw new Error(`não há mensagem ${id} na fila dead`);
    if (json) return JSON.stringify(messages.map((message) => ({ ...summary(message), ...rest(message) })));
    return messages.map(whole).join('\n\n');
  },
};

const replayOptions = {
  id: { description: 'só a mensagem com este id' },
  ...filter,
  all: { description: 'todas', flag: true },
};

export const deadReplay: Command = {
  name: 'dead replay',
  summary: 'Devolve mensagens da fila dead à fila em que falharam, depois de resolvida a causa. Nenhuma se perde se for interrompido.',
  options: replayOptions,
  async run(args) {
    const { id, queue, type, all, json } = readOptions(replayOptions, args);
    if (!id && !queue && !type && !all) throw new UsageError('informe --id, --queue, --type ou --all');
    const report = await withDead((letters) => letters.replay(given({ id, queue, type })));
    if (id && report.replayed.length + report.kept.length === 0) throw new Error(`não há mensagem ${id} na fila dead`);
    return json ? JSON.stringify(reportJson(report)) : reportText(report);
  },
};

async function withDead<T>(work: (letters: DeadLetters) => Promise<T>): Promise<T> {
  const { rabbitmqUrl } = loadConfig(['rabbitmqUrl']);
  let letters: DeadLetters | undefined;
  try {
    letters = await openDeadLetters({ url: rabbitmqUrl, name: 'malote/dead' });
    return await work(letters);
  } catch (thrown) {
    if (thrown instanceof DeadQueueBusy) throw new Error('outro `malote dead` está em uso agora; tente de novo quando ele terminar');
    if (thrown instanceof DeadQueueMissing) {
      throw new Error('não há fila dead neste virtual host: confira MALOTE_RABBITMQ_URL; os serviços criam a fila ao conectar');
    }
    throw thrown;
  } finally {
    await letters?.close();
  }
}

function given<T extends Record<string, string | undefined>>(values: T): { [K in keyof T]?: string } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as { [K in keyof T]?: string };
}

function summary({ id, type, documentId, queue, reason, attempts, replays, deadAt }: DeadMessage) {
  return { id, type, documento: documentId, queue, reason, attempts, replays, deadAt: deadAt?.toISOString() };
}

function rest({ stack, headers, body }: DeadMessage) {
  return { stack, headers, body };
}

function row({ id, type, documentId, queue, reason, attempts, replays, deadAt }: DeadMessage): string {
  const counts = `${attempts} tentativa${attempts === 1 ? '' : 's'}${replays > 0 ? `, devolvida ${replays}x` : ''}`;
  return [
    `${deadAt?.toISOString() ?? '(sem data)'}  ${id}  ${type ?? '(sem tipo)'}`,
    `  documento ${documentId ?? '(nenhum)'}, fila ${queue}, ${counts}`,
    `  ${reason.split('\n')[0]}`,
  ].join('\n');
}

function whole(message: DeadMessage): string {
  const body = typeof message.body === 'string' ? message.body : JSON.stringify(message.body, undefined, 2);
  return [
    row(message),
    '',
    message.stack ?? '(sem pilha)',
    '',
    'cabeçalhos:',
    JSON.stringify(message.headers, undefined, 2),
    '',
    'conteúdo:',
    body,
  ].join('\n');
}

const WHY = { 'queue-gone': 'a fila não existe mais', unroutable: 'nenhuma fila a recebeu' } as const;

function reportJson({ replayed, kept, total }: ReplayReport) {
  return { total, replayed: replayed.map(summary), kept: kept.map(({ message, why }) => ({ ...summary(message), why })) };
}

function reportText({ replayed, kept, total }: ReplayReport): string {
  return [
    ...replayed.map(({ id, queue }) => `devolvida  ${id}  à fila ${queue}`),
    ...kept.map(({ message: { id, queue }, why }) => `mantida    ${id}  fila ${queue}: ${WHY[why]}`),
    `${replayed.length} de ${total} mensagens devolvidas${kept.length > 0 ? `, ${kept.length} não puderam ser` : ''}.`,
  ].join('\n');
}
