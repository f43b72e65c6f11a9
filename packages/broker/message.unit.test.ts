import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Message } from 'amqplib';
import { decode, headerText, isUndecodable, propertiesAgain, readTryCount } from './message.ts';

const BODY = {
  id: 'm1',
  type: 'document.emit',
  version: 1,
  at: '2026-01-02T03:04:05.000Z',
  correlationId: 'doc',
  traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  payload: { documentId: 'doc' },
};

const bytes = (body: unknown) => Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
const message = (headers: Record<string, unknown>) => ({ properties: { type: 'document.emit', headers } }) as unknown as Message;

test('what is no envelope is malformed, an unknown type and a newer version are told apart', () => {
  const kinds = ['', '{', 'null', '[]', '{}', { ...BODY, payload: null }, { ...BODY, id: 1 }, { ...BODY, version: '1' }].map((body) => {
    const decoded = decode(bytes(body));
    return isUndecodable(decoded) ? decoded.kind : 'ok';
  });
  assert.deepEqual(new Set(kinds), new Set(['malformed']));
  assert.deepEqual(decode(bytes({ ...BODY, type: 'document.fold' })), {
    kind: 'unknown-type',
    reason: 'unknown message type document.fold',
  });
  assert.equal((decode(bytes({ ...BODY, version: 2 })) as { kind?: string }).kind, 'newer-version');
  assert.equal((decode(bytes({ ...BODY, version: -1 })) as { kind?: string }).kind, 'older-version');
  assert.deepEqual(decode(bytes(BODY)), BODY);
});

test('the try count of a message without or with damaged headers is the first', () => {
  assert.deepEqual(readTryCount(message({})), { attempt: 1, firstAt: undefined });
  assert.deepEqual(readTryCount(message({ 'x-attempt': 'many', 'x-first-at': 'once' })), { attempt: 1, firstAt: undefined });
  assert.deepEqual(readTryCount(message({ 'x-attempt': 7, 'x-first-at': '2026-01-02T03:04:05.000Z' })), {
    attempt: 7,
    firstAt: new Date('2026-01-02T03:04:05.000Z'),
  });
});

test("a message published again keeps its own headers and loses RabbitMQ's", () => {
  const again = propertiesAgain(message({ traceparent: 'tp', 'x-death': [{ count: 9 }], 'x-delivery-count': 2, 'x-attempt': 1 }), 'm1', {
    'x-attempt': 2,
    'x-stack': undefined,
  });
  assert.deepEqual(again, { type: 'document.emit', messageId: 'm1', headers: { traceparent: 'tp', 'x-attempt': 2 } });
});

test('a long reason is cut', () => {
  assert.equal(headerText('a'.repeat(9000)).length, 4001);
});
