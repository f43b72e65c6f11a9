import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Retorno } from '../retorno/read-retorno.ts';
import { decide } from './lifecycle.ts';
import {
  acceptsNewContent,
  type Decision,
  type Fact,
  isSettled,
  type Lifecycle,
  openAttempt,
  type SignedContent,
} from './lifecycle-state.ts';

const T0 = new Date('2026-11-21T12:00:00Z');
const at = (ms: number) => new Date(T0.getTime() + ms);
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DEADLINE = 5 * MINUTE;
const CHAVE = '35261111222333000181650010000000011123456780';
const content: SignedContent = { tpEmis: '1', autorizador: 'SP', cNF: '12345678', chave: CHAVE, digest: 'd1', conteudo: 'c1' };
const received = {
  ...{ state: 'received', attempts: [], faults: [], avisos: [], rodadas: [], consultas: 0 },
  ...{ nextAt: at(2 * MINUTE), nextAction: 'document.emit', enviarAte: at(DEADLINE) },
} as Lifecycle;

/** A worker and a SEFAZ on a clock that only the test moves: every step of the real one, without its I/O. */
class Worker {
  document = received;
  now: number;
  /** What the authoriser does with the calls, in order; the last for all that follow. */
  #script: (call: 'authorize' | 'consult') => Reply;
  constructor(now: number, script: (call: 'authorize' | 'consult') => Reply) {
    this.now = now;
    this.#script = script;
  }

  /** One message about the document, as the clockwork or the broker brings it. */
  handle(): void {
    let { action } = this.#apply({ kind: 'due' });
    for (let step = 0; action.do !== 'nothing' && action.do !== 'wait'; step++) {
      assert.ok(step < 50, 'a run ends');
      const kind = action.do === 'consult' ? 'consult' : 'authorize';
      const attempt = { kind, autorizador: 'SP', service: 'x', until: at(this.now + 55 * SECOND), trace: 't' } as const;
      // Preparing takes its time: the deadline may pass in it.
      if (action.do === 'prepare') this.now += 2 * SECOND;
      const opened = this.#apply(action.do === 'prepare' ? { kind: 'signed', content, attempt } : { kind: 'opened', attempt });
      const open = openAttempt(this.document);
      if (!open) {
        action = opened.action;
        continue;
      }
      const reply = this.#script(kind);
      this.now += reply.after;
      // The process died: its attempt stays open.
      if (reply.fact === 'died') return;
      action = this.#apply({ ...reply.fact, n: open.n, durationMs: reply.after } as Fact).action;
    }
  }

  /** Lets time pass until the document wants to be looked at, and looks. */
  next(): void {
    const { nextAt } = this.document;
    assert.ok(nextAt, `${this.document.state} without nextAt`);
    this.now = Math.max(this.now, nextAt.getTime() - T0.getTime());
    this.handle();
  }

  get transmissions(): number[] {
    return this.document.attempts.filter(({ kind }) => kind === 'authorize').map(({ sentAt }) => sentAt.getTime() - T0.getTime());
  }

  #apply(fact: Fact): Decision {
    const decision = decide(this.document, fact, at(this.now));
    this.document = { ...this.document, ...decision.change };
    return decision;
  }
}

interface Reply {
  after: number;
  fact:
    | 'died'
    | { kind: 'failed'; failure: 'not-sent' | 'unknown' | 'permanent'; reason: string; retryAfterMs?: number }
    | { kind: 'answered'; retorno: Retorno };
}

const said = (cStat: string, klass: string): Reply['fact'] => ({
  kind: 'answered',
  retorno: { kind: 'document', class: klass, cStat, xMotivo: '', service: { cStat: '104', xMotivo: '' } } as Retorno,
});
const failed = (failure: 'not-sent' | 'unknown' | 'permanent', retryAfterMs?: number): Reply['fact'] => ({
  ...{ kind: 'failed', failure, reason: 'x' },
  ...(retryAfterMs ? { retryAfterMs } : {}),
});
const ABSENT = said('217', 'not-found');
const expired = ({ document }: Worker) => document.state === 'rejected' && document.faults[0]?.code === 'nfce-expirada';

test('a note that is too old when it is first looked at is prepared, since it may still go off line, and not sent', () => {
  const worker = new Worker(DEADLINE + 1, () => assert.fail('no call is made'));
  assert.deepEqual(decide(received, { kind: 'due' }, at(worker.now)).action, { do: 'prepare' });
  worker.handle();
  assert.ok(expired(worker));
  assert.deepEqual(worker.document.attempts, []);
  assert.equal(worker.document.chave, undefined);
  assert.equal(acceptsNewContent(worker.document), true);
});

test('a note whose moment passes while it is prepared is not sent', () => {
  const worker = new Worker(DEADLINE - SECOND, () => assert.fail('no call is made'));
  worker.handle();
  assert.ok(expired(worker));
  assert.deepEqual(worker.document.attempts, []);
});

test('at the very last moment it is sent', () => {
  const worker = new Worker(DEADLINE - 2 * SECOND, () => ({ after: SECOND, fact: said('703', 'rejected') }));
  worker.handle();
  assert.deepEqual(worker.transmissions, [DEADLINE]);
});

test('a longer wait than the deadline leaves (open circuit, abusive use, pause) ends at the deadline, when nothing can be there', () => {
  for (const fact of [failed('not-sent', 20 * MINUTE), failed('permanent'), said('656', 'throttled')]) {
    const worker = new Worker(0, () => ({ after: SECOND, fact }));
    worker.handle();
    assert.deepEqual(worker.document.nextAt, at(DEADLINE + 1));
    worker.next();
    assert.ok(expired(worker), JSON.stringify(fact));
    assert.equal(worker.transmissions.length, 1);
  }
});

test('an unknown fate past the deadline is consulted only, and given up after an hour and two believed absences', () => {
  const worker = new Worker(0, (call) => ({ after: SECOND, fact: call === 'authorize' ? failed('unknown') : said('999', 'internal') }));
  worker.handle();
  while (worker.now <= DEADLINE) worker.next();
  const absent = new Worker(worker.now, () => ({ after: SECOND, fact: ABSENT }));
  absent.document = worker.document;
  while (!isSettled(absent.document.state)) absent.next();
  assert.ok(expired(absent));
  assert.match(String(absent.document.faults[0]?.message), /sem resposta/);
  assert.equal(absent.transmissions.length, 1);
  assert.ok(absent.now - Number(absent.transmissions[0]) >= HOUR);
  assert.equal(acceptsNewContent(absent.document), true);
});

test('an absence that is answered only after the hour has to be answered twice', () => {
  let consults = 0;
  const worker = new Worker(0, (call) => {
    if (call === 'authorize') return { after: SECOND, fact: failed('unknown') };
    consults++;
    return { after: SECOND, fact: worker.now < HOUR + MINUTE ? failed('not-sent') : ABSENT };
  });
  worker.handle();
  while (worker.document.attempts.every(({ cStat }) => cStat !== '217')) worker.next();
  assert.equal(worker.document.state, 'uncertain');
  worker.next();
  assert.ok(expired(worker));
  assert.ok(consults > 5);
});

test('a key that SEFAZ once said to have is never given up', () => {
  const worker = new Worker(0, (call) => ({ after: SECOND, fact: call === 'authorize' ? said('204', 'duplicate') : ABSENT }));
  worker.handle();
  while (worker.now < 5 * HOUR) worker.next();
  assert.equal(worker.document.state, 'uncertain');
  assert.equal(worker.transmissions.filter((sentAt) => sentAt > DEADLINE).length, 0);
});

test('found after all, it is adopted however late', () => {
  const worker = new Worker(0, (call) => ({
    after: SECOND,
    fact:
      call === 'authorize'
        ? failed('unknown')
        : worker.now < 30 * MINUTE
          ? said('999', 'internal')
          : ({
              kind: 'answered',
              retorno: {
                ...{ kind: 'document', class: 'authorized', cStat: '150', xMotivo: '', service: { cStat: '100', xMotivo: '' } },
                protocolo: { xml: '<protNFe/>', chave: CHAVE, cStat: '150', xMotivo: '', nProt: '1', digVal: 'd1', alertas: [] },
              } as Retorno,
            } as const),
  }));
  worker.handle();
  while (!isSettled(worker.document.state)) worker.next();
  assert.equal(worker.document.state, 'authorized');
});

const reply: fc.Arbitrary<Reply> = fc.record({
  after: fc.integer({ min: 0, max: 50 * SECOND }),
  fact: fc.oneof(
    fc.constant('died' as const),
    fc.constantFrom(failed('not-sent'), failed('not-sent', 40 * SECOND), failed('unknown'), failed('permanent')),
    fc.constantFrom(ABSENT, said('999', 'internal'), said('108', 'unavailable'), said('656', 'throttled')),
  ),
});

test('whatever happens, nothing is sent past the deadline, and a number is given up only when nothing can arrive any more', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 6 * MINUTE }), fc.array(reply, { maxLength: 40 }), (begin, replies) => {
      const script = [...replies];
      // What was sent may be anywhere until an answer says otherwise.
      const worker = new Worker(begin, () => script.shift() ?? { after: SECOND, fact: ABSENT });
      worker.handle();
      for (let step = 0; !isSettled(worker.document.state); step++) {
        assert.ok(step < 200, 'it ends');
        worker.next();
      }
      assert.ok(worker.transmissions.every((sentAt) => sentAt <= DEADLINE));
      assert.ok(expired(worker), worker.document.state);
      const doubtful = worker.document.attempts.filter(
        ({ kind, result, cStat }) =>
          kind === 'authorize' && (result === 'unknown' || (result === 'answered' && !['108', '656'].includes(cStat ?? ''))),
      );
      if (doubtful.length === 0) return;
      const last = Number(worker.transmissions.at(-1));
      assert.ok(worker.now - last >= HOUR, `${worker.now - last} ms after the last transmission`);
      const absences = worker.document.attempts.filter(
        ({ kind, cStat, sentAt }) => kind === 'consult' && cStat === '217' && sentAt > at(last),
      );
      assert.ok(absences.length >= 2);
    }),
    { numRuns: 3_000 },
  );
});
