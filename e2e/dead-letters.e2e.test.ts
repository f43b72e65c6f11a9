import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { systemClock } from '@malote/runtime/clock';
import { eventually } from '@malote/testkit/eventually';
import { newCustomer } from './customer.ts';
import { startHub } from './hub.ts';
import { malote } from './malote.ts';
import { rabbitOf } from './rabbit.ts';

// The relay must not help: what comes back here comes back by a replay.
const hub = await startHub({ env: { MALOTE_OUTBOX_LEASE_MS: '600000' } });
after(() => hub.close());
const customer = await newCustomer(hub, { cnpj: '11222333000181' });
const rabbit = rabbitOf(hub);
const QUEUE = 'emission.nfe.SP.lote';
const KEY = 'document.emit.nfe.SP.lote';

interface Listed {
  total: number;
  messages: {
    id: string;
    type?: string;
    documento?: string;
    queue: string;
    reason: string;
    attempts: number;
    replays: number;
    deadAt: string;
  }[];
}

const list = async (...args: string[]) => JSON.parse(await malote(hub, 'dead', 'list', '--json', ...args)) as Listed;
const idOf = (numero: number) => `${customer.cnpj}.2.55.35.001.${String(numero).padStart(9, '0')}`;

function command(id: string, over: { type?: string; payload?: object } = {}): string {
  const documentId = idOf(Number(id.slice(1)));
  const payload = { documentId, conta: customer.conta, empresa: customer.cnpj, familia: 'nfe', autorizador: 'SP', fila: 'lote' };
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
  const at = systemClock.now().toISOString();
  return JSON.stringify({ id, type: 'document.emit', version: 1, at, correlationId: documentId, traceparent, payload, ...over });
}

/** Into the work queue, as if a process had published it. */
const inject = (id: string, body: string) => rabbit.publish({ exchange: 'commands', key: KEY, body, properties: { message_id: id } });

test('poison messages reach dead with the reason, and the notes beside them are authorised', async () => {
  const poison: Record<string, [body: string, reason: RegExp]> = {
    p900: ['<nfe/>', /not a message envelope/],
    p901: [command('p901', { type: 'document.fold' }), /unknown message type document\.fold/],
    p902: [command('p902'), /documento .*000000902 does not exist/],
    p903: [command('p903', { payload: {} }), /does not exist/],
  };
  const notes = Array.from({ length: 12 }, (_, n) => n + 1);
  await Promise.all([
    ...notes.map((numero) => customer.emit({ numero })),
    ...Object.entries(poison).map(([id, [body]]) => inject(id, body)),
  ]);
  for (const numero of notes) await customer.untilStatus(numero, 'Autorizada');
  const { messages } = await eventually(async () => {
    const found = await list();
    return found.total === Object.keys(poison).length ? found : null;
  });
  for (const { id, queue, reason, attempts, replays, deadAt } of messages) {
    assert.match(reason, poison[id]?.[1] ?? assert.fail(`${id} is not poison`));
    assert.deepEqual([queue, attempts, replays], [QUEUE, 1, 0], id);
    assert.ok(Math.abs(systemClock.now().getTime() - Date.parse(deadAt)) < 60_000);
  }
  assert.equal(await hub.simulator.doubled(), 0);
  assert.equal((await hub.simulator.calls({ service: 'NFeAutorizacao4' })).length, notes.length);
});

test('a dead message is listed by queue and type and shown whole, for a person and as JSON', async () => {
  const ids = (found: Listed) => found.messages.map(({ id }) => id).sort();
  assert.deepEqual(ids(await list('--type', 'document.fold')), ['p901']);
  assert.deepEqual(ids(await list('--queue', 'emission.nfe.SVRS.lote')), []);
  assert.match(await malote(hub, 'dead', 'list', '--limit', '1'), /1 de 4 mensagens da fila dead\. As primeiras 1/);
  const shown = await malote(hub, 'dead', 'show', '--id', 'p902');
  for (const part of [/p902/, /fila emission\.nfe\.SP\.lote/, /does not exist/, /"x-reason"/, /"traceparent": "00-4bf9/])
    assert.match(shown, part);
  const [whole] = JSON.parse(await malote(hub, 'dead', 'show', '--id', 'p900', '--json')) as { body: unknown }[];
  assert.equal(whole?.body, '<nfe/>');
  await assert.rejects(malote(hub, 'dead', 'show', '--id', 'nada'), /não há mensagem nada na fila dead/);
});

test('a replayed command does its work: the note that had lost its own command is authorised once', async () => {
  assert.equal(await hub.stop('emission'), 0);
  await customer.emit({ numero: 902 });
  // Its own command is lost, and the relay is far from taking over: only the dead one is left of it.
  await eventually(async () => (await rabbit.take(QUEUE)).length === 1);
  await hub.start('emission');
  assert.equal((await customer.view(902)).status, 'Em processamento');
  const [one, two] = await Promise.all([1, 2].map(() => malote(hub, 'dead', 'replay', '--id', 'p902', '--json').catch(String)));
  const accepted = [one, two].filter((answer) => answer?.includes('"replayed":[{"id":"p902"'));
  assert.equal(accepted.length, 1, `${one}\n${two}`);
  await customer.untilStatus(902, 'Autorizada');
  assert.equal((await hub.simulator.calls({ numero: 902 })).length, 1);
  assert.deepEqual((await list()).messages.map(({ id }) => id).sort(), ['p900', 'p901', 'p903']);
});

test('what is still poison comes back to dead after a replay of all, counted, and nothing is lost', async () => {
  assert.match(await malote(hub, 'dead', 'replay', '--all'), /3 de 3 mensagens devolvidas/);
  const { messages } = await eventually(async () => {
    const found = await list();
    return found.messages.length === 3 && found.messages.every(({ replays }) => replays === 1) ? found : null;
  });
  assert.deepEqual(messages.map(({ id }) => id).sort(), ['p900', 'p901', 'p903']);
  await assert.rejects(malote(hub, 'dead', 'replay'), /informe --id, --queue, --type ou --all/);
});
