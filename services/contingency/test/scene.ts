import { after } from 'node:test';
import { testStack } from '@malote/devstack/devstack';
import type { ObservedCalls } from '@malote/fiscal/contingencia/situacao';
import type { Modelo } from '@malote/fiscal/model/modelo';
import type { Uf } from '@malote/fiscal/model/uf';
import type { AnyEnvelope } from '@malote/messages/envelope';
import type { ContingenciaKey, SefazCallPayload } from '@malote/messages/types';
import { systemClock } from '@malote/runtime/clock';
import { createLogger } from '@malote/runtime/logger';
import { createSecretBox } from '@malote/runtime/secret-box';
import type { SefazClient } from '@malote/sefaz/client';
import { NotSent } from '@malote/sefaz/failure';
import { readPfx } from '@malote/sefaz/pfx';
import { connectStore, type Store } from '@malote/store/connect';
import { createCa, issueCompanyPfx } from '@malote/testkit/certificates';
import { MongoClient } from 'mongodb';
import { commandHandler } from '../handle-command.ts';
import { observationHandler } from '../handle-observation.ts';
import { createHeard } from '../heard.ts';
import { createModes } from '../modes.ts';
import { createStatusCredentials } from '../status-credentials.ts';

export const T0 = Date.parse('2026-11-22T12:00:00Z');
export const TRACE = `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`;
export const log = createLogger({ service: 'test', level: 'silent' });
export const MASTER_KEY = `t:${Buffer.alloc(32, 1).toString('base64')}`;
export const THRESHOLDS = { failures: 3, documents: 2, windowMs: 300_000, returnAnswers: 3, minStayMs: 600_000 };

export interface StatusCall {
  ms: number;
  autorizador: string;
  modelo: string;
  ambiente: string;
  thumbprint: string;
  /** Of the EPEC of the NFC-e. */
  epec: boolean;
}

/** The worker's handlers in this process, on a database of this file's own and a clock that only the test moves. */
export async function openScene(ufs: readonly Uf[] = ['SP', 'GO']) {
  const stack = await testStack();
  const { mongoUrl } = stack;
  const database = `contingency_${systemClock.uuid().replaceAll('-', '').slice(0, 12)}`;
  let ms = 0;
  const clock = { ...systemClock, now: () => new Date(T0 + ms), monotonic: () => ms };
  const box = createSecretBox(MASTER_KEY);
  const store = await connectStore({ url: mongoUrl, database, clock, log, box });
  await store.migrations.run();
  const client = await MongoClient.connect(mongoUrl);
  const raw = client.db(database);
  after(async () => {
    await raw.dropDatabase();
    await client.close();
    await store.close();
  });
  const { _id: conta } = await store.contas.create({ nome: 'x' });
  const ca = createCa();
  async function addCompany(cnpj: string, uf: Uf): Promise<void> {
    await store.empresas.put({ conta, documento: cnpj, uf, razaoSocial: 'x' });
    const { pfx, senha } = issueCompanyPfx(ca, { cnpj, razaoSocial: 'X', senha: 's' });
    const a1 = readPfx(pfx, senha);
    const id = await store.certificados.put({ conta, empresa: cnpj }, a1, a1);
    await store.empresas.useCertificado({ conta, documento: cnpj }, id);
  }
  for (const [n, uf] of ufs.entries()) await addCompany(['11222333000181', '53113791000122', '01159435000146'][n] as string, uf);
  const calls: StatusCall[] = [];
  /** By authoriser, or by authoriser and model; a cStat, or undefined for silence. */
  const answers = new Map<string, string | undefined>();
  const status: SefazClient['status'] = async ({ autorizador, modelo, ambiente, credential, epec = false }) => {
    calls.push({ ms, autorizador, modelo, ambiente, thumbprint: credential.thumbprint, epec });
    const own = epec ? 'EPEC' : `${autorizador}/${modelo}`;
    const cStat = answers.has(own) ? answers.get(own) : !epec && answers.has(autorizador) ? answers.get(autorizador) : '107';
    if (cStat === undefined) throw new NotSent('conexao-sem-resposta');
    const klass = cStat === '280' ? 'certificate' : cStat === '656' ? 'throttled' : 'service-status';
    return { retorno: { kind: 'status', class: klass, cStat, xMotivo: cStat }, body: '', httpStatus: 200, durationMs: 1 };
  };
  const published: AnyEnvelope[] = [];
  const nudged: string[] = [];

  /** One process; `over` replaces parts of its store. */
  function process(over: Partial<Store> = {}, ownLog = log) {
    const heard = createHeard();
    const own = { ...store, ...over };
    const credentials = createStatusCredentials({ store, clock, log });
    const publish = async (message: AnyEnvelope) => void published.push(message);
    const thresholds = THRESHOLDS;
    const signal = new AbortController().signal;
    const modes = createModes({ store: own, sefaz: { status }, credentials, clock, log: ownLog, thresholds, heard, publish, signal });
    const command = commandHandler({ modes, nudge: (id) => void nudged.push(id) });
    const observation = observationHandler({ store: own, modes, heard, clock, thresholds });
    const context = { now: clock.now(), log, signal, attempt: 1, redelivered: false };
    const send = async (type: string, payload: object, handler = command) => {
      const outcome = await handler({ id: systemClock.uuid(), type, traceparent: TRACE, payload } as never, context);
      await modes.idle();
      return outcome;
    };
    return {
      modes,
      send,
      see: (...seen: Partial<ObservedCalls>[]) => send('sefaz.call', observed(seen), observation),
      seeAll: (payload: Partial<SefazCallPayload>) => send('sefaz.call', { ...observed([]), ...payload }, observation),
      evaluate: (key: ContingenciaKey) => send('contingency.evaluate', key),
    };
  }

  function observed(seen: Partial<ObservedCalls>[]): SefazCallPayload {
    const none = {
      autorizador: 'SP',
      modelo: '55',
      uf: 'SP',
      ambiente: 'prod',
      answered: 0,
      failures: 0,
      local: 0,
      paused: 0,
      documents: [],
    };
    return { at: clock.now().toISOString(), calls: seen.map((one) => ({ ...none, ...one }) as ObservedCalls), services: [], opened: [] };
  }
  const first = process();
  const keyFor = (uf: Uf = 'SP', modelo: Modelo = '55'): ContingenciaKey => ({ modelo, uf, ambiente: 'prod' });
  return {
    ...{ stack, database, store, raw, conta, clock, calls, answers, published, nudged, process, first, keyFor, addCompany },
    now: () => ms,
    advance(by: number) {
      ms += by;
    },
    modeOf: async (uf: Uf = 'SP', modelo: Modelo = '55') => (await store.contingencias.find(keyFor(uf, modelo)))?.situacao.mode.modo,
    /** Three seconds, in each a call of another document that fails. */
    async fail(changes: Partial<ObservedCalls> = {}, worker = first) {
      for (let n = 0; n < 3; n += 1) {
        ms += 1_000;
        await worker.see({ failures: 1, documents: [`d${ms}`], ...changes });
      }
    },
    /** Time goes by, with the clockwork's commands for what is due every 10 s, to one of the processes in turn. */
    async pass(by: number, workers = [first]) {
      const until = ms + by;
      for (let n = 0; ms < until; n += 1) {
        ms = Math.min(until, ms + 10_000);
        const due = (await store.contingencias.list()).filter(({ nextAt }) => nextAt && nextAt <= clock.now());
        for (const { modelo, uf, tpAmb } of due) {
          const worker = workers[n % workers.length] as typeof first;
          await worker.evaluate({ modelo, uf, ambiente: tpAmb === '1' ? 'prod' : 'hom' });
        }
      }
    },
  };
}

export type Scene = Awaited<ReturnType<typeof openScene>>;
