import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AnyEnvelope } from '@malote/messages/envelope';
import type { Documento } from '@malote/store/documento';
import type { Evento } from '@malote/store/evento';
import { dhEmiText } from '@malote/testkit/sample-nfe';
import { type FakeSefaz, fakeSefaz } from './fake-sefaz.ts';
import { openScene } from './registro-scene.ts';

const scene = await openScene();
const { store, clock } = scene;
const MINUTE = 60_000;

/** Wakes the note when it is due, as the clockwork does. */
async function wake({ _id }: Documento, sefaz: FakeSefaz) {
  const documento = await reload(_id);
  clock.advance(Math.max(0, (documento.nextAt?.getTime() ?? 0) - clock.now().getTime()) + 1);
  await scene.handle(documento, sefaz);
}

async function reload(id: string): Promise<Documento> {
  const documento = await store.documentos.findById(id);
  assert.ok(documento);
  return documento;
}

async function eventoOf({ conta, _id }: Documento): Promise<Evento> {
  const [evento, ...others] = await store.eventos.listOf({ conta, documentoId: _id });
  assert.ok(evento && others.length === 0);
  return evento;
}

/** The note has asked for its EPEC, which is not sent yet. */
async function asked(sefaz: FakeSefaz) {
  const documento = await scene.epecNote();
  await wake(documento, sefaz);
  return { documento: await reload(documento._id), evento: await eventoOf(documento) };
}

const refusal = (cStat: string) => ({ kind: 'said', class: 'rejected', cStat, xMotivo: `Rejeição ${cStat}` }) as const;

test('a note asks for its EPEC once, at AN, and is issued with its protocolo when that is registered', async () => {
  const sefaz = fakeSefaz();
  const { documento, evento } = await asked(sefaz);
  assert.deepEqual([evento.tpEvento, evento.autorizadorNormal, evento.chave], ['110140', 'AN', documento.chave]);
  await wake(documento, sefaz);
  assert.equal((await eventoOf(documento)).version, evento.version, 'asking again changes nothing');
  assert.equal((await reload(documento._id)).state, 'signed');

  const published: AnyEnvelope[] = [];
  const publish = async (message: AnyEnvelope) => void published.push(message);
  await scene.handle(evento, sefaz, { publish });
  const [held] = [...sefaz.held.values()];
  assert.ok(held);
  assert.ok(held.signedXml.includes('<cOrgao>91</cOrgao>'), held.signedXml);
  const issued = await reload(documento._id);
  assert.deepEqual([issued.state, issued.contingencia?.epec?.nProt], ['issued', held.nProt]);
  assert.ok(issued.pendenteDesde && issued.contingencia?.emitidaEm);
  assert.deepEqual([issued.chave, issued.digest], [documento.chave, documento.digest]);
  assert.equal((await eventoOf(documento)).nextAt, undefined, 'applied');
});

test('an EPEC whose answer is lost is sent again as it is, and then its note is issued', async () => {
  const sefaz = fakeSefaz();
  const { documento, evento } = await asked(sefaz);
  sefaz.loseAnswers(1);
  await scene.handle(evento, sefaz);
  assert.equal((await reload(documento._id)).state, 'signed');
  clock.advance(MINUTE);
  await scene.handle(evento, sefaz);
  assert.deepEqual(new Set(sefaz.calls).size, 1, `${sefaz.calls}`);
  assert.equal(sefaz.calls.length, 2);
  assert.equal((await reload(documento._id)).state, 'issued');
});

test('an EPEC that is refused refuses its note with what AN said, and the number takes other content and another EPEC', async () => {
  const sefaz = fakeSefaz();
  const { documento, evento } = await asked(sefaz);
  sefaz.refuseWith(refusal('142'));
  await scene.handle(evento, sefaz);
  const rejected = await reload(documento._id);
  assert.deepEqual([rejected.state, rejected.retorno?.cStat, rejected.retorno?.class], ['rejected', '142', 'rejected']);

  // The ERP posts the number again; the same EPEC may well be taken now.
  clock.advance(1);
  const contingencia = { modo: 'EPEC', desde: clock.now(), epecDesde: clock.now() } as const;
  const next = await store.documentos.transition(rejected, { state: 'signed', retorno: undefined, nextAt: clock.now(), contingencia });
  assert.ok(next);
  sefaz.refuseWith(undefined);
  await wake(next, sefaz);
  assert.equal((await eventoOf(next)).state, 'received', 'a new round');
  await scene.handle(await eventoOf(next), sefaz);
  assert.equal((await reload(next._id)).state, 'issued');
});

test('a worker that dies between the end of the EPEC and its note leaves nothing undone', async () => {
  for (const [refused, state] of [
    [false, 'issued'],
    [true, 'rejected'],
  ] as const) {
    const sefaz = fakeSefaz();
    const { documento, evento } = await asked(sefaz);
    if (refused) sefaz.refuseWith(refusal('578'));
    const findById = async () => {
      throw new Error('killed');
    };
    const documentos = { ...store.documentos };
    // The preparation reads the note; what comes after the answer finds the worker dead.
    documentos.findById = (id: string) => (sefaz.calls.length > 0 ? findById() : store.documentos.findById(id));
    await scene.handle(evento, sefaz, { store: { ...store, documentos } });
    assert.equal((await reload(documento._id)).state, 'signed', 'the harm that is repaired');
    await wake(documento, sefaz);
    assert.equal((await reload(documento._id)).state, state);
  }
});

test('a note that an EPEC cannot speak of is refused before anything is asked, and its number is free', async () => {
  const sefaz = fakeSefaz();
  const documento = await scene.epecNote({ edit: (xml) => xml.replace(/<dest>.*<\/dest>/, '') });
  await wake(documento, sefaz);
  const after = await reload(documento._id);
  assert.deepEqual([after.state, after.faults.map(({ code }) => code), after.retorno], ['rejected', ['EVT-029'], undefined]);
  assert.deepEqual(await store.eventos.listOf({ conta: documento.conta, documentoId: documento._id }), []);
});

test('the EPEC of an NFC-e goes to the service of its own of SP', async () => {
  const sefaz = fakeSefaz();
  const documento = await scene.epecNote({ nfce: true });
  await wake(documento, sefaz);
  const evento = await eventoOf(documento);
  assert.equal(evento.autorizadorNormal, 'SP');
  const seen: unknown[] = [];
  const client = Object.create(sefaz.client, {
    registerEvento: {
      value: async (call: Parameters<FakeSefaz['client']['registerEvento']>[0]) => {
        seen.push([call.modelo, call.autorizador, call.epec, call.about]);
        return sefaz.client.registerEvento(call);
      },
    },
  });
  await scene.handle(evento, sefaz, { sefaz: client });
  assert.deepEqual(seen, [['65', 'SP', true, undefined]]);
  const [{ signedXml } = { signedXml: '' }] = [...sefaz.held.values()];
  assert.match(signedXml, /<cOrgao>35<.*<vNF>[\d.]+<\/vNF><vICMS>[\d.]+<\/vICMS><\/detEvento>/);
  assert.equal((await eventoOf(documento)).attempts[0]?.service, 'RecepcaoEPEC');
  assert.equal((await reload(documento._id)).state, 'issued');
});

test('an EPEC is never dated before its note, whose clock may be a little ahead', async () => {
  const sefaz = fakeSefaz();
  const ahead = dhEmiText(new Date(clock.now().getTime() + 4 * MINUTE), 'SP');
  const documento = await scene.epecNote({ edit: (xml) => xml.replace(/<dhEmi>[^<]+/, `<dhEmi>${ahead}`) });
  // Woken at once: waiting for its turn would bring the clock past it.
  const due = await store.documentos.transition(documento, { nextAt: clock.now() });
  assert.ok(due);
  await scene.handle(due, sefaz);
  await scene.handle(await eventoOf(documento), sefaz);
  assert.equal((await eventoOf(documento)).dhEvento, ahead);
});
