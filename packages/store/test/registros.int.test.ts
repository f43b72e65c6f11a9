import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AnyEnvelope } from '@malote/messages/envelope';
import type { RegistroPayload } from '@malote/messages/types';
import { sweepDue } from '../clockwork.ts';
import type { Documento } from '../documento.ts';
import { eventoModel, type NovoEvento, WAKE_EVENTO } from '../evento.ts';
import { inutilizacaoModel, type NovaInutilizacao, WAKE_INUTILIZACAO } from '../inutilizacao.ts';
import { registroAction, wakeForgotten } from '../recovering.ts';
import { sweepOutbox } from '../relay.ts';
import { movableClock, openStore } from './open-store.ts';

const clock = movableClock();
const { store, raw } = await openStore(clock);
const { eventos, inutilizacoes } = store;
const EVENTOS = eventoModel(raw as never);
const INUTILIZACOES = inutilizacaoModel(raw as never);
const CNPJ = '11222333000181';

const documentoOf = (numero: number): Documento =>
  ({
    _id: `${CNPJ}.2.55.35.001.${String(numero).padStart(9, '0')}`,
    ...{ conta: 'a', empresa: CNPJ, emitente: CNPJ, tpAmb: '2', modelo: '55', familia: 'nfe', uf: 'SP', cUF: '35' },
    ...{ autorizadorNormal: 'SP', autorizador: 'SVC-AN', chave: `chave${numero}`, state: 'authorized' },
  }) as Documento;

const CCE = { orgao: 'UF', maxSeq: 20 } as const;
const CANCELAMENTO = { orgao: 'UF', maxSeq: 1 } as const;

function novo(numero: number, fingerprint: string, over: Partial<NovoEvento> & { tpEvento?: string; nSeqEvento?: number } = {}) {
  const { tpEvento = '110110', nSeqEvento, ...rest } = over;
  const pedido = { tpEvento, fingerprint, ...(nSeqEvento ? { nSeqEvento } : {}) };
  const entrada = Buffer.from(`<evento>${fingerprint}</evento>`);
  return { conta: 'a', documento: documentoOf(numero), pedido, kind: CCE, layout: 'sefaz' as const, entrada, traceparent: 't', ...rest };
}

const payloadOf = (message: AnyEnvelope | undefined) => message?.payload as RegistroPayload | undefined;

const publisher = () => {
  const sent: AnyEnvelope[] = [];
  const publish = async (message: AnyEnvelope) => {
    sent.push(message);
    return 'confirmed' as const;
  };
  return { sent, publish };
};

test('an evento is stored with its command in one write, and its body comes back byte for byte', async () => {
  const { outcome, registro, message } = await eventos.accept(novo(1, 'x'));
  assert.equal(outcome, 'accepted');
  assert.equal(registro._id, `${CNPJ}.2.55.35.001.000000001.110110.001`);
  const stored = await eventos.findById(registro._id);
  assert.equal(stored?.outbox[0]?.id, message?.id);
  assert.deepEqual(
    [message?.type, message?.correlationId, payloadOf(message)?.documentId, payloadOf(message)?.autorizador],
    ['evento.register', registro.documentoId, registro.documentoId, 'SP'],
  );
  assert.equal((await eventos.entradaOf(stored as never))?.toString(), '<evento>x</evento>');
});

test('of concurrent corrections each gets its own number, equal ones share one, and a further one follows the highest', async () => {
  const texts = ['a', 'b', 'c', 'c', 'c'];
  const accepted = await Promise.all(texts.map((text) => eventos.accept(novo(2, text))));
  const numbers = accepted.filter(({ outcome }) => outcome === 'accepted').map(({ registro }) => registro.nSeqEvento);
  const distinct = new Set(numbers);
  assert.equal(distinct.size, numbers.length, 'no number twice');
  // An equal text after another one in between is a correction of its own: the last prevails.
  assert.ok(numbers.length >= 3);
  const next = await eventos.accept(novo(2, 'd'));
  assert.equal(next.registro.nSeqEvento, Math.max(...numbers) + 1);
  assert.equal((await eventos.accept(novo(2, 'd'))).outcome, 'same');
  assert.equal((await eventos.listOf({ conta: 'a', documentoId: next.registro.documentoId })).length, numbers.length + 1);
  assert.deepEqual(await eventos.listOf({ conta: 'b', documentoId: next.registro.documentoId }), []);
});

test('a refused number is used again and its round stays in the record; a registered one is not', async () => {
  const first = await eventos.accept(novo(3, 'x', { kind: CANCELAMENTO, tpEvento: '110111' }));
  const at = clock.now();
  const attempt = {
    n: 1,
    kind: 'register',
    autorizador: 'SP',
    service: 's',
    sentAt: at,
    until: at,
    result: 'answered',
    trace: 't',
  } as const;
  const retorno = { class: 'rejected', cStat: '501', xMotivo: 'x' } as const;
  const refused = await eventos.transition(first.registro, { state: 'rejected', attempts: [attempt], retorno, nextAt: undefined });
  assert.ok(refused);
  const again = await eventos.accept(novo(3, 'x', { kind: CANCELAMENTO, tpEvento: '110111' }));
  assert.deepEqual([again.outcome, again.registro.nSeqEvento, again.registro.state], ['replaced', 1, 'received']);
  assert.equal(again.registro.rodadas[0]?.retorno?.cStat, '501');
  assert.equal(again.registro.retorno, undefined);
  await eventos.transition(again.registro, { state: 'registered', nextAt: undefined });
  assert.equal((await eventos.accept(novo(3, 'x', { kind: CANCELAMENTO, tpEvento: '110111' }))).outcome, 'same');
  assert.equal((await eventos.accept(novo(3, 'y', { kind: CANCELAMENTO, tpEvento: '110111' }))).outcome, 'conflict');
});

test('a number that the caller names is taken or conflicts; what goes to the national environment has its queue', async () => {
  const given = await eventos.accept(novo(4, 'x', { nSeqEvento: 3, kind: { orgao: 'AN', maxSeq: 20 } }));
  assert.deepEqual([given.registro.nSeqEvento, given.registro.nSeqPedido, payloadOf(given.message)?.autorizador], [3, 3, 'AN']);
  assert.equal((await eventos.accept(novo(4, 'x', { nSeqEvento: 3 }))).outcome, 'same');
  assert.equal((await eventos.accept(novo(4, 'y', { nSeqEvento: 3 }))).outcome, 'conflict');
  assert.equal((await eventos.accept(novo(4, 'y'))).registro.nSeqEvento, 4);
});

const nova = (de: number, ate: number, over: Partial<NovaInutilizacao> = {}): NovaInutilizacao => ({
  ...{ conta: 'a', empresa: CNPJ, layout: 'sefaz', entrada: Buffer.from('<inutNFe/>'), traceparent: 't' },
  pedido: {
    ...{ cUF: '35', uf: 'SP', ano: '26', emitente: CNPJ, tpAmb: '2', modelo: '55', serie: 1 },
    ...{ numeroInicial: de, numeroFinal: ate, fingerprint: `${de}-${ate}` },
  },
  ...over,
});

test('a range is stored once, found by any of its numbers and by what overlaps it, listed latest first, and only for its account', async () => {
  const { outcome, registro, message } = await inutilizacoes.accept(nova(100, 120));
  assert.equal(outcome, 'accepted');
  assert.equal(registro._id, `${CNPJ}.2.55.35.26.001.000000100.000000120`);
  assert.equal(message?.type, 'inutilizacao.request');
  assert.equal((await inutilizacoes.accept(nova(100, 120))).outcome, 'same');
  assert.equal((await inutilizacoes.accept(nova(100, 120, { conta: 'b' }))).outcome, 'conflict');
  clock.advance(1000);
  await inutilizacoes.accept(nova(115, 130));
  await inutilizacoes.transition(registro, { state: 'registered', nextAt: undefined });
  const where = { conta: 'a', empresa: CNPJ, tpAmb: '2' as const, modelo: '55', cUF: '35', ano: '26', serie: 1 };
  assert.equal((await inutilizacoes.findCovering({ ...where, numero: 117 }))?._id, registro._id, 'the registered one');
  assert.equal((await inutilizacoes.findCovering({ ...where, numero: 130 }))?.numeroFinal, 130);
  assert.equal(await inutilizacoes.findCovering({ ...where, numero: 131 }), undefined);
  assert.equal(await inutilizacoes.findCovering({ ...where, conta: 'b', numero: 117 }), undefined);
  const range = { emitente: CNPJ, tpAmb: '2' as const, modelo: '55', cUF: '35', serie: 1 };
  const starts = async (de: number, ate: number) =>
    (await inutilizacoes.overlapping({ ...range, de, ate })).map(({ numeroInicial }) => numeroInicial);
  assert.deepEqual(await starts(118, 118), [100, 115]);
  assert.deepEqual(await starts(121, 200), [115]);
  assert.deepEqual(await starts(1, 99), []);
  const page = await inutilizacoes.list({ conta: 'a', empresa: CNPJ, tpAmb: '2', skip: 0, limit: 20 });
  assert.deepEqual([page.total, page.inutilizacoes.map(({ numeroInicial }) => numeroInicial)], [2, [115, 100]]);
});

test('a refused range may be asked for again, one under way or in conflict may not with other content', async () => {
  const other = nova(200, 201, { pedido: { ...nova(200, 201).pedido, fingerprint: 'other' } });
  const { registro } = await inutilizacoes.accept(nova(200, 201));
  assert.equal((await inutilizacoes.accept(other)).outcome, 'conflict');
  await inutilizacoes.transition(registro, { state: 'invalid', nextAt: undefined });
  assert.equal((await inutilizacoes.accept(other)).outcome, 'replaced');
});

test('sweeps publish what is left in the outboxes and what is due, and wake what was forgotten, for registros as for documents', async () => {
  const { registro } = await eventos.accept(novo(9, 'x'));
  const { registro: range } = await inutilizacoes.accept(nova(900, 901));
  clock.advance(5_001);
  const left = publisher();
  await sweepOutbox(EVENTOS, { ...left, clock, leaseMs: 5_000 });
  await sweepOutbox(INUTILIZACOES, { ...left, clock, leaseMs: 5_000 });
  const registroIds = left.sent.map(({ payload }) => (payload as { registroId?: string }).registroId);
  assert.ok(registroIds.includes(registro._id) && registroIds.includes(range._id));
  clock.advance(200_000);
  const due = publisher();
  await sweepDue(EVENTOS, { wake: WAKE_EVENTO, ...due, clock });
  await sweepDue(INUTILIZACOES, { wake: WAKE_INUTILIZACAO, ...due, clock });
  const woken = due.sent.map(({ type, payload }) => `${type} ${(payload as { registroId?: string }).registroId}`);
  assert.ok(woken.includes(`evento.register ${registro._id}`) && woken.includes(`inutilizacao.request ${range._id}`));
  await raw.collection('eventos').updateOne({ _id: registro._id as never }, { $unset: { nextAt: '' } });
  assert.deepEqual(await wakeForgotten(EVENTOS, clock.now(), registroAction), [registro._id]);
  assert.ok((await eventos.findById(registro._id))?.nextAt);
  assert.ok(((await store.backlog()).registros.eventos ?? 0) > 0);
});

test('every query of registros runs on an index', async () => {
  const id = { $gte: 'a.', $lt: 'a/' } as never;
  const [e, i] = [EVENTOS.collection, INUTILIZACOES.collection];
  const range = { emitente: 'e', tpAmb: '2', modelo: '55', cUF: '35', serie: 1, numeroInicial: { $lte: 9 }, numeroFinal: { $gte: 1 } };
  const queries = [
    e.find({ _id: id }),
    e.find({ _id: id, conta: 'a' }),
    ...[e, i].flatMap((collection) => [
      collection.find({ 'outbox.0': { $exists: true }, 'outbox.leaseUntil': { $lte: clock.now() } }).hint('outbox'),
      collection.find({ 'outbox.0': { $exists: true } }).hint('outboxAge'),
      collection.find({ nextAt: { $lte: clock.now() } }).hint('nextAt'),
      collection.find({ state: { $in: ['received', 'signed', 'uncertain'] }, nextAt: { $gt: new Date(0) } }).hint('unsettled'),
    ]),
    i.find(range).sort({ numeroInicial: 1 }).hint('numeros'),
    i.find({ conta: 'a', empresa: 'e', tpAmb: '2' }).sort({ createdAt: -1, _id: 1 }).hint('lista'),
    raw.collection('documentos').find({ _id: id }).sort({ _id: 1 }),
  ];
  for (const query of queries) {
    const plan = JSON.stringify(await query.explain('queryPlanner'));
    assert.equal(/COLLSCAN|"stage":"SORT"/.test(plan), false, plan);
    assert.match(plan, /IXSCAN|IDHACK/);
  }
});
