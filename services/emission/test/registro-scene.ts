import assert from 'node:assert/strict';
import { after } from 'node:test';
import { testStack } from '@malote/devstack/devstack';
import { buildChave } from '@malote/fiscal/chave/chave-acesso';
import { readIdentity } from '@malote/fiscal/emission/identity';
import { decide } from '@malote/fiscal/emission/lifecycle';
import { eventoXmlFromJson } from '@malote/fiscal/evento/json-evento';
import { kindOfTipo } from '@malote/fiscal/evento/kinds';
import { readEvento } from '@malote/fiscal/evento/read-evento';
import { inutilizacaoXmlFromJson } from '@malote/fiscal/inutilizacao/json-inutilizacao';
import { readInutilizacao } from '@malote/fiscal/inutilizacao/read-inutilizacao';
import { parseXml } from '@malote/fiscal/xml/parse';
import { type Clock, systemClock } from '@malote/runtime/clock';
import { createLogger } from '@malote/runtime/logger';
import { type Protections, protectionsWithout } from '@malote/runtime/protections';
import { createSecretBox } from '@malote/runtime/secret-box';
import { readPfx } from '@malote/sefaz/pfx';
import { connectStore, type Store } from '@malote/store/connect';
import type { Documento } from '@malote/store/documento';
import type { Evento } from '@malote/store/evento';
import type { Inutilizacao } from '@malote/store/inutilizacao';
import { createCa, issueCompanyPfx } from '@malote/testkit/certificates';
import { sampleNfce } from '@malote/testkit/sample-nfce';
import { dhEmiText, sampleNfe } from '@malote/testkit/sample-nfe';
import { MongoClient } from 'mongodb';
import { createCredentials } from '../credentials.ts';
import { type EmissionDeps, emissionHandler } from '../handle-message.ts';
import { createModos } from '../modos.ts';
import { prepareDocument } from '../prepare-document.ts';
import { voidedRanges } from '../voided-ranges.ts';
import type { FakeSefaz } from './fake-sefaz.ts';

const CNPJ = '11222333000181';
const EMITTER = { cnpj: CNPJ, uf: 'SP', ie: '110042490114' } as const;
const CONTINGENCIA = { dhCont: '2026-11-01T10:00:00-03:00', xJust: 'SEFAZ autorizadora sem resposta' };
const log = createLogger({ service: 'test', level: 'silent' });

/** A company with a certificate and authorised notes, on a database and a clock of this file's own. */
export interface Scene {
  store: Store;
  clock: Clock & { advance(ms: number): void };
  /** An authorised note; `nfce`: of model 65, with this tpEmis. */
  authorised(as?: { nfce?: boolean; tpEmis?: '1' | '9' }): Promise<Documento>;
  evento(): Promise<Evento>;
  /** A cancelamento of this document. */
  cancelamento(of: Documento, justificativa: string): Promise<Evento>;
  /** A carta de correção of the document of another evento; the same text is the same request. */
  correcao(of: Evento, texto: string): Promise<Evento>;
  inutilizacao(): Promise<Inutilizacao>;
  /** A note that was signed for an EPEC which nobody has asked for yet; `edit` changes it before. */
  epecNote(options?: { nfce?: boolean; edit?: (xml: string) => string }): Promise<Documento>;
  /** Handles one message about the registro or the note, with what `over` puts in the place of the real thing. */
  handle(registro: Evento | Inutilizacao | Documento, sefaz: FakeSefaz, over?: Partial<EmissionDeps>): Promise<unknown>;
  /** The same scene seen by a process that lacks these protections. */
  without(names: string): Promise<Scene>;
}

export async function openScene(): Promise<Scene> {
  const { mongoUrl } = await testStack();
  const database = `emission_${systemClock.uuid().replaceAll('-', '').slice(0, 12)}`;
  let offset = 0;
  const clock = {
    ...systemClock,
    now: () => new Date(systemClock.now().getTime() + offset),
    advance: (ms: number) => {
      offset += ms;
    },
  };
  const box = createSecretBox(`t:${Buffer.alloc(32, 1).toString('base64')}`);
  const stores: Store[] = [];
  const connect = async (protections: Protections) => {
    const store = await connectStore({ url: mongoUrl, database, clock, log, box, protections });
    stores.push(store);
    return store;
  };
  const store = await connect(protectionsWithout(''));
  await store.migrations.run();
  const client = await MongoClient.connect(mongoUrl);
  after(async () => {
    await client.db(database).dropDatabase();
    await client.close();
    for (const each of stores) await each.close();
  });
  const { _id: conta } = await store.contas.create({ nome: 'x' });
  await store.empresas.put({ conta, documento: CNPJ, uf: 'SP', ie: '110042490114', razaoSocial: 'x' });
  const { pfx, senha } = issueCompanyPfx(createCa(), { cnpj: CNPJ, razaoSocial: 'X', senha: 's' });
  const { keyPem, certPem, chainPem, key: _key, certDer: _certDer, tipo: _tipo, ...info } = readPfx(pfx, senha);
  const certificado = await store.certificados.put({ conta, empresa: CNPJ }, info, { keyPem, certPem, chainPem });
  await store.empresas.useCertificado({ conta, documento: CNPJ }, certificado);
  let numero = 0;

  const sceneOf = (own: Store, protections: Protections): Scene => ({
    store: own,
    clock,
    authorised,
    cancelamento: (of, justificativa) => ask(own, of, { tipo: 'cancelamento', justificativa }),
    evento: async () => ask(own, await authorised(), { tipo: 'cancelamento', justificativa: 'Pedido desfeito pelo cliente' }),
    async correcao({ documentoId }, texto) {
      const documento = await own.documentos.findById(documentoId);
      assert.ok(documento);
      return ask(own, documento, { tipo: 'carta-correcao', correcao: texto });
    },
    async inutilizacao() {
      const n = ++numero;
      const asked = { uf: 'SP', ano: 26, serie: 1, numeroInicial: n, numeroFinal: n, justificativa: 'Falha na numeração do sistema' };
      const json = inutilizacaoXmlFromJson(asked, { emitente: CNPJ, tpAmb: '2', modelo: '55' });
      assert.ok(json.ok);
      const read = readInutilizacao(parseXml(json.xml));
      assert.ok(read.ok);
      const entrada = Buffer.from(json.xml);
      return (await own.inutilizacoes.accept({ conta, empresa: CNPJ, pedido: read.pedido, layout: 'sefaz', entrada, traceparent: 't' }))
        .registro;
    },
    handle(registro, sefaz, over = {}) {
      const type = 'tpEvento' in registro ? 'evento.register' : 'tpEmisInformado' in registro ? 'document.emit' : 'inutilizacao.request';
      const message = { id: clock.uuid(), type, payload: { registroId: registro._id, documentId: registro._id } };
      const deps = { ...depsOf(own, protections), sefaz: sefaz.client, ...over };
      const context = { now: clock.now(), log, signal: new AbortController().signal, attempt: 1, redelivered: false };
      return emissionHandler(deps)(message as never, context as never);
    },
    async epecNote({ nfce = false, edit = (xml: string) => xml } = {}) {
      const write = nfce ? sampleNfce : sampleNfe;
      const facts = { ...EMITTER, numero: ++numero, dhEmi: clock.now(), tpEmis: '4', contingencia: CONTINGENCIA };
      const documento = await accept(edit(write(facts)));
      const voided = voidedRanges(own.inutilizacoes, clock);
      const prepared = await prepareDocument(documento, { ...depsOf(own, protections), voided, modos: createModos({ store: own, clock }) });
      assert.ok(prepared.ok && prepared.as === 'epec', JSON.stringify(prepared));
      const { change } = decide(documento, { kind: 'epec', content: prepared.content }, clock.now());
      const signed = await own.documentos.transition(documento, { ...change, entrada: undefined });
      assert.ok(signed);
      return signed;
    },
    async without(names) {
      const less = protectionsWithout(names);
      return sceneOf(await connect(less), less);
    },
  });
  return sceneOf(store, protectionsWithout(''));

  async function ask(own: Store, documento: Documento, body: { tipo: string; [field: string]: string }): Promise<Evento> {
    const json = eventoXmlFromJson(body, { modelo: documento.modelo, chave: String(documento.chave) });
    assert.ok(json.ok);
    const read = readEvento(parseXml(json.xml), 'sefaz');
    const kind = kindOfTipo(documento.modelo, body.tipo);
    assert.ok(read.ok && kind);
    const entrada = Buffer.from(json.xml);
    return (await own.eventos.accept({ conta, documento, pedido: read.pedido, kind, layout: 'sefaz', entrada, traceparent: 't' })).registro;
  }

  function depsOf(own: Store, protections: Protections): Omit<EmissionDeps, 'sefaz'> {
    return {
      store: own,
      credentials: createCredentials(own),
      validator: { validate: () => [], compile: () => {}, dispose: () => {} } as unknown as EmissionDeps['validator'],
      ...{ sefazTimeoutMs: 45_000, clock, respTec: undefined, prazos: [], protections },
      ...{ publish: async () => 'confirmed', nudge: () => {} },
    };
  }

  async function accept(xml: string): Promise<Documento> {
    const read = readIdentity(parseXml(xml), 'sefaz');
    assert.ok(read.ok);
    const { identity, fingerprint } = read;
    const entrada = Buffer.from(xml);
    return (await store.documentos.accept({ conta, identity, fingerprint, layout: 'sefaz', entrada, traceparent: 't' })).documento;
  }

  async function authorised({ nfce = false, tpEmis = '1' }: { nfce?: boolean; tpEmis?: '1' | '9' } = {}) {
    const dhEmi = clock.now();
    const documento = await accept(sampleNfe({ ...EMITTER, numero: ++numero, dhEmi, nfce }));
    const aamm = documento.dhEmi.slice(2, 4) + documento.dhEmi.slice(5, 7);
    const chave = buildChave({
      ...{ cUF: '35', aamm, documento: CNPJ, modelo: documento.modelo, serie: '001' },
      ...{ numero: String(numero).padStart(9, '0'), tpEmis, cNF: '12345678' },
    });
    const retorno = {
      class: 'authorized',
      cStat: '100',
      xMotivo: 'x',
      nProt: '135260000000001',
      dhRecbto: dhEmiText(dhEmi, 'SP'),
    } as const;
    const change = { state: 'authorized', chave, tpEmis, autorizador: 'SP', retorno, nextAt: undefined } as const;
    const settled = await store.documentos.transition(documento, change);
    assert.ok(settled);
    return settled;
  }
}
