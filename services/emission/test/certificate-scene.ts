import assert from 'node:assert/strict';
import { after } from 'node:test';
import { testStack } from '@malote/devstack/devstack';
import { readIdentity } from '@malote/fiscal/emission/identity';
import { parseXml } from '@malote/fiscal/xml/parse';
import { systemClock } from '@malote/runtime/clock';
import { createLogger } from '@malote/runtime/logger';
import { protectionsWithout } from '@malote/runtime/protections';
import { createSecretBox } from '@malote/runtime/secret-box';
import type { SefazClient, SefazTarget } from '@malote/sefaz/client';
import { OutcomeUnknown } from '@malote/sefaz/failure';
import { readPfx } from '@malote/sefaz/pfx';
import { connectStore } from '@malote/store/connect';
import type { Documento } from '@malote/store/documento';
import { createCa, issueCompanyPfx, type Validity } from '@malote/testkit/certificates';
import { sampleNfe } from '@malote/testkit/sample-nfe';
import { MongoClient } from 'mongodb';
import { createCredentials } from '../credentials.ts';
import { type EmissionDeps, emissionHandler } from '../handle-message.ts';

export const CNPJ = '11222333000181';
export const log = createLogger({ service: 'test', level: 'silent' });

/** What the authoriser was asked, and with which certificate (thumbprint). */
export interface Seen {
  call: 'authorize' | 'consult' | 'status';
  thumbprint: string;
  autorizador: string;
}

type Answer = Awaited<ReturnType<SefazClient['consult']>>['retorno'];

/** A company on a database and a clock of this file's own, with a worker whose authoriser says what it is told to. */
export async function openCertificateScene() {
  const { mongoUrl } = await testStack();
  const database = `emission_${systemClock.uuid().replaceAll('-', '').slice(0, 12)}`;
  let offset = 0;
  const clock = { ...systemClock, now: () => new Date(systemClock.now().getTime() + offset), advance: (ms: number) => (offset += ms) };
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
  const ca = createCa();
  const seen: Seen[] = [];
  const nudged: string[] = [];
  const answers: (Answer | Error)[] = [];

  const call = (name: Seen['call']) => async (target: SefazTarget) => {
    seen.push({ call: name, thumbprint: target.credential.thumbprint, autorizador: target.autorizador });
    const next = answers.shift() ?? new OutcomeUnknown('sem-resposta');
    if (next instanceof Error) throw next;
    return { retorno: next, body: '', httpStatus: 200, durationMs: 7 };
  };
  const sefaz = { authorize: call('authorize'), consult: call('consult'), status: call('status') } as unknown as SefazClient;
  const credentials = createCredentials(store);
  const deps: EmissionDeps = {
    ...{ store, credentials, sefaz, sefazTimeoutMs: 45_000, clock, respTec: undefined, prazos: [], protections: protectionsWithout('') },
    validator: { validate: () => [], compile: () => {}, dispose: () => {} } as unknown as EmissionDeps['validator'],
    publish: async () => 'confirmed',
    nudge: (id) => void nudged.push(id),
  };
  const handler = emissionHandler(deps);
  let numero = 0;

  return {
    ...{ store, clock, conta, seen, nudged, answers, credentials },
    owner: { conta, empresa: CNPJ },
    /** Installs a new certificate; gives its thumbprint and its id. */
    async install({ ambiente, ...validity }: Validity & { ambiente?: 'hom' } = {}) {
      const { pfx, senha } = issueCompanyPfx(ca, { cnpj: CNPJ, razaoSocial: 'X', senha: 's', ...validity });
      const a1 = readPfx(pfx, senha);
      const id = await store.certificados.put({ conta, empresa: CNPJ }, { ...a1, ...(ambiente ? { ambiente } : {}) }, a1);
      await store.empresas.useCertificado({ conta, documento: CNPJ }, id);
      return { id, thumbprint: a1.thumbprint, a1 };
    },
    /** A note as the edge stores it. */
    async note(tpAmb: '1' | '2' = '2'): Promise<Documento> {
      const xml = sampleNfe({ cnpj: CNPJ, uf: 'SP', ie: '110042490114', numero: ++numero, dhEmi: clock.now(), tpAmb });
      const read = readIdentity(parseXml(xml), 'sefaz');
      assert.ok(read.ok);
      const { identity, fingerprint } = read;
      const posted = { conta, identity, fingerprint, layout: 'sefaz', entrada: Buffer.from(xml), traceparent: 't' } as const;
      return (await store.documentos.accept(posted)).documento;
    },
    /** One message about it, as the clockwork sends it when it is due; what is stored then. */
    async work({ _id }: Pick<Documento, '_id'>): Promise<Documento> {
      const before = await store.documentos.findById(_id);
      if (before?.nextAt) clock.advance(Math.max(0, before.nextAt.getTime() - clock.now().getTime()));
      await this.handle('document.emit', { documentId: _id });
      const after = await store.documentos.findById(_id);
      assert.ok(after);
      return after;
    },
    handle(type: string, payload: object, id = clock.uuid()) {
      const context = { now: clock.now(), log, signal: new AbortController().signal, attempt: 1, redelivered: false };
      return handler({ id, type, payload } as never, context as never);
    },
  };
}
