import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EPEC_TRAITS } from '../contingencia/epec.ts';
import type { CStatClass } from '../retorno/c-stat.ts';
import { DUPLICATE_CONSULTS, decideRegistro } from './lifecycle.ts';
import type { RegistroFact, RegistroLifecycle, RegistroRetorno, RegistroTraits } from './registro-state.ts';

const EVENTO: RegistroTraits = { canConsult: true, hasEffect: true };
const CORRECAO: RegistroTraits = { canConsult: true, hasEffect: false };
const INUTILIZACAO: RegistroTraits = { canConsult: false, hasEffect: false };
const AUTOR = '11222333000181';
const at = (s: number) => new Date(Date.parse('2026-11-21T12:00:00Z') + s * 1000);

const fresh: RegistroLifecycle = {
  ...{ state: 'received', attempts: [], faults: [], avisos: [], rodadas: [], consultas: 0, autor: AUTOR, nextAt: at(120) },
};
const attempt = (kind: 'register' | 'consult', s: number) =>
  ({ kind, autorizador: 'SP', service: kind, until: at(s + 55), trace: '' }) as const;
const said = (cStat: string, klass: CStatClass, more: object = {}): RegistroRetorno => ({
  ...{ kind: 'said', class: klass, cStat, xMotivo: cStat },
  ...more,
});
const found = (more: object = {}): RegistroRetorno => ({
  kind: 'found',
  cStat: '135',
  xMotivo: 'x',
  nProt: '7',
  digest: 'd1',
  autor: AUTOR,
  ...more,
});

function apply(stored: RegistroLifecycle, fact: RegistroFact, s: number, traits = EVENTO) {
  const { change, ...rest } = decideRegistro(stored, fact, at(s), traits);
  return { after: { ...stored, ...change }, ...rest };
}
const signed = (s = 0) =>
  apply(fresh, { kind: 'signed', content: { autorizador: 'SP', digest: 'd1', conteudo: 'c1' }, attempt: attempt('register', s) }, s).after;
const opened = (stored: RegistroLifecycle, kind: 'register' | 'consult', s: number, traits = EVENTO) =>
  apply(stored, { kind: 'opened', attempt: attempt(kind, s) }, s, traits).after;
const answered = (n: number, retorno: RegistroRetorno, adotado?: string): RegistroFact => ({
  ...{ kind: 'answered', n, retorno, durationMs: 1 },
  ...(adotado ? { adotado } : {}),
});
const lost = (n: number): RegistroFact => ({ kind: 'failed', n, failure: 'unknown', reason: 'x', durationMs: 1 });

test('a registration keeps SEFAZ’s bytes, and what it changes elsewhere is applied before anybody rests', () => {
  const retorno = said('135', 'registered', { nProt: '7', dhRegistro: 'dh', xml: '<retEvento/>' });
  const { after, action, event } = apply(signed(), answered(1, retorno), 1);
  assert.deepEqual([after.state, event, action], ['registered', 'registered', { do: 'apply' }]);
  assert.deepEqual(after.retorno, {
    class: 'registered',
    cStat: '135',
    xMotivo: '135',
    nProt: '7',
    dhRegistro: 'dh',
    retorno: '<retEvento/>',
  });
  assert.ok(after.nextAt);
  assert.deepEqual(apply(after, { kind: 'due' }, 2).action, { do: 'apply' }, 'a redelivery finishes it');
  const applied = apply(after, { kind: 'applied' }, 2).after;
  assert.equal(applied.nextAt, undefined);
  assert.deepEqual(apply(applied, { kind: 'due' }, 9999).action, { do: 'nothing' });
  const correction = apply(signed(), answered(1, retorno), 1, CORRECAO);
  assert.deepEqual([correction.after.nextAt, correction.action], [undefined, { do: 'nothing' }]);
});

test('no answer is followed by a consult; our own digest is adopted, another one of the same author with a warning, another author never', () => {
  const doubt = apply(signed(), lost(1), 1);
  assert.deepEqual([doubt.after.state, doubt.action], ['uncertain', { do: 'consult' }]);
  const consulting = opened(doubt.after, 'consult', 1);
  const own = apply(consulting, answered(2, found(), 'proc'), 2).after;
  assert.deepEqual([own.state, own.retorno?.nProt, own.adotado, own.avisos], ['registered', '7', 'proc', []]);
  const other = apply(consulting, answered(2, found({ digest: 'd2' }), 'proc'), 2).after;
  assert.deepEqual([other.state, other.avisos[0]?.codigo], ['registered', 'evento-de-outra-origem']);
  const foreign = apply(consulting, answered(2, found({ autor: '99888777000166' })), 2);
  assert.deepEqual([foreign.after.state, foreign.event], ['conflict', 'rejected']);
});

test('an absence is believed only 15 s after the transmission, and then the same bytes are sent again', () => {
  const doubt = apply(signed(), lost(1), 0).after;
  const early = apply(opened(doubt, 'consult', 0), answered(2, { kind: 'absent' }), 1);
  assert.equal(early.after.state, 'uncertain');
  const late = apply(opened(early.after, 'consult', 16), answered(3, { kind: 'absent' }), 17);
  assert.deepEqual(late.action, { do: 'send' });
  assert.equal(late.after.conteudo, 'c1');
});

test('573 is asked for and adopted; shown by no consult it ends with a person, after six that were answered', () => {
  const { after, action } = apply(signed(), answered(1, said('573', 'duplicate')), 1);
  assert.deepEqual(action, { do: 'consult' });
  assert.equal(apply(opened(after, 'consult', 1), answered(2, found()), 2).after.state, 'registered');
  let now = 20;
  let stored = after;
  for (let n = 2; n < 2 + DUPLICATE_CONSULTS; n++) {
    assert.equal(stored.state, 'uncertain');
    stored = apply(opened(stored, 'consult', now), answered(n, { kind: 'absent' }), now).after;
    now += 1000;
  }
  assert.equal(stored.state, 'conflict');
  assert.equal(stored.retorno?.cStat, '573');
});

test('a plain refusal ends it; after a transmission in doubt it stands only once a consult does not show the evento', () => {
  const plain = apply(signed(), answered(1, said('501', 'rejected')), 1);
  assert.deepEqual([plain.after.state, plain.event], ['rejected', 'rejected']);
  const again = opened({ ...apply(signed(), lost(1), 0).after, state: 'signed' }, 'register', 60);
  const refused = apply(again, answered(2, said('580', 'rejected')), 61);
  assert.deepEqual([refused.after.state, refused.action], ['uncertain', { do: 'consult' }]);
  const consulting = opened(refused.after, 'consult', 80);
  assert.equal(apply(consulting, answered(3, found()), 81).after.state, 'registered');
  const stands = apply(consulting, answered(3, { kind: 'absent' }), 81).after;
  assert.deepEqual([stands.state, stands.retorno?.cStat], ['rejected', '580']);
});

test('"already cancelled" is asked about even when nothing was in doubt', () => {
  const { after } = apply(signed(), answered(1, said('420', 'rejected')), 1);
  assert.equal(after.state, 'uncertain');
});

test('999, an unknown code, a code of another service and an unreadable answer are never a refusal', () => {
  const answers: RegistroRetorno[] = [
    said('999', 'internal'),
    said('8888', 'unknown'),
    { kind: 'service', class: 'unknown', cStat: '8888', xMotivo: '' },
    { kind: 'unreadable', reason: 'HTML' },
  ];
  for (const retorno of answers) assert.equal(apply(signed(), answered(1, retorno), 1).after.state, 'uncertain');
});

test('a paused service and abusive use leave it signed and wait; a refusal by the envelope is a refusal', () => {
  const service = (cStat: string, klass: CStatClass): RegistroRetorno => ({ kind: 'service', class: klass, cStat, xMotivo: cStat });
  const paused = apply(signed(), answered(1, service('108', 'unavailable')), 1);
  assert.deepEqual([paused.after.state, paused.after.nextAt], ['signed', at(31)]);
  const throttled = apply(signed(), answered(1, service('656', 'throttled')), 0);
  assert.deepEqual([throttled.after.state, throttled.after.nextAt], ['signed', at(61 * 60)]);
  assert.equal(apply(signed(), answered(1, service('215', 'schema')), 1).after.state, 'rejected');
});

test('an inutilização whose answer is lost is sent again as it is, never sooner than 15 s, and 563 is its own registration', () => {
  const doubt = apply(signed(), lost(1), 0, INUTILIZACAO);
  assert.deepEqual([doubt.after.state, doubt.action], ['uncertain', { do: 'wait', until: at(15) }]);
  assert.deepEqual(apply(doubt.after, { kind: 'due' }, 15, INUTILIZACAO).action, { do: 'send' });
  const again = opened(doubt.after, 'register', 15, INUTILIZACAO);
  const { after } = apply(again, answered(2, said('563', 'duplicate', { nProt: '7' })), 16, INUTILIZACAO);
  assert.deepEqual([after.state, after.retorno?.class, after.retorno?.nProt, after.avisos], ['registered', 'inutilizado', '7', []]);
});

test('563 at once is an older registration, told as such; 241 refuses; 256 refuses, but after a doubt it is for a person', () => {
  const first = (cStat: string) => apply(signed(), answered(1, said(cStat, 'duplicate', { nProt: '7' })), 1, INUTILIZACAO).after;
  assert.deepEqual([first('563').state, first('563').avisos[0]?.codigo], ['registered', 'inutilizacao-ja-existente']);
  assert.equal(first('241').state, 'rejected');
  assert.equal(first('256').state, 'rejected');
  const again = opened(apply(signed(), lost(1), 0, INUTILIZACAO).after, 'register', 15, INUTILIZACAO);
  assert.equal(apply(again, answered(2, said('256', 'duplicate')), 16, INUTILIZACAO).after.state, 'conflict');
});

test('an EPEC whose answer is lost is sent again as it is; 573 and then 485 too are its own registration, with the protocolo they name', () => {
  const inDoubt = apply(signed(), lost(1), 10, EPEC_TRAITS);
  assert.deepEqual([inDoubt.after.state, inDoubt.action.do, inDoubt.after.nextAt], ['uncertain', 'wait', at(25)]);
  assert.deepEqual(apply(inDoubt.after, { kind: 'due' }, 25, EPEC_TRAITS).action, { do: 'send' });
  const again = opened(inDoubt.after, 'register', 25, EPEC_TRAITS);
  for (const [cStat, xMotivo, nProt] of [
    ['573', 'Rejeição: Duplicidade de Evento [nProt:891260000000012]', '891260000000012'],
    ['485', 'Rejeição: Duplicidade de numeração do EPEC', undefined],
  ] as const) {
    const refusal = said(cStat, 'duplicate', { xMotivo, dhRegistro: 'of the refusal' });
    const { after, action, event } = apply(again, answered(2, refusal), 26, EPEC_TRAITS);
    assert.deepEqual([after.state, action.do, event], ['registered', 'apply', 'registered']);
    assert.deepEqual(after.retorno, { class: 'registered', cStat, xMotivo, ...(nProt ? { nProt } : {}) });
  }
});

test('573 at once is the registration of an EPEC all the same; 485 at once is another one of its number', () => {
  assert.equal(apply(signed(), answered(1, said('573', 'duplicate')), 1, EPEC_TRAITS).after.state, 'registered');
  const other = apply(signed(), answered(1, said('485', 'duplicate')), 1, EPEC_TRAITS);
  assert.deepEqual([other.after.state, other.after.retorno?.class], ['rejected', 'duplicate']);
});

test('an EPEC in doubt is refused for what it says, but a block of the emitter or the certificate leave it to a person', () => {
  const again = opened(apply(signed(), lost(1), 10, EPEC_TRAITS).after, 'register', 25, EPEC_TRAITS);
  for (const [cStat, klass, state] of [
    ['578', 'rejected', 'rejected'],
    ['142', 'rejected', 'conflict'],
    ['281', 'certificate', 'conflict'],
  ] as const) {
    assert.equal(apply(again, answered(2, said(cStat, klass)), 26, EPEC_TRAITS).after.state, state, cStat);
    assert.equal(apply(signed(), answered(1, said(cStat, klass)), 1, EPEC_TRAITS).after.state, 'rejected', cStat);
  }
});

test('an attempt whose worker is gone is taken over by a consult; a redelivery beside an open attempt waits', () => {
  assert.deepEqual(apply(signed(), { kind: 'due' }, 54).action, { do: 'wait', until: at(55) });
  const { after, action } = apply(signed(), { kind: 'due' }, 56);
  assert.deepEqual([after.state, after.attempts[0]?.result, action], ['uncertain', 'unknown', { do: 'consult' }]);
  assert.throws(() => opened(signed(), 'consult', 1), /already open/);
});

test('a rest postpones it and says why; a content that is invalid ends it', () => {
  const aviso = { codigo: 'consumo-indevido', mensagem: 'x' };
  const resting = apply(fresh, { kind: 'resting', until: at(3600), aviso }, 0);
  assert.deepEqual([resting.after.nextAt, resting.after.avisos], [at(3600), [aviso]]);
  const refused = apply(fresh, { kind: 'refused', as: 'invalid', faults: [] }, 0);
  assert.deepEqual([refused.after.state, refused.after.nextAt, refused.event], ['invalid', undefined, 'rejected']);
});
