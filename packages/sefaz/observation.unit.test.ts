import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { AnyEnvelope } from '@malote/messages/envelope';
import type { SefazCallPayload } from '@malote/messages/types';
import { systemClock } from '@malote/runtime/clock';
import { endOfAnswer, endOfFailure } from './call-end.ts';
import { NotSent, OutcomeUnknown, Permanent } from './failure.ts';
import { DURATION_STEPS, type SefazCall, startObservation, stepOf } from './observation.ts';

const AT = new Date('2026-11-22T10:00:00.700Z');

function observed(t: TestContext) {
  const published: SefazCallPayload[] = [];
  const publish = async (message: AnyEnvelope) => {
    assert.equal(message.type, 'sefaz.call');
    published.push(message.payload as SefazCallPayload);
    throw new Error('no broker');
  };
  const observation = startObservation({ clock: { ...systemClock, now: () => AT }, publish, everyMs: 3_600_000 });
  t.after(() => observation.stop());
  return { observation, published };
}

const call = (over: Partial<SefazCall> = {}): SefazCall => ({
  ...{ autorizador: 'SP', modelo: '55', service: 'NFeAutorizacao4', ambiente: '2', about: { documento: 'a', uf: 'SP' } },
  ...{ end: { cStat: '100' }, durationMs: 42, ...over },
});

test('what a second brought is published once, by UF and by service, and a broker that is away disturbs nobody', (t) => {
  const { observation, published } = observed(t);
  observation.onCall(call());
  observation.onCall(call({ durationMs: 43 }));
  observation.onCall(call({ end: { failed: 'transport' }, reason: 'sem-resposta', about: { documento: 'b', uf: 'SP' } }));
  observation.onCall(call({ end: { failed: 'local' }, reason: 'host-nao-encontrado', about: { documento: 'c', uf: 'SP' } }));
  observation.onCall(call({ end: { cStat: '108' }, about: { documento: 'd', uf: 'SP' } }));
  observation.onCall(call({ autorizador: 'SVRS', about: { documento: 'e', uf: 'SC' } }));
  observation.onCall(call({ autorizador: 'SVRS', about: { documento: 'f', uf: 'RJ' } }));
  observation.onCall(call({ service: 'NFeStatusServico4', about: undefined, end: { cStat: '107' } }));
  observation.flush();
  observation.flush();
  const [seen, ...more] = published;
  assert.ok(seen);
  assert.equal(more.length, 0);
  assert.equal(seen.at, '2026-11-22T10:00:00.000Z');
  const none = { answered: 1, failures: 0, local: 0, paused: 0, documents: [] };
  assert.deepEqual(seen.calls, [
    {
      ...{ autorizador: 'SP', modelo: '55', uf: 'SP', ambiente: 'hom' },
      ...{ answered: 2, failures: 1, local: 1, paused: 1, documents: ['b', 'c', 'd'] },
    },
    { autorizador: 'SVRS', modelo: '55', uf: 'SC', ambiente: 'hom', ...none },
    { autorizador: 'SVRS', modelo: '55', uf: 'RJ', ambiente: 'hom', ...none },
  ]);
  const services = seen.services.map(({ autorizador, service, durations, failures }) => [autorizador, service, durations, failures]);
  assert.deepEqual(services, [
    ['SP', 'NFeAutorizacao4', [[stepOf(42), 3]], 3],
    ['SVRS', 'NFeAutorizacao4', [[stepOf(42), 2]], 0],
    ['SP', 'NFeStatusServico4', [[stepOf(42), 1]], 0],
  ]);
  assert.deepEqual(seen.services[0]?.lastFailure, { reason: '108', at: AT.toISOString() });
});

test('a circuit that opens is told at once, and the service says so from then on until it closes', (t) => {
  const { observation, published } = observed(t);
  const circuit = { autorizador: 'SP', service: 'NFeAutorizacao4', ambiente: '2' } as const;
  observation.onBreaker({ ...circuit, state: 'open' });
  assert.deepEqual(published[0]?.opened, [{ autorizador: 'SP', service: 'NFeAutorizacao4', ambiente: 'hom' }]);
  observation.onCall(call({ end: { failed: 'transport' } }));
  observation.flush();
  assert.equal(published[1]?.services[0]?.circuit, 'open');
  observation.onBreaker({ ...circuit, state: 'closed' });
  observation.onCall(call());
  observation.flush();
  assert.deepEqual([published[2]?.services[0]?.circuit, published[2]?.opened], ['closed', []]);
});

test('an hour of one document after the other names no more documents than any threshold asks for', (t) => {
  const { observation, published } = observed(t);
  for (let n = 0; n < 1_000; n++) observation.onCall(call({ end: { failed: 'transport' }, about: { documento: `d${n}`, uf: 'SP' } }));
  observation.flush();
  assert.deepEqual([published[0]?.calls[0]?.failures, published[0]?.calls[0]?.documents.length], [1_000, 50]);
});

test('times are rounded up to forty steps', () => {
  assert.equal(DURATION_STEPS.length, 40);
  assert.deepEqual([stepOf(0), stepOf(10), stepOf(11), stepOf(10_000_000)], [10, 10, 13, DURATION_STEPS.at(-1)]);
});

test('what the end of a call says of the authoriser', () => {
  const cases = [
    [new OutcomeUnknown('sem-resposta'), 'transport'],
    [new NotSent('conexao-recusada', { detail: 'ECONNREFUSED' }), 'transport'],
    [new OutcomeUnknown('http-inesperado', { detail: 'HTTP 503' }), 'transport'],
    [new OutcomeUnknown('http-inesperado', { detail: 'HTTP 404' }), 'refused'],
    [new Permanent('http-403'), 'refused'],
    [new NotSent('certificado-recusado'), 'refused'],
    [new NotSent('host-nao-encontrado', { detail: 'ENOTFOUND' }), 'local'],
    [new NotSent('conexao-interrompida', { detail: 'ENETUNREACH' }), 'local'],
    [new NotSent('circuito-aberto'), undefined],
    [new NotSent('prazo-de-envio'), undefined],
    [new NotSent('simulacao'), undefined],
    [new OutcomeUnknown('cancelada'), undefined],
  ] as const;
  for (const [failure, failed] of cases) assert.deepEqual(endOfFailure(failure), failed && { failed }, failure.reason);
  assert.deepEqual(endOfAnswer({ kind: 'unreadable', reason: 'HTML' }), { failed: 'transport' });
  assert.deepEqual(endOfAnswer({ kind: 'status', class: 'unavailable', cStat: '108', xMotivo: 'x' }), { cStat: '108' });
});
