import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Retorno } from '../retorno/read-retorno.ts';
import { decide } from './lifecycle.ts';
import { acceptsNewContent, type Fact, type Lifecycle, type NewAttempt, type SignedContent } from './lifecycle-state.ts';

const T0 = new Date('2026-11-21T12:00:00Z');
const at = (seconds: number) => new Date(T0.getTime() + seconds * 1000);
const CHAVE = '35261111222333000181550010000000011123456780';
const content: SignedContent = { tpEmis: '1', autorizador: 'SP', cNF: '12345678', chave: CHAVE, digest: 'd1', conteudo: 'c1' };
const received: Lifecycle = {
  state: 'received',
  attempts: [],
  faults: [],
  avisos: [],
  rodadas: [],
  consultas: 0,
  nextAt: at(120),
  nextAction: 'document.emit',
};

const attempt = (kind: NewAttempt['kind'], seconds: number): NewAttempt => ({
  kind,
  autorizador: 'SP',
  service: kind === 'authorize' ? 'NFeAutorizacao4' : 'NFeConsultaProtocolo4',
  until: at(seconds + 55),
  trace: 't',
});
const apply = (before: Lifecycle, fact: Fact, seconds: number) => {
  const decision = decide(before, fact, at(seconds));
  return { after: { ...before, ...decision.change }, ...decision };
};
const signedAt = (seconds: number, before = received) =>
  apply(before, { kind: 'signed', content, attempt: attempt('authorize', seconds) }, seconds).after;
const openedAt = (before: Lifecycle, kind: NewAttempt['kind'], seconds: number) =>
  apply(before, { kind: 'opened', attempt: attempt(kind, seconds) }, seconds).after;
const said = (cStat: string, klass: string, protocolo?: Partial<{ chave: string; digVal: string }>): Retorno =>
  ({
    kind: 'document',
    class: klass,
    cStat,
    xMotivo: `motivo ${cStat}`,
    service: { cStat: '104', xMotivo: '' },
    ...(protocolo
      ? { protocolo: { xml: '<protNFe/>', chave: CHAVE, cStat, xMotivo: '', nProt: '1', digVal: 'd1', alertas: [], ...protocolo } }
      : {}),
  }) as Retorno;
const answered = (n: number, retorno: Retorno): Fact => ({ kind: 'answered', n, retorno, durationMs: 5 });
const failed = (n: number, failure: 'not-sent' | 'unknown' | 'permanent', retryAfterMs?: number): Fact => ({
  kind: 'failed',
  n,
  failure,
  reason: 'reset',
  durationMs: 5,
  ...(retryAfterMs ? { retryAfterMs } : {}),
});

test('a received document is prepared, and its transmission is stored open before the call', () => {
  assert.deepEqual(decide(received, { kind: 'due' }, T0), { action: { do: 'prepare' } });
  const after = signedAt(0);
  assert.equal(after.state, 'signed');
  assert.equal(after.attempts[0]?.result, 'open');
  assert.deepEqual(after.nextAt, at(55));
});

test('an authorisation about our key and digest settles the document and nothing wakes it again', () => {
  const { after, event } = apply(signedAt(0), answered(1, said('100', 'authorized', {})), 1);
  assert.equal(after.state, 'authorized');
  assert.equal(event, 'document.authorized');
  assert.equal(after.nextAt, undefined);
  assert.equal(after.retorno?.protocolo, '<protNFe/>');
  assert.deepEqual(decide(after, { kind: 'due' }, at(9999)).action, { do: 'nothing' });
});

test('a protocolo with another digest or another key is a conflict and is never adopted', () => {
  for (const other of [{ digVal: 'd2' }, { chave: CHAVE.replace(/^35/, '33') }]) {
    const { after } = apply(signedAt(0), answered(1, said('100', 'authorized', other)), 1);
    assert.equal(after.state, 'conflict');
  }
});

test('a redelivery beside an open attempt waits and does nothing else', () => {
  const open = signedAt(0);
  assert.deepEqual(decide(open, { kind: 'due' }, at(54)), { action: { do: 'wait', until: at(55) } });
});

test('an attempt whose worker is gone is taken over by a consult, never by a transmission', () => {
  const { after, action } = apply(signedAt(0), { kind: 'due' }, 56);
  assert.equal(after.state, 'uncertain');
  assert.equal(after.attempts[0]?.result, 'unknown');
  assert.deepEqual(action, { do: 'consult' });
});

test('a second attempt cannot be opened beside the first', () => {
  assert.throws(() => openedAt(signedAt(0), 'consult', 1), /already open/);
});

test('a lost answer is followed by a consult at once, then after 15 s, 1 min, 5 min and 15 min', () => {
  let { after, action } = apply(signedAt(0), failed(1, 'unknown'), 0);
  assert.deepEqual(action, { do: 'consult' });
  let now = 0;
  for (const [index, wait] of [15, 60, 300, 900, 900].entries()) {
    after = openedAt(after, 'consult', now);
    ({ after, action } = apply(after, failed(index + 2, 'unknown'), now));
    assert.deepEqual(action, { do: 'wait', until: at(now + wait) }, `after consult ${index + 1}`);
    assert.deepEqual(decide(after, { kind: 'due' }, at(now + wait - 1)).action, { do: 'wait', until: at(now + wait) });
    now += wait;
  }
  assert.equal(after.state, 'uncertain');
});

test('what the consult finds with our digest is adopted, without a digest it is asked again, with another it is a conflict', () => {
  const consulting = openedAt(apply(signedAt(0), failed(1, 'unknown'), 0).after, 'consult', 0);
  assert.equal(apply(consulting, answered(2, said('100', 'authorized', {})), 1).after.state, 'authorized');
  assert.equal(apply(consulting, answered(2, said('101', 'cancelled', {})), 1).after.state, 'cancelled');
  assert.equal(apply(consulting, answered(2, said('100', 'authorized', { digVal: undefined })), 1).after.state, 'uncertain');
  assert.equal(apply(consulting, answered(2, said('100', 'authorized', { digVal: 'd2' })), 1).after.state, 'conflict');
  assert.equal(apply(consulting, answered(2, said('562', 'duplicate')), 1).after.state, 'conflict');
});

test('an absence is believed only 15 s after the transmission, and then the same bytes are sent again', () => {
  const lost = apply(signedAt(0), failed(1, 'unknown'), 0).after;
  const early = apply(openedAt(lost, 'consult', 0), answered(2, said('217', 'not-found')), 1);
  assert.equal(early.after.state, 'uncertain');
  assert.equal(early.action.do, 'wait');
  const late = apply(openedAt(early.after, 'consult', 16), answered(3, said('217', 'not-found')), 17);
  assert.deepEqual(late.action, { do: 'send' });
  assert.equal(late.after.digest, 'd1');
  assert.equal(late.after.conteudo, 'c1');
});

test('204 on the resend leads to a consult, 539 stops with a conflict', () => {
  assert.deepEqual(apply(signedAt(0), answered(1, said('204', 'duplicate')), 1).action, { do: 'consult' });
  const other = apply(signedAt(0), answered(1, said('539', 'duplicate')), 1);
  assert.equal(other.after.state, 'conflict');
  assert.equal(other.event, 'document.conflicted');
});

test('999, an unknown code, a code of another service and an unreadable answer are never a rejection', () => {
  const answers: Retorno[] = [
    said('999', 'internal'),
    said('8888', 'unknown'),
    said('128', 'processed'),
    { kind: 'unreadable', reason: 'HTML' },
  ];
  for (const retorno of answers) assert.equal(apply(signedAt(0), answered(1, retorno), 1).after.state, 'uncertain');
});

test('a known rejection frees the number for other content, a duplicate or a denial does not', () => {
  const rejected = apply(signedAt(0), answered(1, said('703', 'rejected')), 1).after;
  assert.equal(rejected.state, 'rejected');
  assert.equal(acceptsNewContent(rejected), true);
  const voided = apply(signedAt(0), answered(1, said('206', 'duplicate')), 1).after;
  assert.equal(voided.state, 'rejected');
  assert.equal(acceptsNewContent(voided), false);
  assert.equal(acceptsNewContent(apply(signedAt(0), answered(1, said('301', 'denied', {})), 1).after), false);
  assert.equal(acceptsNewContent(signedAt(0)), false);
});

test('what provably did not leave is sent again at once, then after 5 s, 30 s, 2 min', () => {
  let { after, action } = apply(signedAt(0), failed(1, 'not-sent'), 0);
  assert.deepEqual(action, { do: 'send' });
  for (const [index, wait] of [5, 30, 120].entries()) {
    after = openedAt(after, 'authorize', 0);
    ({ after, action } = apply(after, failed(index + 2, 'not-sent'), 0));
    assert.deepEqual(action, { do: 'wait', until: at(wait) });
    assert.equal(after.state, 'signed');
  }
});

test('an open breaker says itself when to come back', () => {
  const { action } = apply(signedAt(0), failed(1, 'not-sent', 30_000), 0);
  assert.deepEqual(action, { do: 'wait', until: at(30) });
});

test('abusive use rests over an hour, a paused service half a minute, and both keep the number and the bytes', () => {
  const throttled = apply(signedAt(0), answered(1, said('656', 'throttled')), 0);
  assert.deepEqual(throttled.action, { do: 'wait', until: at(61 * 60) });
  assert.deepEqual(decide(throttled.after, { kind: 'due' }, at(3600)).action, { do: 'wait', until: at(61 * 60) });
  assert.deepEqual(decide(throttled.after, { kind: 'due' }, at(3661)).action, { do: 'send' });
  const paused = apply(signedAt(0), answered(1, said('108', 'unavailable')), 0);
  assert.deepEqual(paused.action, { do: 'wait', until: at(30) });
  assert.equal(paused.after.state, 'signed');
});

test('a perishable note that was never sent in time ends rejected with its number free; one that may be there is only consulted', () => {
  const perishable = { ...received, enviarAte: at(300) };
  const never = apply(signedAt(0, perishable), failed(1, 'not-sent', 400_000), 0).after;
  const expired = apply(never, { kind: 'due' }, 401);
  assert.equal(expired.after.state, 'rejected');
  assert.equal(expired.after.faults[0]?.code, 'nfce-expirada');
  assert.equal(acceptsNewContent(expired.after), true);
  const lost = apply(signedAt(0, perishable), failed(1, 'unknown'), 0).after;
  const absent = apply(openedAt(lost, 'consult', 400), answered(2, said('217', 'not-found')), 401);
  assert.equal(absent.after.state, 'uncertain');
  assert.notEqual(absent.action.do, 'send');
});

test('a late refusal of an earlier transmission does not settle a later one, a late authorisation does', () => {
  const lost = apply(signedAt(0), { kind: 'due' }, 56).after;
  const absent = apply(openedAt(lost, 'consult', 80), answered(2, said('217', 'not-found')), 81).after;
  const resent = openedAt(absent, 'authorize', 82);
  const refused = apply(resent, answered(1, said('703', 'rejected')), 83).after;
  assert.equal(refused.state, 'uncertain');
  assert.deepEqual(refused.nextAt, at(82 + 55));
  assert.equal(apply(resent, answered(1, said('100', 'authorized', {})), 83).after.state, 'authorized');
});

test('a fault found before sending settles the document without an attempt', () => {
  const faults = [{ code: 'XSD-PATTERN', path: 'NFe', message: 'x' }];
  const { after, event } = apply(received, { kind: 'refused', as: 'invalid', faults }, 1);
  assert.equal(after.state, 'invalid');
  assert.deepEqual(after.attempts, []);
  assert.equal(event, 'document.invalid');
  assert.equal(acceptsNewContent(after), true);
});

test('an answer that comes after its round has ended touches nothing of the next round', () => {
  const first = signedAt(0);
  const second: Lifecycle = { ...received, rodadas: [{ attempts: first.attempts, chave: CHAVE, digest: 'd1', conteudo: 'c1' }] };
  const open = signedAt(100, second);
  assert.equal(open.attempts[0]?.n, 2);
  assert.deepEqual(decide(open, answered(1, said('610', 'rejected')), at(101)), { action: { do: 'nothing' } });
  assert.deepEqual(decide(open, failed(1, 'unknown'), at(101)), { action: { do: 'nothing' } });
});

test('a refusal concluded before somebody else opened an attempt does not settle the document', () => {
  const refused: Fact = { kind: 'refused', as: 'invalid', faults: [] };
  assert.deepEqual(decide(signedAt(0), refused, at(1)), { action: { do: 'wait', until: at(55) } });
});

test('539 names another key: it is consulted, adopted when it is ours of an earlier round, and a conflict otherwise', () => {
  const other = CHAVE.replace('12345678', '87654321');
  const named = { ...said('539', 'duplicate'), chaveNoMotivo: other } as Retorno;
  const rodadas = [{ attempts: [], chave: other, digest: 'd0', conteudo: 'c0' }];
  const asked = apply(signedAt(0, { ...received, rodadas }), answered(1, named), 1);
  assert.equal(asked.after.outraChave, other);
  assert.deepEqual(asked.action, { do: 'consult' });
  const consulting = openedAt(asked.after, 'consult', 1);
  const ours = apply(consulting, answered(2, said('100', 'authorized', { chave: other, digVal: 'd0' })), 2).after;
  assert.deepEqual([ours.state, ours.chave, ours.digest, ours.conteudo], ['authorized', other, 'd0', 'c0']);
  const foreign = apply(consulting, answered(2, said('100', 'authorized', { chave: other, digVal: 'dx' })), 2).after;
  assert.equal(foreign.state, 'conflict');
  assert.deepEqual(foreign.conflito, { chave: other, cStat: '100', nProt: '1', digVal: 'dx' });
  assert.equal(foreign.chave, CHAVE, 'our own key stays what it was');
});
