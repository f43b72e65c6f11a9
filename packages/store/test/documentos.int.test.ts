import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildChave } from '@malote/fiscal/chave/chave-acesso';
import type { DocumentIdentity } from '@malote/fiscal/emission/identity';
import type { AnyEnvelope } from '@malote/messages/envelope';
import { DUE_AGAIN_MS, sweepDue } from '../clockwork.ts';
import { documentoModel, type NovoDocumento } from '../documento.ts';
import { WAKE_DOCUMENTO } from '../documentos.ts';
import { wakeForgotten } from '../recovering.ts';
import { sweepOutbox } from '../relay.ts';
import { movableClock, openStore } from './open-store.ts';

const clock = movableClock();
const { store, raw } = await openStore(clock);
const model = documentoModel(raw as never);
const { documentos } = store;
const LEASE = 5_000;

const identity: DocumentIdentity = {
  emitente: '11222333000181',
  tipoEmitente: 'CNPJ',
  tpAmb: '2',
  modelo: '55',
  cUF: '35',
  uf: 'SP',
  serie: 1,
  numero: 1,
  dhEmi: '2026-11-21T10:00:00-03:00',
  tpEmis: '1',
  semIe: false,
  assinado: false,
};
const novo = (numero: number, over: Partial<NovoDocumento> = {}): NovoDocumento => ({
  conta: 'conta-a',
  identity: { ...identity, numero },
  fingerprint: `f${numero}`,
  layout: 'sefaz',
  entrada: Buffer.from(`<NFe>${numero}</NFe>`),
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  ...over,
});
const publisher = (result: 'confirmed' | 'unroutable' | 'unknown' = 'confirmed') => {
  const sent: AnyEnvelope[] = [];
  return {
    sent,
    publish: async (message: AnyEnvelope) => {
      sent.push(message);
      return result;
    },
  };
};

test('a document is stored with its command in one write, and its body comes back byte for byte', async () => {
  const { outcome, documento, message } = await documentos.accept(novo(1));
  assert.equal(outcome, 'accepted');
  assert.equal(documento._id, '11222333000181.2.55.35.001.000000001');
  const stored = await documentos.findById(documento._id);
  assert.equal(stored?.outbox[0]?.id, message?.id);
  assert.equal(stored?.outbox[0]?.message.type, 'document.emit');
  assert.equal((await documentos.entradaOf(stored as never))?.toString(), '<NFe>1</NFe>');
});

test('the same content again answers the present state, other content is a conflict, and neither writes anything', async () => {
  await documentos.accept(novo(2));
  const same = await documentos.accept(novo(2));
  assert.equal(same.outcome, 'same');
  assert.equal(same.message, undefined);
  const other = await documentos.accept(novo(2, { fingerprint: 'other' }));
  assert.equal(other.outcome, 'conflict');
  assert.equal((await documentos.findById(same.documento._id))?.version, 1);
});

test('of 20 simultaneous posts of one number exactly one is accepted', async () => {
  const outcomes = await Promise.all(Array.from({ length: 20 }, (_, i) => documentos.accept(novo(3, { fingerprint: `race${i}` }))));
  assert.equal(outcomes.filter(({ outcome }) => outcome === 'accepted').length, 1);
  assert.equal(outcomes.filter(({ outcome }) => outcome === 'conflict').length, 19);
});

test('of two transitions decided on one version exactly one is stored', async () => {
  const { documento } = await documentos.accept(novo(4));
  const results = await Promise.all([documentos.transition(documento, { chave: 'x' }), documentos.transition(documento, { chave: 'y' })]);
  assert.equal(results.filter(Boolean).length, 1);
  const stored = await documentos.findById(documento._id);
  assert.equal(stored?.version, 2);
  assert.equal(stored?.chave, results.find(Boolean)?.chave);
});

test('a transition removes what is undefined and pulls the message that was handled', async () => {
  const { documento, message } = await documentos.accept(novo(5));
  const after = await documentos.transition(documento, { state: 'signed', entrada: undefined }, { consumed: message?.id });
  assert.deepEqual(after?.outbox, []);
  assert.equal('entrada' in (after ?? {}), false);
});

test('a refused note may be posted again with other content; the former round stays in the record and the cNF with it', async () => {
  const { documento } = await documentos.accept(novo(6));
  const at = clock.now();
  const signed = await documentos.transition(documento, {
    state: 'rejected',
    cNF: '87654321',
    chave: 'k1',
    attempts: [{ n: 1, kind: 'authorize', autorizador: 'SP', service: 's', sentAt: at, until: at, result: 'answered', trace: 't' }],
    retorno: { class: 'rejected', cStat: '703', xMotivo: 'x' },
    nextAt: undefined,
  });
  assert.ok(signed);
  const again = await documentos.accept(novo(6, { fingerprint: 'corrected' }));
  assert.equal(again.outcome, 'replaced');
  assert.equal(again.documento.state, 'received');
  assert.equal(again.documento.cNF, '87654321');
  assert.equal(again.documento.chave, undefined);
  assert.equal(again.documento.retorno, undefined);
  assert.equal(again.documento.rodadas[0]?.chave, 'k1');
  assert.equal(again.documento.outbox.at(-1)?.id, again.message?.id);
});

test('another account never sees the document, by number, by key, or by posting its number', async () => {
  const { documento } = await documentos.accept(novo(7));
  const chave = buildChave({
    cUF: '35',
    aamm: '2611',
    documento: identity.emitente,
    modelo: '55',
    serie: '001',
    numero: '000000007',
    tpEmis: '1',
    cNF: '12345678',
  });
  await documentos.transition(documento, { chave });
  const where = { emitente: identity.emitente, tpAmb: '2' as const, modelo: '55', ano: 2026, serie: 1, numero: 7 };
  assert.equal((await documentos.findByNumero({ conta: 'conta-a', ...where }))?._id, documento._id);
  assert.equal(await documentos.findByNumero({ conta: 'conta-b', ...where }), undefined);
  assert.equal(await documentos.findByNumero({ conta: 'conta-a', ...where, ano: 2025 }), undefined);
  assert.equal((await documentos.findByChave({ conta: 'conta-a', chave, tpAmb: '2' }))?._id, documento._id);
  assert.equal(await documentos.findByChave({ conta: 'conta-b', chave, tpAmb: '2' }), undefined);
  assert.equal(await documentos.findByChave({ conta: 'conta-a', chave, tpAmb: '1' }), undefined);
  assert.equal((await documentos.accept(novo(7, { conta: 'conta-b' }))).outcome, 'conflict');
  assert.equal(await documentos.findByChave({ conta: 'conta-a', chave: chave.replace(/.$/, '?'), tpAmb: '2' }), undefined);
});

test('the sweep leaves a leased entry to its writer, publishes it when the lease ran out, and pulls it only after the confirm', async () => {
  const { documento, message } = await documentos.accept(novo(8));
  const ours = (sent: AnyEnvelope[]) => sent.filter(({ correlationId }) => correlationId === documento._id);
  const options = { clock, leaseMs: LEASE };
  const early = publisher();
  await sweepOutbox(model, { ...options, ...early });
  assert.deepEqual(ours(early.sent), []);
  clock.advance(LEASE + 1);
  const refused = publisher('unroutable');
  await sweepOutbox(model, { ...options, ...refused });
  assert.equal(ours(refused.sent)[0]?.id, message?.id);
  assert.equal((await documentos.findById(documento._id))?.outbox.length, 1);
  clock.advance(LEASE + 1);
  const confirmed = publisher();
  await Promise.all([sweepOutbox(model, { ...options, ...confirmed }), sweepOutbox(model, { ...options, ...confirmed })]);
  assert.equal(ours(confirmed.sent).length, 1, 'two sweeps at once publish it once');
  assert.deepEqual((await documentos.findById(documento._id))?.outbox, []);
});

test('the clockwork publishes a due action once, again after a while if nothing came of it, and at once if the broker was away', async () => {
  const { documento } = await documentos.accept(novo(9));
  await documentos.transition(documento, { nextAt: new Date(clock.now().getTime() + 15_000), nextAction: 'document.reconcile' });
  const due = async (result?: 'unknown') => {
    const { sent, publish } = publisher(result ?? 'confirmed');
    await sweepDue(model, { wake: WAKE_DOCUMENTO, clock, publish });
    return sent.filter(({ correlationId }) => correlationId === documento._id).map(({ type }) => type);
  };
  assert.deepEqual(await due(), []);
  clock.advance(15_000);
  assert.deepEqual(await due('unknown'), ['document.reconcile']);
  assert.deepEqual(await due(), ['document.reconcile']);
  assert.deepEqual(await due(), []);
  clock.advance(DUE_AGAIN_MS + 1);
  assert.deepEqual(await due(), ['document.reconcile']);
});

test('signed bytes come back exactly, and storing them twice is one row', async () => {
  const bytes = Buffer.from('<NFe>\r\n çã \u{1F600}</NFe>');
  const where = { emitente: identity.emitente, aamm: '2611' };
  const id = await store.conteudos.put(bytes, where);
  assert.equal(await store.conteudos.put(bytes, where), id);
  assert.deepEqual(await store.conteudos.get(id), bytes);
  assert.equal(await store.conteudos.get(`${id}x`), undefined);
});

test('what is in recovery is listed for its account, the next action first, and a forgotten document is woken', async () => {
  const conta = 'conta-r';
  const at = clock.now();
  const ended = { n: 1, kind: 'authorize' as const, autorizador: 'SP' as const, service: 's', sentAt: at, until: at, trace: 't' };
  const make = async (numero: number, change: object) => {
    const { documento } = await documentos.accept(novo(numero, { conta }));
    await documentos.transition(documento, change);
    return documento._id;
  };
  const later = (ms: number) => new Date(at.getTime() + ms);
  await make(20, { state: 'authorized', nextAt: undefined });
  const uncertain = await make(21, { state: 'uncertain', nextAt: later(60_000) });
  const waiting = await make(22, { state: 'signed', attempts: [{ ...ended, endedAt: at, result: 'not-sent' }], nextAt: later(5_000) });
  await make(23, { state: 'signed', attempts: [{ ...ended, result: 'open' }], nextAt: later(1_000) });
  const list = async () => {
    const { total, documentos: rows } = await store.recovering({ conta, skip: 0, limit: 20 });
    return [total, ...rows.map(({ _id }) => _id)];
  };
  assert.deepEqual(await list(), [2, waiting, uncertain]);
  const oldest = await store.recovering({ conta, skip: 0, limit: 1, oldestFirst: true });
  assert.deepEqual([oldest.total, oldest.documentos[0]?._id], [2, uncertain]);
  assert.equal((await store.recovering({ conta: 'conta-x', skip: 0, limit: 20 })).total, 0);
  const forgotten = await make(24, { state: 'uncertain', nextAt: undefined });
  assert.deepEqual(await wakeForgotten(model, clock.now()), [forgotten]);
  assert.equal((await documentos.findById(forgotten))?.nextAction, 'document.reconcile');
});
