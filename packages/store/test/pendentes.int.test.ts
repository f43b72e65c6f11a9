import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DocumentIdentity } from '@malote/fiscal/emission/identity';
import type { Attempt } from '@malote/fiscal/emission/lifecycle-state';
import type { Documento } from '../documento.ts';
import { PENDENTES_ORDER, pendentesFilter } from '../pendentes.ts';
import { movableClock, openStore } from './open-store.ts';

const clock = movableClock();
const { store, raw } = await openStore(clock);
const { documentos } = store;
const CNPJ = '11222333000181';
const ATTEMPT: Attempt = {
  ...{ n: 1, kind: 'authorize', autorizador: 'SP', service: 'x', sentAt: new Date(), until: new Date(), trace: 't' },
  ...{ result: 'answered', cStat: '704', xMotivo: 'x' },
};

/** A note handed over off line, emitted `minute` minutes after ten. */
async function issued(numero: number, minute = 0, over: Partial<Documento> = {}, identity: Partial<DocumentIdentity> = {}) {
  const dhEmi = `2026-11-21T10:${String(minute).padStart(2, '0')}:00-03:00`;
  const { documento } = await documentos.accept({
    ...{ conta: 'conta-a', fingerprint: `f${numero}`, layout: 'sefaz', entrada: Buffer.from(`<NFe>${numero}</NFe>`), traceparent: 't' },
    identity: {
      ...{ emitente: CNPJ, tipoEmitente: 'CNPJ', tpAmb: '2', modelo: '65', cUF: '35', uf: 'SP', serie: 1, numero, dhEmi },
      ...{ tpEmis: '1', semIe: false, assinado: false, ...identity },
    },
  });
  const now = clock.now();
  const after = await documentos.transition(documento, {
    ...{ state: 'issued', pendenteDesde: now, tpEmis: '9', chave: `chave${numero}`, cNF: '12345678', digest: 'd', conteudo: `c${numero}` },
    contingencia: { modo: 'OFFLINE', desde: now, emitidaEm: now, prazoAte: now, alvoAte: now, vez: now },
    ...{ nextAt: now, outbox: [], entrada: undefined, ...over },
  });
  assert.ok(after);
  return after;
}
const correction = (documento: Documento, fingerprint = 'corrected') => ({
  ...{ conta: 'conta-a', documentoId: documento._id, fingerprint, danfeAlterado: false, traceparent: 't2' },
  entrada: Buffer.from('<NFe>corrected</NFe>'),
});
const refused = (numero: number) => issued(numero, 0, { state: 'rejected', attempts: [ATTEMPT], nextAt: undefined });

test('pending documents of a company come in the order of emission, with their count, and of both ambientes when none is asked for', async () => {
  await issued(3, 1);
  await issued(1, 5);
  await issued(2, 3, {}, { tpAmb: '1' });
  await issued(4, 2, { state: 'authorized', pendenteDesde: undefined });
  const ask = { conta: 'conta-a', empresa: CNPJ, skip: 0, limit: 2 };
  const page = await store.pendentes(ask);
  assert.equal(page.total, 3);
  assert.deepEqual(
    page.documentos.map(({ numero }) => numero),
    [3, 2],
  );
  assert.deepEqual(
    (await store.pendentes({ ...ask, skip: 2 })).documentos.map(({ numero }) => numero),
    [1],
  );
  assert.equal((await store.pendentes({ ...ask, tpAmb: '1' })).total, 1);
  assert.equal((await store.pendentes({ ...ask, conta: 'conta-b' })).total, 0);
});

test('pending documents, the flush and open substitutions are read on their indexes, in order, without a sort', async () => {
  const collection = raw.collection('documentos');
  const queries = [
    collection
      .find(pendentesFilter({ conta: 'conta-a', empresa: CNPJ }))
      .hint('pendentes')
      .sort(PENDENTES_ORDER),
    collection
      .find({ pendenteDesde: { $exists: true } })
      .hint('pendenteDesde')
      .sort({ pendenteDesde: 1 }),
    collection
      .find({ state: 'issued', autorizadorNormal: 'SP', tpAmb: '2', modelo: '65', uf: 'SP', 'contingencia.vez': null })
      .hint('descarga')
      .sort({ emitidoEm: 1, _id: 1 }),
    collection
      .find({ 'substituicao.situacao': { $in: ['aguarda', 'cancelar', 'inutilizar'] } })
      .hint('substituicoes')
      .sort({ 'substituicao.desde': 1, _id: 1 }),
  ];
  for (const query of queries) {
    const plan = JSON.stringify(await query.explain('queryPlanner'));
    assert.match(plan, /IXSCAN/);
    assert.doesNotMatch(plan, /"stage":"(COLLSCAN|SORT)"/);
  }
});

test('a correction makes a refused note received again: its key, paper and last bytes stay, the refused round is kept', async () => {
  const before = await refused(20);
  const result = await documentos.correct({ ...correction(before), danfeAlterado: true });
  assert.equal(result?.outcome, 'accepted');
  const { documento, message } = result;
  assert.equal(message?.type, 'document.emit');
  assert.equal(documento.outbox.at(-1)?.id, message.id);
  const { tpEmis, chave, cNF, conteudo, pendenteDesde, state, attempts, rodadas, contingencia, retorno } = documento;
  assert.deepEqual([state, attempts, retorno], ['received', [], undefined]);
  assert.deepEqual([tpEmis, chave, cNF, conteudo, pendenteDesde], ['9', 'chave20', '12345678', 'c20', before.pendenteDesde]);
  assert.deepEqual(
    rodadas.map((rodada) => [rodada.fingerprint, rodada.conteudo, rodada.attempts.length]),
    [['f20', 'c20', 1]],
  );
  assert.deepEqual([contingencia?.danfeAlterado, contingencia?.vez], [true, undefined]);
  assert.deepEqual(contingencia?.emitidaEm, before.contingencia?.emitidaEm);
  assert.equal((await documentos.entradaOf(documento))?.toString(), '<NFe>corrected</NFe>');

  assert.equal((await documentos.correct(correction(before)))?.outcome, 'same');
  assert.equal((await documentos.correct(correction(before, 'another')))?.outcome, 'conflict');
  // Refused by the hub itself: no round worth keeping, and what is to be printed again stays so.
  assert.ok(await documentos.transition(documento, { state: 'invalid' }));
  const again = await documentos.correct(correction(before, 'another'));
  assert.deepEqual([again?.outcome, again?.documento.rodadas.length, again?.documento.contingencia?.danfeAlterado], ['accepted', 1, true]);
});

test('only what was handed over and refused is corrected, by its own account, and by one of two who try at once', async () => {
  const cases: Partial<Documento>[] = [
    { state: 'issued' },
    { state: 'rejected', pendenteDesde: undefined },
    { state: 'denied' },
    { state: 'rejected', substituidaPor: { documentoId: 'x' } },
    { state: 'rejected', attempts: [{ ...ATTEMPT, result: 'open' }] },
  ];
  for (const [index, over] of cases.entries()) {
    const documento = await issued(30 + index, 0, over);
    assert.equal((await documentos.correct(correction(documento)))?.outcome, 'conflict', JSON.stringify(over));
  }
  const note = await refused(40);
  assert.equal(await documentos.correct({ ...correction(note), conta: 'conta-b' }), undefined);
  assert.equal(await documentos.correct({ ...correction(note), documentoId: 'none' }), undefined);
  const both = await Promise.all(['a', 'b'].map((fingerprint) => documentos.correct(correction(note, fingerprint))));
  assert.deepEqual(both.map((each) => each?.outcome).sort(), ['accepted', 'conflict']);
});
