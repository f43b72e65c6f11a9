import { callManagement } from '@malote/devstack/management-api';
import type { Hub } from './hub.ts';
import { rabbitOf } from './rabbit.ts';
import type { Piece } from './secret-scan.ts';

const QUEUE = 'wire-tap';
const BATCH = 1_000;

/** A queue that gets every message of the hub's topic exchanges, from now on. */
export async function tapWires({ stack, env }: Pick<Hub, 'stack' | 'env'>): Promise<{ take(): Promise<Piece[]> }> {
  const vhost = new URL(String(env.MALOTE_RABBITMQ_URL)).pathname.slice(1);
  const made = await callManagement(stack, 'PUT', `queues/${vhost}/${QUEUE}`, { durable: true, auto_delete: false, arguments: {} });
  if (made.status >= 300) throw new Error(`the queue could not be made: ${made.text}`);
  const rabbit = rabbitOf({ stack, env });
  const exchanges = JSON.parse((await callManagement(stack, 'GET', `exchanges/${vhost}`)).text) as { name: string; type: string }[];
  const tapped = exchanges.filter(({ name, type }) => (type === 'topic' || type === 'fanout') && name !== '' && !name.startsWith('amq.'));
  for (const { name } of tapped) await rabbit.bind(QUEUE, name, '#');
  if (!tapped.some(({ name }) => name === 'commands') || !tapped.some(({ name }) => name === 'events')) throw new Error('nothing to tap');
  return {
    async take() {
      const pieces: Piece[] = [];
      for (;;) {
        const messages = await rabbit.take(QUEUE);
        pieces.push(
          ...messages.map((message) => ({ where: `message ${message.payload.slice(0, 60)}`, bytes: Buffer.from(JSON.stringify(message)) })),
        );
        if (messages.length < BATCH) return pieces;
      }
    },
  };
}
