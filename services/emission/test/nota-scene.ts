import assert from 'node:assert/strict';
import { after } from 'node:test';
import { testStack } from '@malote/devstack/devstack';
import { type Modo, startOf } from '@malote/fiscal/contingencia/situacao';
import { readIdentity } from '@malote/fiscal/emission/identity';
import type { Retorno } from '@malote/fiscal/retorno/read-retorno';
import { parseXml } from '@malote/fiscal/xml/parse';
import type { AnyEnvelope } from '@malote/messages/envelope';
import { type Clock, systemClock } from '@malote/runtime/clock';
import { createLogger } from '@malote/runtime/logger';
import { protectionsWithout } from '@malote/runtime/protections';
import { createSecretBox } from '@malote/runtime/secret-box';
import type { SefazClient } from '@malote/sefaz/client';
import { NotSent, OutcomeUnknown } from '@malote/sefaz/failure';
import { readPfx } from '@malote/sefaz/pfx';
import { connectStore, type Store } from '@malote/store/connect';
import type { Contingencia } from '@malote/store/contingencias';
import type { Documento, NovoDocumento } from '@malote/store/documento';
import { createCa, issueCompanyPfx } from '@malote/testkit/certificates';
import { sampleNfce } from '@malote/testkit/sample-nfce';
import { type SampleNfeOptions, sampleNfe } from '@malote/testkit/sample-nfe';
import { MongoClient } from 'mongodb';
import { createCredentials } from '../credentials.ts';
import { type EmissionDeps, emissionHandler } from '../handle-message.ts';
import { createModos } from '../modos.ts';

export const CNPJ = '11222333000181';
const log = createLogger({ service: 'test', level: 'silent' });

/** What becomes of a call; the clock goes on by its time-out where no answer comes. */
export type Fate = 'ok' | 'hangs' | 'answer lost' | 'away' | { cStat: string };

export interface FakeAutorizador {
  client: SefazClient;
  /** `authorize <autorizador> <chave>` and `consult <autorizador> <chave>`, in order. */
  calls: string[];
  /** Keys that were authorised. */
  held: Map<string, string>;
  /** The fates of the next calls; after them the last one again. */
  next(...fates: Fate[]): void;
}

export interface NotaScene {
  store: Store;
  clock: Clock & { advance(ms: number): void };
  conta: string;
  post(options?: Partial<SampleNfeOptions> & { esperaMs?: number; substitui?: Documento }): Promise<Documento>;
  postXml(xml: string): Promise<Documento>;
  handle(documento: Documento, sefaz: FakeAutorizador, over?: Partial<EmissionDeps>): Promise<Documento>;
  /** Wakes it when it asks to be, until it is as `until` says. */
  wake(documento: Documento, sefaz: FakeAutorizador, until: (documento: Documento) => boolean): Promise<Documento>;
  find(id: string): Promise<Documento>;
  /** A row of a mode as the contingency worker would have left it. */
  modo(row: Partial<Contingencia> & { modo?: Modo; modelo?: '55' | '65' }): Promise<void>;
}

export async function openNotaScene(): Promise<NotaScene> {
  const { mongoUrl } = await testStack();
  const database = `nota_${systemClock.uuid().replaceAll('-', '').slice(0, 12)}`;
  let offset = 0;
  let monotonic = 0;
  const clock = {
    ...systemClock,
    now: () => new Date(systemClock.now().getTime() + offset),
    // Every look is more than a second after the last: no test depends on what a cache still holds.
    monotonic: () => {
      monotonic += 2_000;
      return monotonic;
    },
    advance: (ms: number) => {
      offset += ms;
    },
  };
  const box = createSecretBox(`t:${Buffer.alloc(32, 1).toString('base64')}`);
  const store = await connectStore({ url: mongoUrl, database, clock, log, box });
  await store.migrations.run();
  const client = await MongoClient.connect(mongoUrl);
  after(async () => {
    await client.db(database).dropDatabase();
    await client.close();
    await store.close();
  });
  const { _id: conta } = await store.contas.create({ nome: 'x' });
  await store.empresas.put({ conta, documento: CNPJ, uf: 'SP', ie: '110042490114', razaoSocial: 'x' });
  const { pfx, senha } = issueCompanyPfx(createCa(), { cnpj: CNPJ, razaoSocial: 'X', senha: 's' });
  const { keyPem, certPem, chainPem, key: _key, certDer: _certDer, tipo: _tipo, ...info } = readPfx(pfx, senha);
  const certificado = await store.certificados.put({ conta, empresa: CNPJ }, info, { keyPem, certPem, chainPem });
  await store.empresas.useCertificado({ conta, documento: CNPJ }, certificado);
  let numero = 0;

  async function find(id: string): Promise<Documento> {
    const found = await store.documentos.findById(id);
    assert.ok(found, id);
    return found;
  }

  async function handle(documento: Documento, sefaz: FakeAutorizador, over: Partial<EmissionDeps> = {}): Promise<Documento> {
    const deps: EmissionDeps = {
      ...{ store, credentials: createCredentials(store), sefaz: sefaz.client, modos: createModos({ store, clock }) },
      validator: { validate: () => [], compile: () => {}, dispose: () => {} } as unknown as EmissionDeps['validator'],
      ...{ sefazTimeoutMs: 45_000, clock, respTec: undefined, prazos: [], protections: protectionsWithout('') },
      ...{ publish: async () => 'confirmed', nudge: () => {}, ...over },
    };
    const message = { id: clock.uuid(), type: 'document.emit', payload: { documentId: documento._id } };
    const context = { now: clock.now(), log, signal: new AbortController().signal, attempt: 1, redelivered: false };
    const outcome = await emissionHandler(deps)(message as AnyEnvelope, context as never);
    assert.equal(outcome.kind, 'done', JSON.stringify(outcome));
    return find(documento._id);
  }

  async function accept(xml: string, more: Pick<NovoDocumento, 'substitui' | 'responderAte'>): Promise<Documento> {
    const read = readIdentity(parseXml(xml), 'sefaz');
    assert.ok(read.ok);
    const { identity, fingerprint } = read;
    const novo = { conta, identity, fingerprint, layout: 'sefaz', entrada: Buffer.from(xml), traceparent: 't', ...more } as const;
    return (await store.documentos.accept(novo)).documento;
  }

  return {
    store,
    clock,
    conta,
    find,
    handle,
    post({ esperaMs, substitui, ...options } = {}) {
      const facts = { cnpj: CNPJ, uf: 'SP', ie: '110042490114', numero: ++numero, dhEmi: clock.now(), ...options } as const;
      return accept(facts.nfce ? sampleNfce(facts) : sampleNfe(facts), {
        ...(substitui ? { substitui: { documentoId: substitui._id, ...(substitui.chave ? { chave: substitui.chave } : {}) } } : {}),
        ...(esperaMs ? { responderAte: new Date(clock.now().getTime() + esperaMs) } : {}),
      });
    },
    postXml: (xml) => accept(xml, {}),
    async wake(documento, sefaz, until) {
      let current = documento;
      for (let wakes = 0; !until(current); wakes++) {
        assert.ok(wakes < 40 && current.nextAt, `still ${current.state} ${JSON.stringify(sefaz.calls)}`);
        clock.advance(Math.max(0, current.nextAt.getTime() - clock.now().getTime()));
        current = await handle(current, sefaz);
      }
      return current;
    },
    async modo({ modo = 'NORMAL', modelo = '55', ...row }) {
      const found = await store.contingencias.obtain(
        { modelo, uf: 'SP', ambiente: 'hom', ...(row.conta ? { conta: row.conta } : {}) },
        't',
      );
      const start = startOf(clock.now());
      const situacao = { ...start, mode: { ...start.mode, modo, since: clock.now() } };
      assert.ok(await store.contingencias.transition(found, { situacao, emVigor: true, ...row }));
    },
  };
}

/** Authorisers in memory, one database each, on the scene's clock. */
export function fakeAutorizador(clock: NotaScene['clock']): FakeAutorizador {
  const calls: string[] = [];
  const held: FakeAutorizador['held'] = new Map();
  let fates: Fate[] = ['ok'];

  async function call(kind: 'authorize' | 'consult', target: { autorizador: string; timeoutMs: number }, chave: string, digest?: string) {
    calls.push(`${kind} ${target.autorizador} ${chave}`);
    const fate = (fates.length > 1 ? fates.shift() : fates[0]) as Fate;
    const place = `${target.autorizador} ${chave}`;
    if (fate === 'away') throw new NotSent('conexao-recusada');
    if (fate === 'hangs' || fate === 'answer lost') {
      if (fate === 'answer lost' && digest) held.set(place, digest);
      clock.advance(target.timeoutMs);
      throw new OutcomeUnknown('sem-resposta');
    }
    if (fate !== 'ok') return answer(chave, fate.cStat);
    if (digest && !held.has(place)) held.set(place, digest);
    return held.has(place) ? answer(chave, '100', held.get(place)) : answer(chave, '217');
  }
  const client = {
    authorize: (target: { signedXml: string; autorizador: string; timeoutMs: number }) =>
      call('authorize', target, keyOf(target.signedXml), /<DigestValue>(.*?)<\/DigestValue>/.exec(target.signedXml)?.[1]),
    consult: (target: { chave: string; autorizador: string; timeoutMs: number }) => call('consult', target, target.chave),
  };
  return {
    ...{ client: client as unknown as SefazClient, calls, held },
    next: (...next) => {
      fates = next;
    },
  };
}

const CLASSES: Record<string, string> = { '100': 'authorized', '217': 'not-found', '108': 'unavailable', '114': 'svc', '656': 'throttled' };

function answer(chave: string, cStat: string, digVal?: string) {
  const facts = { cStat, xMotivo: cStat };
  const protocolo = digVal ? { protocolo: { ...facts, xml: '<protNFe/>', chave, nProt: '135', digVal, alertas: [] } } : {};
  const retorno = { kind: 'document', class: CLASSES[cStat] ?? 'rejected', ...facts, service: facts, ...protocolo } as unknown as Retorno;
  return { retorno, body: '', httpStatus: 200, durationMs: 1 };
}

function keyOf(xml: string): string {
  return /Id="NFe(\w{44})"/.exec(xml)?.[1] ?? '';
}
