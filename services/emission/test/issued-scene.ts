import assert from 'node:assert/strict';
import { after } from 'node:test';
import { testStack } from '@malote/devstack/devstack';
import { ASSENTAMENTO_MS } from '@malote/fiscal/contingencia/descarga';
import { readIdentity } from '@malote/fiscal/emission/identity';
import { parseXml } from '@malote/fiscal/xml/parse';
import type { AnyEnvelope } from '@malote/messages/envelope';
import { type Clock, systemClock } from '@malote/runtime/clock';
import { createLogger } from '@malote/runtime/logger';
import { createSecretBox } from '@malote/runtime/secret-box';
import { connectStore, type Store } from '@malote/store/connect';
import type { Documento } from '@malote/store/documento';
import { sampleCnpj } from '@malote/testkit/sample-cnpj';
import { sampleNfe } from '@malote/testkit/sample-nfe';
import { MongoClient } from 'mongodb';

export const log = createLogger({ service: 'test', level: 'silent' });

export interface IssuedScene {
  store: Store;
  conta: string;
  /** Both readings move together, by hand. */
  clock: Clock & { advance(ms: number): void };
  /** What was published. */
  sent: AnyEnvelope[];
  publish(message: AnyEnvelope): Promise<'confirmed'>;
  company(n: number, uf?: 'SP' | 'RS'): Promise<string>;
  /** A note handed over off line now. */
  issued(cnpj: string, numero: number, over?: Partial<Documento>): Promise<Documento>;
  load(documento: Pick<Documento, '_id'>): Promise<Documento>;
}

/** A store of this file's own with a clock of its own. */
export async function openIssuedScene(): Promise<IssuedScene> {
  const { mongoUrl } = await testStack();
  const database = `issued_${systemClock.uuid().replaceAll('-', '').slice(0, 12)}`;
  let ms = Date.parse('2026-11-23T12:00:00Z');
  const clock = {
    ...systemClock,
    now: () => new Date(ms),
    monotonic: () => ms,
    advance: (by: number) => {
      ms += by;
    },
  };
  const box = createSecretBox(`t:${Buffer.alloc(32, 1).toString('base64')}`);
  const store = await connectStore({ url: mongoUrl, database, clock, log, box });
  await store.migrations.run();
  after(async () => {
    const client = await MongoClient.connect(mongoUrl);
    await client.db(database).dropDatabase();
    await client.close();
    await store.close();
  });
  const { _id: conta } = await store.contas.create({ nome: 'x' });
  const sent: AnyEnvelope[] = [];
  const ufs = new Map<string, 'SP' | 'RS'>();
  return {
    ...{ store, conta, clock, sent },
    async publish(message) {
      sent.push(message);
      return 'confirmed';
    },
    async company(n, uf = 'SP') {
      const cnpj = sampleCnpj(n);
      ufs.set(cnpj, uf);
      await store.empresas.put({ conta, documento: cnpj, uf, ie: '110042490114', razaoSocial: 'x' });
      return cnpj;
    },
    async issued(cnpj, numero, over = {}) {
      const now = clock.now();
      const xml = sampleNfe({ cnpj, uf: ufs.get(cnpj) ?? 'SP', ie: '110042490114', numero, dhEmi: now, nfce: true });
      const read = readIdentity(parseXml(xml), 'sefaz');
      assert.ok(read.ok);
      const { identity, fingerprint } = read;
      const entrada = Buffer.from(xml);
      const { documento } = await store.documentos.accept({ conta, identity, fingerprint, layout: 'sefaz', entrada, traceparent: 't' });
      const prazoAte = new Date(now.getTime() + 36 * 3_600_000);
      const change: Partial<Documento> = {
        ...{ state: 'issued', tpEmis: '9', autorizador: documento.autorizadorNormal, pendenteDesde: now, enviarAte: undefined },
        contingencia: {
          modo: 'OFFLINE',
          desde: now,
          emitidaEm: new Date(now.getTime() - ASSENTAMENTO_MS),
          prazoAte,
          alvoAte: new Date(now.getTime() + 24 * 3_600_000),
        },
        ...{ nextAt: new Date(now.getTime() + 3_600_000), nextAction: 'document.emit', entrada: undefined, outbox: [] },
      };
      const issued = await store.documentos.transition(documento, { ...change, ...over });
      assert.ok(issued);
      return issued;
    },
    async load({ _id }) {
      const found = await store.documentos.findById(_id);
      assert.ok(found);
      return found;
    },
  };
}
