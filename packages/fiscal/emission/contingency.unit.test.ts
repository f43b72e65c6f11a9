import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Retorno } from '../retorno/read-retorno.ts';
import { decide } from './lifecycle.ts';
import {
  acceptsNewContent,
  type ContingenciaDoDocumento,
  type Fact,
  type Lifecycle,
  maySignAgain,
  type NewAttempt,
  type SignedContent,
} from './lifecycle-state.ts';

const T0 = new Date('2026-11-22T13:00:00Z');
const at = (seconds: number) => new Date(T0.getTime() + seconds * 1000);
const HOUR = 3600;
const KEY = (tpEmis: string) => `35261111222333000181650010000000011${tpEmis}2345678${tpEmis}`;
const contentOf = (tpEmis: string, more: Partial<SignedContent> = {}): SignedContent => ({
  ...{ tpEmis, autorizador: 'SP', cNF: '12345678', chave: KEY(tpEmis), digest: `d${tpEmis}`, conteudo: `c${tpEmis}` },
  ...more,
});
const contingencia = (modo: ContingenciaDoDocumento['modo'], more: Partial<ContingenciaDoDocumento> = {}): ContingenciaDoDocumento => ({
  ...{ modo, desde: T0, prazoAte: at(35 * HOUR), alvoAte: at(24 * HOUR) },
  ...more,
});
/** An NFC-e whose till is answered 5 s after it came; off line from 3.5 s on. */
const received: Lifecycle = {
  ...{ state: 'received', attempts: [], faults: [], avisos: [], rodadas: [], consultas: 0 },
  ...{ nextAt: at(120), nextAction: 'document.emit', enviarAte: at(300), responderAte: at(5) },
};
const till = contentOf('1', { offlineApos: at(3.5) });
const attempt = (kind: NewAttempt['kind'], seconds: number, until = seconds + 55): NewAttempt => ({
  ...{ kind, autorizador: 'SP', service: kind, until: at(until), trace: 't' },
});
const apply = (before: Lifecycle, fact: Fact, seconds: number) => {
  const decision = decide(before, fact, at(seconds));
  return { after: { ...before, ...decision.change } as Lifecycle, ...decision };
};
const said = (cStat: string, klass: string, tpEmis = '1'): Retorno => {
  const protocolo = { xml: '<protNFe/>', chave: KEY(tpEmis), cStat, xMotivo: '', nProt: '1', digVal: `d${tpEmis}`, alertas: [] };
  const document = { kind: 'document', class: klass, cStat, xMotivo: cStat, service: { cStat: '104', xMotivo: '' } };
  return { ...document, ...(klass === 'authorized' ? { protocolo } : {}) } as Retorno;
};
const answered = (n: number, retorno: Retorno): Fact => ({ kind: 'answered', n, retorno, durationMs: 1 });
const failed = (n: number, failure: 'not-sent' | 'unknown'): Fact => ({ kind: 'failed', n, failure, reason: 'r', durationMs: 1 });
const signed = (content = till, seconds = 0, before = received) =>
  apply(before, { kind: 'signed', content, attempt: attempt('authorize', seconds, 4) }, seconds);
const opened = (before: Lifecycle, kind: NewAttempt['kind'], seconds: number) =>
  apply(before, { kind: 'opened', attempt: attempt(kind, seconds) }, seconds).after;
const issued = (content = contentOf('9', { contingencia: contingencia('OFFLINE') }), before = received) =>
  apply(before, { kind: 'issued', content }, 1).after;
const sent = (before = issued(), seconds = HOUR) => opened(apply(before, { kind: 'transmit' }, seconds).after, 'authorize', seconds);
const lost = () => apply(signed().after, failed(1, 'unknown'), 3).after;
const SUBSTITUTED: Fact = { kind: 'substituted', por: { documentoId: 'b' }, substituicao: { situacao: 'aguarda', desde: at(4) } };

test('off line: handed over at once, then transmitted in its turn by the same bytes, and authorised late too', () => {
  const { after, action, event } = apply(
    received,
    { kind: 'issued', content: contentOf('9', { contingencia: contingencia('OFFLINE') }) },
    1,
  );
  assert.deepEqual(
    [after.state, after.pendenteDesde, after.enviarAte, action, event],
    ['issued', at(1), undefined, { do: 'nothing' }, 'document.issued'],
  );
  assert.equal(decide(after, { kind: 'due' }, at(HOUR)).action.do, 'wait');
  const turn = apply(after, { kind: 'transmit' }, 2 * HOUR);
  assert.deepEqual(turn.action, { do: 'send' });
  assert.deepEqual(decide(turn.after, { kind: 'due' }, at(2 * HOUR)).action, { do: 'send' });
  const { after: done } = apply(sent(after, 30 * HOUR), answered(1, said('150', 'authorized', '9')), 30 * HOUR);
  assert.deepEqual([done.state, done.pendenteDesde, done.nextAt, done.retorno?.cStat], ['authorized', undefined, undefined, '150']);
});

test('a transmission of an issued note that is lost, refused as paused or absent goes back to issued, whatever its age', () => {
  for (const [fact, state] of [
    [failed(1, 'not-sent'), 'issued'],
    [answered(1, said('108', 'unavailable')), 'issued'],
    [failed(1, 'unknown'), 'uncertain'],
  ] as const) {
    assert.equal(apply(sent(), fact, HOUR + 1).after.state, state);
  }
  const consulting = opened(apply(sent(), failed(1, 'unknown'), HOUR).after, 'consult', HOUR + 60);
  const absent = apply(consulting, answered(2, said('217', 'not-found')), HOUR + 61);
  assert.deepEqual([absent.after.state, absent.action.do, absent.after.digest], ['issued', 'send', 'd9']);
});

test('refused on its transmission: pending still, only corrected, and the correction keeps the key', () => {
  const { after, event } = apply(sent(), answered(1, said('610', 'rejected')), HOUR + 1);
  assert.deepEqual([after.state, event, after.pendenteDesde], ['rejected', 'document.rejected', at(1)]);
  assert.equal(acceptsNewContent(after), false);
  const correction: Lifecycle = { ...after, state: 'received', nextAt: at(2 * HOUR), nextAction: 'document.emit' };
  assert.equal(maySignAgain(correction), false);
  const again = apply(correction, { kind: 'corrected', content: contentOf('9', { digest: 'd9b', conteudo: 'c9b' }) }, 2 * HOUR);
  assert.deepEqual([again.after.state, again.after.digest, again.action], ['issued', 'd9b', { do: 'send' }]);
  assert.equal(again.after.contingencia?.prazoAte?.getTime(), at(35 * HOUR).getTime());
  assert.throws(() => decide(correction, { kind: 'corrected', content: contentOf('1') }, at(2 * HOUR)), /chave/);
});

test('EPEC: asked for until it is registered, then issued; refused, the number is free', () => {
  const content = contentOf('4', { contingencia: contingencia('EPEC') });
  const { after, action } = apply(received, { kind: 'epec', content }, 1);
  assert.deepEqual([after.state, after.enviarAte, action], ['signed', undefined, { do: 'register-epec' }]);
  assert.equal(decide(after, { kind: 'due' }, at(60)).action.do, 'wait');
  assert.deepEqual(decide(after, { kind: 'due' }, at(121)).action, { do: 'register-epec' });
  // AN may have it: no other content may take the number now.
  assert.equal(maySignAgain(after), false);
  for (const fact of [
    { kind: 'issued', content: contentOf('9') },
    { kind: 'epec', content },
  ] as const) {
    assert.equal(apply(after, fact, 2).after.digest, 'd4');
  }
  const epec = { nProt: '891', dhRegistro: '2026-11-22T10:00:01-03:00' };
  const done = apply(after, { kind: 'epec-registered', epec }, 2);
  assert.deepEqual([done.after.state, done.after.contingencia?.epec, done.event], ['issued', epec, 'document.issued']);
  assert.equal(apply(done.after, { kind: 'epec-registered', epec }, 3).change, undefined);

  const refused = (cStat: string) => {
    const retorno = { class: 'rejected', cStat, xMotivo: '' } as const;
    return apply(after, { kind: 'epec-refused', retorno, faults: [] }, 2).after;
  };
  assert.deepEqual([refused('467').state, acceptsNewContent(refused('467')), refused('467').faults], ['rejected', true, []]);
  assert.deepEqual(
    refused('142').faults.map(({ code }) => code),
    ['epec-bloqueado'],
  );
});

test('EPEC withdrawn before it was sent: only then other content may take the number, and the mark goes with it, or when it has left after all', () => {
  const waiting = apply(received, { kind: 'epec', content: contentOf('4', { contingencia: contingencia('EPEC') }) }, 1).after;
  const begun = apply(waiting, { kind: 'epec-withdrawal', begun: true }, 2);
  assert.deepEqual([begun.action, begun.after.nextAt, begun.after.contingencia?.epecRetirado], [{ do: 'register-epec' }, at(2), at(2)]);
  assert.deepEqual(decide(begun.after, { kind: 'due' }, at(3)).action, { do: 'register-epec' }, 'whoever comes next goes on with it');
  assert.deepEqual([maySignAgain(waiting), maySignAgain(begun.after)], [false, true]);
  for (const after of [
    apply(begun.after, { kind: 'epec-withdrawal', begun: false }, 4).after,
    apply(begun.after, { kind: 'epec-registered', epec: { dhRegistro: '' } }, 4).after,
  ]) {
    assert.deepEqual([maySignAgain(after), after.contingencia?.epecRetirado], [false, undefined]);
  }
  const { after } = apply(begun.after, { kind: 'issued', content: contentOf('9', { contingencia: contingencia('OFFLINE') }) }, 4);
  assert.deepEqual([after.state, after.digest, after.contingencia?.epecRetirado], ['issued', 'd9', undefined]);
  // Handed over by then, or never for an EPEC: nothing to withdraw.
  for (const other of [after, received])
    assert.equal(apply(other, { kind: 'epec-withdrawal', begun: true }, 5).after.contingencia?.epecRetirado, undefined);
});

test('468 about a registered EPEC is sent again ever more slowly, then shortly before the deadline, and at last told', () => {
  const epec = { nProt: '891', dhRegistro: '' };
  const content = contentOf('4', { contingencia: contingencia('EPEC', { prazoAte: at(168 * HOUR) }) });
  let note = apply(apply(received, { kind: 'epec', content }, 1).after, { kind: 'epec-registered', epec }, 2).after;
  note = apply(note, { kind: 'transmit' }, HOUR).after;
  const waits: number[] = [];
  let now = HOUR;
  for (let n = 1; note.state === 'issued'; n += 1) {
    note = apply(opened(note, 'authorize', now), answered(n, said('468', 'rejected', '4')), now).after;
    if (!note.nextAt) break;
    const wait = (note.nextAt.getTime() - at(now).getTime()) / 1000;
    waits.push(wait / 60);
    now += wait;
  }
  assert.deepEqual(waits, [1, 2, 5, 15, 30, 60, 120, ...Array(12).fill(240)]);
  assert.deepEqual(
    [note.state, note.pendenteDesde !== undefined, note.avisos.map(({ codigo }) => codigo)],
    ['rejected', true, ['epec-nao-sincronizado']],
  );

  const late = { ...sent(issued(content), 167.5 * HOUR), contingencia: contingencia('EPEC', { epec, prazoAte: at(168 * HOUR) }) };
  const many = { ...late, attempts: [...Array(7).fill({ ...late.attempts[0], n: 0, result: 'answered', cStat: '468' }), ...late.attempts] };
  const { after } = apply(many, answered(1, said('468', 'rejected', '4')), 167.5 * HOUR);
  assert.deepEqual(after.nextAt, at(168 * HOUR - 60));
  // Without a registered EPEC 468 is what it says.
  assert.equal(apply(sent(), answered(1, said('468', 'rejected')), HOUR).after.state, 'rejected');
});

test('a till: what was never transmitted is signed again off line at its deadline, woken for it however long it would wait', () => {
  const { after, action } = apply(signed().after, failed(1, 'not-sent'), 1);
  assert.deepEqual([after.nextAt, action], [at(1), { do: 'send' }]);
  const twice = apply(opened(after, 'authorize', 1), failed(2, 'not-sent'), 2);
  assert.deepEqual([twice.after.nextAt, twice.action], [at(3.5), { do: 'wait', until: at(3.5) }]);
  assert.deepEqual(decide(twice.after, { kind: 'due' }, at(3.5)).action, { do: 'prepare-offline' });
  assert.deepEqual(issued(undefined, twice.after).state, 'issued');
});

test('a till: signed too late for its deadline it is not sent first, nor when it is about to be opened', () => {
  const late = signed(till, 4);
  assert.deepEqual([late.after.state, late.after.attempts, late.action], ['signed', [], { do: 'prepare-offline' }]);
  const waiting = apply(signed().after, failed(1, 'not-sent'), 1).after;
  const open = apply(waiting, { kind: 'opened', attempt: attempt('authorize', 4) }, 4);
  assert.deepEqual([open.after.attempts.length, open.action], [1, { do: 'prepare-offline' }]);
  // Past its moment in normal emission as well: off line all the same.
  assert.deepEqual(decide(waiting, { kind: 'due' }, at(301)).action, { do: 'prepare-offline' });
});

test('a till: of unknown fate it gets a substitute while its caller is there, and is only recovered later or without one', () => {
  const uncertain = lost();
  assert.deepEqual([uncertain.nextAt, uncertain.state], [at(3), 'uncertain']);
  const consulting = apply(uncertain, { kind: 'opened', attempt: attempt('consult', 3, 3.5) }, 3).after;
  assert.deepEqual(apply(consulting, failed(2, 'unknown'), 3.4).after.nextAt, at(3.5));
  assert.deepEqual(apply(consulting, failed(2, 'unknown'), 3.5).action, { do: 'substitute' });
  assert.deepEqual(decide(uncertain, { kind: 'due' }, at(4)).action, { do: 'substitute' });
  assert.deepEqual(decide(uncertain, { kind: 'due' }, at(65)).action, { do: 'substitute' });
  assert.deepEqual(decide(uncertain, { kind: 'due' }, at(66)).action, { do: 'consult' });
  const { responderAte: _, ...alone } = uncertain;
  assert.deepEqual(decide(alone, { kind: 'due' }, at(4)).action, { do: 'consult' });
});

test('a till that nobody waits at: its note of unknown fate is consulted at the usual pace, however long its deadline is over', () => {
  const { responderAte: _, ...alone } = { ...lost(), consultas: 4 };
  for (const seconds of [3, 3.4, 4, 600]) {
    const before = opened(alone, 'consult', seconds);
    assert.deepEqual(apply(before, failed(2, 'not-sent'), seconds).action, { do: 'wait', until: at(seconds + 900) });
  }
});

test('nothing takes the place of bytes that may be at an authoriser, were handed over, or wait for an SVC that was transmitted to', () => {
  const other = contentOf('9', { contingencia: contingencia('OFFLINE') });
  const facts: Fact[] = [
    { kind: 'issued', content: other },
    { kind: 'epec', content: other },
    { kind: 'signed', content: other, attempt: attempt('authorize', 4) },
  ];
  const svc = signed(contentOf('6', { contingencia: contingencia('SVC') })).after;
  const inactive = apply(svc, answered(1, said('114', 'svc')), 1);
  assert.deepEqual([inactive.after.state, inactive.after.nextAt, inactive.after.avisos[0]?.codigo], ['signed', at(61), 'svc-inativa']);
  for (const [before, digest] of [
    [lost(), 'd1'],
    [issued(), 'd9'],
    [inactive.after, 'd6'],
  ] as const) {
    assert.equal(maySignAgain(before), false);
    for (const fact of facts) assert.equal(apply(before, fact, 5).after.digest, digest);
  }
  const paused = apply(signed().after, answered(1, said('108', 'unavailable')), 1).after;
  assert.equal(maySignAgain(paused), true);
  assert.equal(issued(other, paused).digest, 'd9');
});

test('substituted: never sent again, asked for until SEFAZ has said twice, an hour apart, that it never came', () => {
  const { after, action } = apply(lost(), SUBSTITUTED, 4);
  assert.deepEqual([after.substituidaPor, after.offlineApos, action], [{ documentoId: 'b' }, undefined, { do: 'nothing' }]);
  assert.equal(acceptsNewContent(after), false);
  let note = after;
  let now = 60;
  const consult = (seconds: number, retorno: Retorno) => {
    now = seconds;
    const before = opened(note, 'consult', seconds);
    return apply(before, answered(before.attempts.length, retorno), seconds);
  };
  note = consult(60, said('217', 'not-found')).after;
  assert.deepEqual([note.state, note.substituicao?.ausenteEm, note.nextAt], ['uncertain', at(60), at(60 + HOUR)]);
  note = consult(1800, said('217', 'not-found')).after;
  assert.equal(note.state, 'uncertain');
  const end = consult(60 + HOUR, said('217', 'not-found'));
  assert.deepEqual([end.after.state, end.after.faults[0]?.code, end.event], ['rejected', 'substituida-nao-recebida', 'document.rejected']);
  assert.equal(acceptsNewContent(end.after), false);
  assert.equal(apply(note, { kind: 'opened', attempt: attempt('authorize', now) }, now).after.state, 'uncertain');
});

test('substituted although it had just been found absent: back to being asked for, not sent', () => {
  const absent = apply(
    opened({ ...lost(), offlineApos: at(28), responderAte: at(30) }, 'consult', 20),
    answered(2, said('217', 'not-found')),
    29,
  );
  assert.deepEqual([absent.after.state, absent.action], ['signed', { do: 'substitute' }]);
  const { after } = apply(absent.after, SUBSTITUTED, 29);
  assert.equal(after.state, 'uncertain');
  assert.equal(apply({ ...after, state: 'signed', nextAt: at(20) }, { kind: 'due' }, 30).after.state, 'uncertain');
});

test('a substituted note that SEFAZ once said to have is not given up', () => {
  const duplicate = apply(signed().after, answered(1, said('204', 'duplicate')), 1).after;
  const first = {
    ...apply(duplicate, SUBSTITUTED, 4).after,
    substituicao: { situacao: 'aguarda' as const, desde: at(4), ausenteEm: at(60) },
  };
  const { after } = apply(opened(first, 'consult', 3 * HOUR), answered(2, said('217', 'not-found')), 3 * HOUR);
  assert.equal(after.state, 'uncertain');
});

test('telling a substitution again brings only the key; another substitute comes only in the place of a refused one', () => {
  const { after } = apply(lost(), SUBSTITUTED, 4);
  assert.equal(apply(after, SUBSTITUTED, 5).change, undefined);
  const por = { documentoId: 'b', chave: KEY('9') };
  assert.deepEqual(apply(after, { ...SUBSTITUTED, por }, 5).change, { substituidaPor: por });
  const other = { ...SUBSTITUTED, por: { documentoId: 'c' } };
  assert.equal(apply(after, other, 5).after.substituidaPor?.documentoId, 'b');
  assert.equal(apply(after, { ...other, recusada: 'b' }, 5).after.substituidaPor?.documentoId, 'c');
  for (const before of [signed().after, issued(), apply(signed().after, answered(1, said('100', 'authorized')), 1).after]) {
    assert.equal(apply(before, SUBSTITUTED, 5).after.substituidaPor, undefined);
  }
});

test('without a série the ERP is told, once, and the word goes with the end of the note', () => {
  const { after, action } = apply(lost(), { kind: 'no-substitute' }, 4);
  assert.deepEqual([after.acao, after.offlineApos, action], ['reemitir-com-novo-numero', undefined, { do: 'nothing' }]);
  assert.deepEqual(decide(after, { kind: 'due' }, at(5)).action, { do: 'consult' });
  const end = apply(opened(after, 'consult', 5), answered(2, said('100', 'authorized')), 5).after;
  assert.deepEqual([end.state, end.acao], ['authorized', undefined]);
  assert.equal(apply(end, { kind: 'no-substitute' }, 6).change, undefined);
});

test('held: nothing is done before then, what is settled or under way stays', () => {
  const { after, action } = apply(received, { kind: 'held', until: at(1) }, 0);
  assert.deepEqual([after.nextAt, action], [at(1), { do: 'wait', until: at(1) }]);
  assert.deepEqual(apply(signed().after, { kind: 'held', until: at(1) }, 0).action, { do: 'wait', until: at(4) });
});

test('past its till’s deadline a note of unknown fate for which nobody waits is asked for at its own pace, not all the time', () => {
  const { responderAte: _nobody, ...unattended } = received;
  let note = apply(signed(contentOf('1', { offlineApos: at(300) }), 290, unattended).after, failed(1, 'unknown'), 295).after;
  note = apply(opened(note, 'consult', 301), failed(2, 'unknown'), 320).after;
  assert.ok(note.nextAt && note.nextAt > at(320), String(note.nextAt));
  assert.equal(apply(note, { kind: 'due' }, 320.5).action.do, 'wait');
});
