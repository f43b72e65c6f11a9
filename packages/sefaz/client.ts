import type { CallEnd } from '@malote/fiscal/contingencia/outcome';
import { buildConsSit, buildConsStat } from '@malote/fiscal/emission/consulta';
import { buildLote } from '@malote/fiscal/emission/lote';
import { buildEnvEvento, readRetEvento } from '@malote/fiscal/evento/ret-evento';
import { readRetInut } from '@malote/fiscal/inutilizacao/ret-inutilizacao';
import type { Autorizador } from '@malote/fiscal/model/autorizador';
import { MODELOS, type Modelo, type ModeloInfo } from '@malote/fiscal/model/modelo';
import type { RegistroRetorno } from '@malote/fiscal/registro/registro-state';
import { type Retorno, readRetorno } from '@malote/fiscal/retorno/read-retorno';
import type { Clock } from '@malote/runtime/clock';
import type { Logger } from '@malote/runtime/logger';
import type { Metrics } from '@malote/runtime/metrics';
import { type Breaker, type BreakerSettings, type BreakerState, createBreaker, Unavailable } from './breaker.ts';
import { endOfAnswer, endOfFailure } from './call-end.ts';
import type { Endpoints } from './endpoints.ts';
import { isFailure, NotSent, Permanent } from './failure.ts';
import type { CallAbout, SefazCall } from './observation.ts';
import { createPacer, type Pacer } from './pacing.ts';
import { buildEnvelope } from './soap.ts';
import { createTransport, type TlsCredential } from './transport.ts';

export type SefazCredential = TlsCredential;

export interface SefazTarget {
  modelo: Modelo;
  autorizador: Autorizador;
  ambiente: '1' | '2';
  credential: SefazCredential;
  /** For the whole call, waiting for its turn included; the client's own timeout when absent. */
  timeoutMs?: number | undefined;
  /** The request begins to be written within so many milliseconds, or not at all (NotSent `prazo-de-envio`). */
  startWithinMs?: number | undefined;
  signal?: AbortSignal | undefined;
  /** Whom the call is for: what is seen of it counts for that document and UF. */
  about?: CallAbout | undefined;
}

export interface SefazAnswer<R extends AnyRetorno = Retorno> {
  retorno: R;
  /** The XML of the retorno as received. */
  body: string;
  httpStatus: number;
  durationMs: number;
}

type AnyRetorno = Retorno | RegistroRetorno;

/** Which event a call registers: an answer about another one proves nothing. */
export interface EventoDaChamada {
  chave: string;
  tpEvento: string;
  nSeqEvento: number;
}

/**
 * Every call is made once, never repeated here. All throw NotSent, OutcomeUnknown or Permanent (failure.ts); an answer that was
 * received but proves nothing is no failure: it is a Retorno of kind `unreadable`.
 */
export interface SefazClient {
  authorize(call: SefazTarget & { signedXml: string; idLote: string }): Promise<SefazAnswer>;
  consult(call: SefazTarget & { chave: string }): Promise<SefazAnswer>;
  /** `epec`: that of the EPEC service, where the model has one of its own (NFC-e, SP only). */
  status(call: SefazTarget & { cUF: string; epec?: boolean | undefined }): Promise<SefazAnswer>;
  /** One signed evento in a lote of its own. `epec`: to the EPEC service, as in `status`. */
  registerEvento(
    call: SefazTarget & { signedXml: string; idLote: string; who: EventoDaChamada; epec?: boolean | undefined },
  ): Promise<SefazAnswer<RegistroRetorno>>;
  /** One signed inutNFe. */
  inutilizar(call: SefazTarget & { signedXml: string }): Promise<SefazAnswer<RegistroRetorno>>;
  /** Every circuit of this process that was ever used, and since when it is in its state. */
  breakers(): BreakerView[];
  close(): Promise<void>;
}

/** A circuit as it is now. */
export interface BreakerView extends BreakerEvent {
  since: Date;
}

export interface BreakerEvent {
  autorizador: Autorizador;
  service: string;
  ambiente: '1' | '2';
  state: BreakerState;
}

export interface SefazClientOptions {
  endpoints: Endpoints;
  /** PEM texts trusted besides Node's own roots. */
  ca?: string[];
  timeoutMs: number;
  connectTimeoutMs: number;
  /** Calls per second for each autorizador in this process; 0 does not pace. */
  rate: number;
  breaker: BreakerSettings;
  log: Logger;
  clock: Clock;
  metrics: Metrics;
  /** Told of every change of a circuit, e.g. to have contingency evaluated at once. */
  onBreaker?: (event: BreakerEvent) => void;
  /** Told of every call that was made, once it has ended. */
  onCall?: (call: SefazCall) => void;
}

const GAUGE: Record<BreakerState, number> = { closed: 0, 'half-open': 0.5, open: 1 };
const SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 45];

export function createSefazClient(options: SefazClientOptions): SefazClient {
  const { endpoints, clock, log, metrics } = options;
  const transport = createTransport({ ca: options.ca ?? [], connectTimeoutMs: options.connectTimeoutMs });
  const breakers = new Map<string, { breaker: Breaker; about: Omit<BreakerView, 'state'> }>();
  const pacers = new Map<Autorizador, Pacer>();
  const gauge = metrics.gauge('sefaz_breaker_state', 'Circuit of a service: 0 closed, 0.5 on trial, 1 open', TARGET_LABELS);
  const seconds = metrics.histogram('sefaz_call_seconds', 'Duration of SEFAZ calls', [...TARGET_LABELS, 'result'], SECONDS);

  function breakerOf(autorizador: Autorizador, service: string, ambiente: '1' | '2'): Breaker {
    const key = `${autorizador}|${service}|${ambiente}`;
    const known = breakers.get(key);
    if (known) return known.breaker;
    const about = { autorizador, service, ambiente, since: clock.now() };
    gauge.set({ autorizador, web_service: service, ambiente }, GAUGE.closed);
    const breaker = createBreaker(options.breaker, clock, (state) => {
      about.since = clock.now();
      gauge.set({ autorizador, web_service: service, ambiente }, GAUGE[state]);
      log.warn({ autorizador, service, ambiente, state }, 'sefaz circuit changed');
      options.onBreaker?.({ autorizador, service, ambiente, state });
    });
    breakers.set(key, { breaker, about });
    return breaker;
  }

  function pacerOf(autorizador: Autorizador): Pacer {
    const pacer = pacers.get(autorizador) ?? createPacer(options.rate, clock);
    pacers.set(autorizador, pacer);
    return pacer;
  }

  async function call<R extends AnyRetorno>(
    kind: keyof ModeloInfo['services'],
    target: SefazTarget,
    buildXml: () => string,
    read: (body: string) => R,
  ): Promise<SefazAnswer<R>> {
    const { modelo, autorizador, ambiente, credential, signal } = target;
    const { familia, namespace, services } = MODELOS[modelo];
    // CT-e and MDF-e go compressed and alone, with messages and answers of their own.
    if (familia !== 'nfe') throw new Permanent('modelo-nao-suportado', { detail: modelo });
    const offered = services[kind];
    if (!offered) throw new Permanent('sem-endereco', { detail: `${kind} ${modelo}` });
    const { service, operation, wsdl = service } = offered;
    const url = endpoints.find({ modelo, autorizador, ambiente, service });
    if (!url) throw new Permanent('sem-endereco', { detail: `${service} ${modelo} ${autorizador} ${ambiente}` });
    const request = buildEnvelope({ wsdl: `${namespace}/wsdl/${wsdl}`, operation, message: 'nfeDadosMsg', xml: buildXml() });
    const started = clock.monotonic();
    const elapsed = () => clock.monotonic() - started;
    const timeoutMs = target.timeoutMs ?? options.timeoutMs;

    const attempt = async (): Promise<SefazAnswer<R>> => {
      const { startWithinMs } = target;
      await pacerOf(autorizador).turn(Math.max(0, Math.min(timeoutMs, startWithinMs ?? timeoutMs)), signal);
      const left = timeoutMs - elapsed();
      if (left <= 0) throw new NotSent('ritmo-excedido');
      const startWithin = startWithinMs === undefined ? undefined : startWithinMs - elapsed();
      const { retorno: body, httpStatus } = await transport.send({
        ...request,
        url,
        credential,
        timeoutMs: left,
        startWithinMs: startWithin,
        signal,
      });
      const retorno = read(body);
      const answer = { retorno, body, httpStatus, durationMs: Math.round(elapsed()) };
      if (classOf(retorno) === 'unavailable') throw new Unavailable(answer);
      return answer;
    };

    let result = 'bug';
    let end: CallEnd | undefined;
    let reason: string | undefined;
    try {
      const answer = await breakerOf(autorizador, service, ambiente).run(attempt);
      result = classOf(answer.retorno);
      end = endOfAnswer(answer.retorno);
      return answer;
    } catch (error) {
      if (isFailure(error)) {
        result = error.reason;
        end = endOfFailure(error);
        reason = error.reason;
      }
      throw error;
    } finally {
      const { about } = target;
      const durationMs = Math.round(elapsed());
      if (end) options.onCall?.({ autorizador, modelo, service, ambiente, about, end, durationMs, ...(reason ? { reason } : {}) });
      seconds.observe({ autorizador, web_service: service, ambiente, result }, elapsed() / 1_000);
      log.debug({ autorizador, service, ambiente, modelo, result, durationMs }, 'sefaz call');
    }
  }

  return {
    authorize: (target) => {
      const lote = () => buildLote(target.signedXml, target.idLote);
      return call('authorize', target, lote, (body) => readRetorno('authorize', body));
    },
    consult: (target) => {
      const question = () => buildConsSit({ chave: target.chave, tpAmb: target.ambiente });
      return call('consult', target, question, (body) => readRetorno('consult', body));
    },
    status: (target) => {
      const question = () => buildConsStat({ tpAmb: target.ambiente, cUF: target.cUF });
      return call(target.epec ? 'statusEpec' : 'status', target, question, (body) => readRetorno('status', body));
    },
    registerEvento: (target) => {
      const lote = () => buildEnvEvento(target.signedXml, target.idLote);
      return call(target.epec ? 'epec' : 'register', target, lote, (body) => readRetEvento(body, target.who));
    },
    inutilizar: (target) => call('inutilizar', target, () => target.signedXml, readRetInut),
    breakers: () => [...breakers.values()].map(({ breaker, about }) => ({ ...about, state: breaker.state() })),
    async close() {
      for (const { breaker } of breakers.values()) breaker.close();
      await transport.close();
    },
  };
}

/** What an answer says, for breaker and metrics. */
function classOf(retorno: AnyRetorno): string {
  return 'class' in retorno ? retorno.class : retorno.kind;
}

/** `service` is the process in every metric. */
const TARGET_LABELS = ['autorizador', 'web_service', 'ambiente'] as const;
