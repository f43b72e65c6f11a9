import assert from 'node:assert/strict';
import { test } from 'node:test';
import { autorizadoresOf } from '@malote/fiscal/model/autorizador';
import { type AnyEnvelope, envelope, isMessageType } from './envelope.ts';
import { emissionQueue, hasSubscriber, routeOf, TOPOLOGY } from './routes.ts';
import type { DocumentPayload, MessageType } from './types.ts';

const payload: DocumentPayload = { documentId: 'd', conta: 'c', empresa: 'e', familia: 'nfe', autorizador: 'SVRS', fila: 'lote' };
const message = (type: MessageType, over: Partial<DocumentPayload> = {}) =>
  envelope(type, { ...payload, ...over }, { id: 'i', at: new Date(0), traceparent: 't', correlationId: 'd' }) as AnyEnvelope;

test('every authoriser of the family has one queue per lane, and no two queues share a name', () => {
  const names = TOPOLOGY.queues.map((queue) => queue.name);
  assert.equal(new Set(names).size, names.length);
  for (const autorizador of autorizadoresOf('nfe')) {
    for (const fila of ['agora', 'lote'] as const)
      assert.ok(names.includes(emissionQueue('nfe', autorizador, fila)), `${autorizador} ${fila}`);
  }
});

test('a command about a document reaches exactly the queue of its authoriser and lane', () => {
  for (const type of ['document.emit', 'document.reconcile'] as const) {
    const sent = message(type, { autorizador: 'SP', fila: 'agora' });
    const reached = TOPOLOGY.queues.filter((queue) => hasSubscriber(sent, [queue]));
    assert.deepEqual(
      reached.map((queue) => queue.name),
      ['emission.nfe.SP.agora'],
    );
    assert.deepEqual(routeOf(sent), { exchange: 'commands', key: `${type}.nfe.SP.agora` });
  }
});

test('what an evento or an inutilização needs reaches the same bulkhead, and the national environment has one of its own', () => {
  const registro = { ...payload, registroId: 'r' };
  const facts = { id: 'i', at: new Date(0), traceparent: 't', correlationId: 'd' };
  const reached = (type: 'evento.register' | 'inutilizacao.request', autorizador: DocumentPayload['autorizador']) =>
    TOPOLOGY.queues
      .filter((queue) => hasSubscriber(envelope(type, { ...registro, autorizador }, facts) as AnyEnvelope, [queue]))
      .map(({ name }) => name);
  assert.deepEqual(reached('evento.register', 'SP'), ['emission.nfe.SP.lote']);
  assert.deepEqual(reached('inutilizacao.request', 'SP'), ['emission.nfe.SP.lote']);
  assert.deepEqual(reached('evento.register', 'AN'), ['emission.nfe.AN.lote']);
  assert.deepEqual(reached('inutilizacao.request', 'AN'), []);
});

test('a test of a certificate goes through the bulkhead of its authoriser; that one ends soon is told to nobody yet', () => {
  const facts = { id: 'i', at: new Date(0), traceparent: 't', correlationId: 'd' };
  const asked = { ...payload, autorizador: 'SP', fila: 'agora', alvo: 'SVC-AN', modelo: '55', ambiente: '2' } as const;
  const sent = envelope('certificate.test', asked, facts) as AnyEnvelope;
  assert.deepEqual(
    TOPOLOGY.queues.filter((queue) => hasSubscriber(sent, [queue])).map(({ name }) => name),
    ['emission.nfe.SP.agora'],
  );
  const told = { documentId: 'd', conta: 'c', empresa: 'e', validoAte: '2026-12-31T00:00:00.000Z', diasRestantes: 30 };
  const expiring = envelope('certificate.expiring', told, facts) as AnyEnvelope;
  assert.deepEqual(routeOf(expiring), { exchange: 'events', key: 'certificate.expiring' });
  assert.equal(hasSubscriber(expiring), false);
});

test('an event that nobody subscribes to is not written to an outbox, and one bound by pattern is', () => {
  const event = message('document.authorized');
  assert.equal(hasSubscriber(event), false);
  assert.equal(hasSubscriber(event, [{ name: 'webhook', bindings: [{ exchange: 'events', pattern: 'document.#' }] }]), true);
  assert.equal(hasSubscriber(event, [{ name: 'webhook', bindings: [{ exchange: 'commands', pattern: '#' }] }]), false);
});

test('only catalogued types are message types', () => {
  assert.equal(isMessageType('document.emit'), true);
  assert.equal(isMessageType('toString'), false);
});
