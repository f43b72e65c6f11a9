import {
  type DeadLetters,
  type DeadMessage,
  DeadQueueBusy,
  DeadQueueMissing,
  openDeadLetters,
  type ReplayReport,
} from '@malote/broker/dead';
import { errorCode } from '@malote/runtime/errors';
import { type CommandDeps, command } from '../command.ts';
import { OptionFault } from '../option.ts';
import { Refused } from '../refused.ts';

const FILTER = {
  queue: { description: 'só as que falharam nesta fila', example: 'emission.nfe.SP.lote' },
  type: { description: 'só as deste tipo', example: 'document.emit' },
} as const;
const DEFAULT_LIMIT = 100;

export const deadList = command({
  name: 'dead list',
  summary: 'Lista as mensagens que nenhum processo conseguiu tratar (fila dead), da mais antiga para a mais nova.',
  options: { ...FILTER, limit: { description: `quantas mostrar, no máximo (padrão ${DEFAULT_LIMIT})`, example: 'n' } },
  reads: true,
  async run(deps, { limit: asked = String(DEFAULT_LIMIT), ...filter }) {
    const limit = Number(asked);
    if (!Number.isInteger(limit) || limit < 1) throw new OptionFault(`--limit ${asked}: deve ser um número inteiro a partir de 1`, 'limit');
    const { messages, total, complete } = await withDead(deps, (letters) => letters.list(given(filter), limit));
    return { total, complete, messages: messages.map(summary) };
  },
  text({ messages, total, complete }) {
    if (total === 0) return 'Nenhuma mensagem na fila dead.';
    const more = complete ? '' : ` As primeiras ${messages.length}; veja mais com --limit.`;
    return [...messages.map(row), `${messages.length} de ${total} mensagens da fila dead.${more}`].join('\n');
  },
});

export const deadShow = command({
  name: 'dead show',
  summary: 'Mostra uma mensagem da fila dead por inteiro: motivo, pilha, cabeçalhos e conteúdo.',
  options: { id: { description: 'id da mensagem', required: true } },
  reads: true,
  async run(deps, { id }) {
    const { messages } = await withDead(deps, (letters) => letters.list({ id }));
    if (messages.length === 0) throw unknownMessage(id);
    return messages.map((message) => ({ ...summary(message), ...rest(message) }));
  },
  text: (messages) => messages.map(whole).join('\n\n'),
});

export const deadReplay = command({
  name: 'dead replay',
  summary: 'Devolve mensagens da fila dead à fila em que falharam, depois de resolvida a causa. Nenhuma se perde se for interrompido.',
  options: { id: { description: 'só a mensagem com este id' }, ...FILTER, all: { description: 'todas', flag: true } },
  reads: false,
  acao: 'mensagens.devolver',
  async run(deps, { all, ...filter }) {
    const { id, queue, type } = filter;
    if (!id && !queue && !type && !all) throw new OptionFault('informe --id, --queue, --type ou --all');
    const report = await withDead(deps, (letters) => letters.replay(given(filter)));
    if (id && report.replayed.length + report.kept.length === 0) throw unknownMessage(id);
    return reportOf(report);
  },
  text: ({ replayed, kept, total }) =>
    [
      ...replayed.map((message) => `devolvida  ${message.id}  à fila ${message.queue}`),
      ...kept.map((message) => `mantida    ${message.id}  fila ${message.queue}: ${WHY[message.why]}`),
      `${replayed.length} de ${total} mensagens devolvidas${kept.length > 0 ? `, ${kept.length} não puderam ser` : ''}.`,
    ].join('\n'),
});

const unknownMessage = (id: string) => new Refused('mensagem-desconhecida', `não há mensagem ${id} na fila dead`, 'id');

async function withDead<T>({ config }: CommandDeps, work: (letters: DeadLetters) => Promise<T>): Promise<T> {
  const { rabbitmqUrl } = config(['rabbitmqUrl']);
  let letters: DeadLetters | undefined;
  try {
    letters = await openDeadLetters({ url: rabbitmqUrl, name: 'malote/dead' });
    return await work(letters);
  } catch (thrown) {
    if (thrown instanceof DeadQueueBusy)
      throw new Refused('fila-dead-em-uso', 'outro `malote dead` está em uso agora; tente de novo quando ele terminar');
    if (thrown instanceof DeadQueueMissing) {
      const where = 'não há fila dead neste virtual host: confira MALOTE_RABBITMQ_URL; os serviços criam a fila ao conectar';
      throw new Refused('fila-dead-ausente', where);
    }
    const code = letters ? undefined : errorCode(thrown);
    if (code) throw new Refused('rabbitmq-inacessivel', `não há conexão com o RabbitMQ (${code}); confira MALOTE_RABBITMQ_URL`);
    throw thrown;
  } finally {
    await letters?.close();
  }
}

function given<T extends Record<string, string | undefined>>(values: T): { [K in keyof T]?: string } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as { [K in keyof T]?: string };
}

type Summary = ReturnType<typeof summary>;

function summary({ id, type, documentId, queue, reason, attempts, replays, deadAt }: DeadMessage) {
  return { id, type, documento: documentId, queue, reason, attempts, replays, deadAt: deadAt?.toISOString() };
}

function rest({ stack, headers, body }: DeadMessage) {
  return { stack, headers, body };
}

function row({ id, type, documento, queue, reason, attempts, replays, deadAt }: Summary): string {
  const counts = `${attempts} tentativa${attempts === 1 ? '' : 's'}${replays > 0 ? `, devolvida ${replays}x` : ''}`;
  return [
    `${deadAt ?? '(sem data)'}  ${id}  ${type ?? '(sem tipo)'}`,
    `  documento ${documento ?? '(nenhum)'}, fila ${queue}, ${counts}`,
    `  ${reason.split('\n')[0]}`,
  ].join('\n');
}

function whole(message: Summary & ReturnType<typeof rest>): string {
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

function reportOf({ replayed, kept, total }: ReplayReport) {
  return { total, replayed: replayed.map(summary), kept: kept.map(({ message, why }) => ({ ...summary(message), why })) };
}
