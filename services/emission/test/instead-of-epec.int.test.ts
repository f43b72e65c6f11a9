import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RegistroAttempt } from '@malote/fiscal/registro/registro-state';
import type { AnyEnvelope } from '@malote/messages/envelope';
import { createLogger } from '@malote/runtime/logger';
import { protectionsWithout } from '@malote/runtime/protections';
import type { SefazClient } from '@malote/sefaz/client';
import { NotSent } from '@malote/sefaz/failure';
import type { Documento } from '@malote/store/documento';
import type { Evento } from '@malote/store/evento';
import { createCredentials } from '../credentials.ts';
import { type EmissionDeps, emissionHandler } from '../handle-message.ts';
import { createModos } from '../modos.ts';
import { fakeAutorizador, openNotaScene } from './nota-scene.ts';

const scene = await openNotaScene();
const { store, clock } = scene;
const log = createLogger({ service: 'test', level: 'silent' });
const sefaz = fakeAutorizador(clock);
const sent: string[] = [];

/** A note that the hub has signed for an EPEC, which is asked for and not sent; then another mode works. */
async function waiting() {
  await scene.modo({ modo: 'EPEC' });
  const documento = await scene.handle(await scene.post(), sefaz);
  assert.deepEqual([documento.state, documento.tpEmis], ['signed', '4']);
  return { documento, evento: await eventoOf(documento) };
}

async function eventoOf({ conta, _id }: Documento): Promise<Evento> {
  const [evento] = await store.eventos.listOf({ conta, documentoId: _id });
  assert.ok(evento);
  return evento;
}

async function wake({ _id }: Documento, over: Partial<EmissionDeps> = {}): Promise<Documento> {
  const documento = await scene.find(_id);
  clock.advance(Math.max(0, (documento.nextAt?.getTime() ?? 0) - clock.now().getTime()));
  return scene.handle(documento, sefaz, over);
}

/** The evento's own worker: AN is away, or the whole store is another's. */
async function work({ _id }: Evento, over: Partial<EmissionDeps> = {}): Promise<void> {
  const registerEvento = async ({ who: { chave } }: { who: { chave: string } }) => {
    sent.push(chave);
    throw new NotSent('conexao-recusada');
  };
  const deps: EmissionDeps = {
    ...{ store, credentials: createCredentials(store), modos: createModos({ store, clock }) },
    sefaz: { registerEvento } as unknown as SefazClient,
    validator: { validate: () => [], compile: () => {}, dispose: () => {} } as unknown as EmissionDeps['validator'],
    ...{ sefazTimeoutMs: 45_000, clock, respTec: undefined, prazos: [], protections: protectionsWithout('') },
    ...{ publish: async () => 'confirmed', nudge: () => {}, ...over },
  };
  const message = { id: clock.uuid(), type: 'evento.register', payload: { registroId: _id } };
  const context = { now: clock.now(), log, signal: new AbortController().signal, attempt: 1, redelivered: false };
  const outcome = await emissionHandler(deps)(message as unknown as AnyEnvelope, context as never);
  assert.equal(outcome.kind, 'done', JSON.stringify(outcome));
}

const attempt = (result: RegistroAttempt['result']): RegistroAttempt => ({
  ...{ n: 1, kind: 'register', autorizador: 'AN', service: 'RecepcaoEvento', sentAt: clock.now(), until: clock.now(), trace: 't', result },
});
const normal = () => scene.modo({ modo: 'NORMAL', emVigor: false });

test('an EPEC that never left the hub does not hold its note once another mode works: same number, and the EPEC is withdrawn', async () => {
  for (const [works, tpEmis] of [
    [() => scene.modo({ modo: 'SVC' }), '6'],
    [normal, '1'],
  ] as const) {
    const { documento, evento } = await waiting();
    await work(evento);
    assert.equal(sent.at(-1), documento.chave);
    await works();
    const after = await wake(documento);
    assert.deepEqual([after.state, after.tpEmis, after.cNF, after.numero], ['authorized', tpEmis, documento.cNF, documento.numero]);
    assert.deepEqual([after.contingencia?.modo, after.contingencia?.epecRetirado], [tpEmis === '6' ? 'SVC' : undefined, undefined]);
    const { state, faults, nextAt } = await eventoOf(documento);
    assert.deepEqual([state, faults.map(({ code }) => code), nextAt], ['rejected', ['epec-retirado'], undefined]);
    const before = sent.length;
    await work(evento);
    assert.equal(sent.length, before, 'a late message about it sends nothing');
  }
});

test('an EPEC that may be registered keeps its note, whatever works by now', async () => {
  for (const result of ['unknown', 'open'] as const) {
    const { documento, evento } = await waiting();
    assert.ok(await store.eventos.transition(evento, { state: 'uncertain', attempts: [attempt(result)] }));
    await scene.modo({ modo: 'SVC' });
    const after = await wake(documento);
    assert.deepEqual(
      [after.state, after.tpEmis, after.chave, after.contingencia?.epecRetirado],
      ['signed', '4', documento.chave, undefined],
    );
  }
});

test('a worker that begins to send the EPEC before it is withdrawn goes first, and its note waits', async () => {
  const { documento, evento } = await waiting();
  await scene.modo({ modo: 'SVC' });
  const transition: typeof store.documentos.transition = async (row, change, extras) => {
    const after = await store.documentos.transition(row, change, extras);
    // It read the note before this was stored.
    if (change.contingencia?.epecRetirado) await store.eventos.transition(evento, { state: 'signed', attempts: [attempt('open')] });
    return after;
  };
  const after = await wake(documento, { store: { ...store, documentos: { ...store.documentos, transition } } });
  assert.deepEqual([after.state, after.tpEmis, after.contingencia?.epecRetirado], ['signed', '4', undefined]);
  assert.equal((await eventoOf(documento)).attempts[0]?.result, 'open');
});

test('a worker that asks for the EPEC again after its withdrawal, from a note read before, has nothing sent', async () => {
  const { documento, evento } = await waiting();
  await scene.modo({ modo: 'SVC' });
  const marked = { ...documento.contingencia, epecRetirado: clock.now() } as NonNullable<Documento['contingencia']>;
  assert.ok(await store.documentos.transition(await scene.find(documento._id), { contingencia: marked }));
  const before = sent.length;
  await work(evento);
  assert.deepEqual([sent.length, (await eventoOf(documento)).state], [before, 'rejected']);
  const after = await wake(documento);
  assert.deepEqual([after.state, after.tpEmis], ['authorized', '6']);
  // As registrarEpec of that worker leaves it.
  const asked = { state: 'received', faults: [], nextAt: clock.now() } as const;
  assert.ok(await store.eventos.transition(await eventoOf(documento), { ...asked, faults: [] }));
  await work(evento);
  assert.deepEqual([sent.length, (await eventoOf(documento)).state], [before, 'rejected']);
});

test('a worker that dies on the way leaves a note that is signed for what works then: another mode, or another EPEC', async () => {
  const died = new Error('killed');
  const killAt = {
    'the note is marked': { eventos: 'transition' },
    'the EPEC is withdrawn': { conteudos: 'put' },
  } as const;
  for (const [where, [[part, method] = ['', '']]] of Object.entries(killAt).map(([w, at]) => [w, Object.entries(at)] as const)) {
    for (const [modo, tpEmis] of [
      ['SVC', '6'],
      ['EPEC', '4'],
    ] as const) {
      const { documento } = await waiting();
      await scene.modo({ modo: 'SVC' });
      const broken = { ...store, [part]: { ...store[part as 'eventos'], [method]: () => Promise.reject(died) } };
      await assert.rejects(wake(documento, { store: broken as typeof store }), /killed/, where);
      const left = await scene.find(documento._id);
      assert.ok(left.state === 'signed' && left.contingencia?.epecRetirado && left.nextAt, where);
      assert.equal((await eventoOf(documento)).state, part === 'eventos' ? 'received' : 'rejected');
      await scene.modo({ modo });
      const after = await wake(documento);
      assert.deepEqual([after.state, after.tpEmis], [tpEmis === '6' ? 'authorized' : 'signed', tpEmis], where);
      assert.equal(after.contingencia?.epecRetirado, undefined);
      assert.equal((await eventoOf(documento)).state, tpEmis === '6' ? 'rejected' : 'received');
      const before = sent.length;
      await work(await eventoOf(documento));
      assert.equal(sent.length > before, tpEmis === '4', where);
    }
  }
});
