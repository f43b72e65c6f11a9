import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '@malote/testkit/eventually';
import { type Breaker, createBreaker, Unavailable } from './breaker.ts';
import { type Failure, NotSent, OutcomeUnknown, Permanent } from './failure.ts';

const clock = { monotonic: () => performance.now() };
const settings = { failures: 10, windowMs: 60_000, resetMs: 60_000 };

const failing = (breaker: Breaker, failure: Error) => breaker.run(() => Promise.reject(failure)).catch((error: Failure) => error);

test('the kinds of failure that open a circuit, and those that do not', async (t) => {
  const cases: [string, Error, boolean][] = [
    ['connection refused', new NotSent('conexao-recusada'), true],
    ['no answer', new OutcomeUnknown('sem-resposta'), true],
    ['HTTP 500', new OutcomeUnknown('http-inesperado'), true],
    ['an answer of 108', new Unavailable('108'), true],
    ['client certificate refused', new NotSent('certificado-recusado'), false],
    ['untrusted server', new NotSent('certificado-do-servidor'), false],
    ['HTTP 403', new Permanent('http-403'), false],
    ['cancelled', new OutcomeUnknown('cancelada'), false],
    ['a bug', new TypeError('x is undefined'), false],
  ];
  for (const [name, failure, opens] of cases) {
    const breaker = createBreaker(settings, clock);
    t.after(() => breaker.close());
    for (let n = 0; n < 20; n++) await failing(breaker, failure);
    assert.equal(breaker.state(), opens ? 'open' : 'closed', name);
  }
});

test('fewer than ten failures, or failures among as many successes, leave it closed', async (t) => {
  const few = createBreaker({ ...settings, failures: 3 }, clock);
  const mixed = createBreaker(settings, clock);
  t.after(() => {
    few.close();
    mixed.close();
  });
  for (let n = 0; n < 9; n++) await failing(few, new OutcomeUnknown('sem-resposta'));
  assert.equal(few.state(), 'closed');
  for (let n = 0; n < 40; n++) {
    await mixed.run(async () => 'ok');
    await failing(mixed, new OutcomeUnknown('sem-resposta'));
  }
  assert.equal(mixed.state(), 'closed');
});

test('open, it calls nothing and says when to come back; an Unavailable answer is given to its caller before', async (t) => {
  const breaker = createBreaker(settings, clock);
  t.after(() => breaker.close());
  for (let n = 0; n < 10; n++) {
    const answer = await breaker.run<string>(() => Promise.reject(new Unavailable('108')));
    assert.equal(answer, '108');
  }
  let called = false;
  const refused = breaker.run(async () => {
    called = true;
  });
  await assert.rejects(
    refused,
    (error) => error instanceof NotSent && error.reason === 'circuito-aberto' && (error.retryAfterMs ?? 0) > 59_000,
  );
  assert.equal(called, false);
});

test('a slow call is neither timed out nor cut short when its neighbours fail and open the circuit', async (t) => {
  const breaker = createBreaker(settings, clock);
  t.after(() => breaker.close());
  let release: (value: string) => void = () => {};
  const slow = breaker.run(
    () =>
      new Promise<string>((resolve) => {
        release = resolve;
      }),
  );
  for (let n = 0; n < 15; n++) await failing(breaker, new OutcomeUnknown('sem-resposta'));
  assert.equal(breaker.state(), 'open');
  release('answer');
  assert.equal(await slow, 'answer');
  assert.equal(breaker.state(), 'open');
});

test('after its time one call is let through: a failure opens it again, a success closes it', async (t) => {
  const states: string[] = [];
  const breaker = createBreaker({ ...settings, resetMs: 60 }, clock, (state) => states.push(state));
  t.after(() => breaker.close());
  for (let n = 0; n < 10; n++) await failing(breaker, new OutcomeUnknown('sem-resposta'));
  await eventually(() => breaker.state() === 'half-open', { everyMs: 5 });
  await failing(breaker, new OutcomeUnknown('sem-resposta'));
  assert.equal(breaker.state(), 'open');
  await eventually(() => breaker.state() === 'half-open', { everyMs: 5 });

  let release: () => void = () => {};
  const trial = breaker.run(
    () =>
      new Promise<void>((resolve) => {
        release = resolve;
      }),
  );
  const other = await failing(breaker, new OutcomeUnknown('sem-resposta'));
  assert.ok(other instanceof NotSent && other.reason === 'circuito-aberto');
  release();
  await trial;
  assert.deepEqual(states, ['open', 'half-open', 'open', 'half-open', 'closed']);
});
