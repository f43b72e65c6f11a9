import { readRaizes } from '@malote/administration/raizes';
import type { Broker } from '@malote/broker/connection';
import { blockListReader } from '@malote/redis/block-list';
import { type Redis, whyAway } from '@malote/redis/connect';
import { nudgeSubscriber } from '@malote/redis/nudges';
import type { Beat } from '@malote/redis/presence';
import { readProcesses } from '@malote/redis/processes';
import { situacaoSefazReader } from '@malote/redis/situacao-sefaz';
import type { Clock } from '@malote/runtime/clock';
import { loadConfig } from '@malote/runtime/config';
import { healthRouter, startHealth } from '@malote/runtime/health';
import type { Logger } from '@malote/runtime/logger';
import type { Metrics } from '@malote/runtime/metrics';
import { VERSION } from '@malote/runtime/version';
import type { Store } from '@malote/store/connect';
import { createAdmission } from './admission.ts';
import { createApp } from './app.ts';
import { inLine } from './audit-line.ts';
import { createAuthenticate } from './authenticate.ts';
import { createCheckCredentials } from './check-credentials.ts';
import { reservedSeries } from './contingencia/reserved-series.ts';
import { type HttpServer, listen } from './http-server.ts';
import { keptContents } from './kept-contents.ts';
import { createLockout } from './lockout.ts';
import { createLogos } from './logos.ts';
import { openingBudget } from './opening-budget.ts';
import { operatorIsNear } from './operator/from.ts';
import { createOperatorGuard } from './operator/guard.ts';
import { PARAMETERS } from './path-parameters.ts';
import { edgeChecks } from './readiness.ts';
import { routeTable } from './routes.ts';
import { compileRoutes, type Route } from './routing.ts';
import { createSessionHandlers } from './session-routes.ts';
import { createSessions } from './sessions.ts';
import { startStanding } from './standing.ts';
import { createWaits } from './wait.ts';

export interface EdgeConfig {
  httpHost: string;
  httpPort: number;
  healthHost: string;
  /** 0: health and metrics share the public port; else they have this one and the public port has none. */
  healthPort: number;
  trustProxy: string;
  redisPrefix: string;
  sessionTtlS: number;
  sessionRateLimit: number;
  rateLimitIp: number;
  rateLimitConta: number;
  /** Failed sign-ins until a token, or an address, has to wait (lockout.ts). */
  lockoutToken: number;
  lockoutIp: number;
  corsOrigins: string;
  bodyLimitBytes: number;
  /** Longest wait a caller may ask for. */
  waitMaxS: number;
  /** Roots that company certificates are held against. */
  sefazCaFile?: string | undefined;
  /** How long the calls of TSS wait for the entity-block worker: TSS_WAIT_S, but in tests. */
  tssWaitS?: number;
  /** Without it there is no operator page. */
  operatorKey?: string | undefined;
  /** Networks from which the operator may call. */
  operatorFrom: string;
  rabbitmqManagementUrl?: string | undefined;
}

export interface EdgeDeps {
  config: EdgeConfig;
  store: Store;
  broker: Pick<Broker, 'publish' | 'queueDepths'>;
  /** What this process says of itself. */
  self(): Promise<Beat>;
  redis: Redis;
  clock: Clock;
  log: Logger;
  metrics: Metrics;
}

/** The contract of RestAtBlqEnt. */
const TSS_WAIT_S = 10;

/** Puts the edge together and listens. The servers it uses are its caller's, who also closes them. */
export async function startEdge({ config, store, broker, redis, self, clock, log, metrics }: EdgeDeps): Promise<HttpServer> {
  const prefix = config.redisPrefix;
  const sessions = createSessions({ redis, prefix, ttlS: config.sessionTtlS, clock });
  const audit = inLine(store.auditoria.append);
  const limits = { subject: config.lockoutToken, origin: config.lockoutIp };
  const lockout = createLockout({ redis, prefix, limits });
  const { find: findCredencial } = store.credenciais;
  const { find: findConta } = store.contas;
  const check = createCheckCredentials({ findCredencial, findConta, lockout, audit, now: clock.now });
  const session = createSessionHandlers({ sessions, check, audit, accounts: { findConta, listEmpresas: store.empresas.listOf } });
  const standing = await startStanding({ contas: store.contas.geracoes, credenciais: store.credenciais.geracoes, clock, log });
  const nudges = nudgeSubscriber({ redis, prefix });
  const waits = createWaits({ nudges, clock, metrics, maxS: config.waitMaxS });
  const documents = {
    findEmpresa: store.empresas.find,
    isBlocked: blockListReader({ redis, prefix, fallback: store.entidades.blocked }).isBlocked,
    checkSerie: reservedSeries({ politicas: store.politicas, clock }),
    accept: store.documentos.accept,
    correct: store.documentos.correct,
    pendentes: store.pendentes,
    readQuadro: situacaoSefazReader({ redis, prefix }).read,
    findById: store.documentos.findById,
    waits,
    keys: store.idempotencia,
    findByNumero: store.documentos.findByNumero,
    findByChave: store.documentos.findByChave,
    readConteudo: keptContents(store.conteudos.get),
    eventos: store.eventos,
    inutilizacoes: store.inutilizacoes,
    inRange: store.documentos.inRange,
    lastNumber: store.lastNumber,
    recovering: store.recovering,
    listAuditoria: store.auditoria.list,
    listDocuments: store.listing.page,
    publish: broker.publish,
    bodyLimitBytes: config.bodyLimitBytes,
    now: clock.now,
    logos: createLogos({ readConteudo: store.conteudos.get, log }),
  };
  const raizes = readRaizes(config.sefazCaFile);
  const openings = openingBudget(clock);
  const certificados = { store, clock, nudges, raizes, openings, publish: broker.publish };
  const contingencia = {
    politicas: { store },
    modos: {
      ...{ contingencias: store.contingencias, auditoria: store.auditoria, politicas: { store }, publish: broker.publish, waits, clock },
      runs: async (service: string) => {
        const all = await readProcesses({ redis, prefix }).catch(() => []);
        return all.some((one) => one.service === service && one.state === 'up');
      },
      ...{ drillDocuments: store.drillDocuments, listEmpresas: store.empresas.listOf },
    },
    pendentes: documents,
  };
  const tss = {
    ...{ bloqueios: store.bloqueios, entidades: store.entidades, auditoria: store.auditoria, waits, now: clock.now },
    publish: broker.publish,
    tssWaitS: config.tssWaitS ?? TSS_WAIT_S,
    administration: { store, clock, raizes },
    openings,
  };
  const operator = {
    managementUrl: config.rabbitmqManagementUrl,
    version: VERSION,
    now: clock.now,
    processes: () =>
      readProcesses({ redis, prefix }).catch((error) => {
        throw new Error(whyAway(error));
      }),
    self,
    queueDepths: broker.queueDepths,
    recovering: store.recovering,
    backlog: store.backlog,
    resting: store.consumo.resting,
    admin: { store: async () => store, config: loadConfig, publish: broker.publish, clock: () => clock },
  };
  const { operatorKey: key, sessionRateLimit: limit } = config;
  const table = { session, documents, certificados, empresas: { store, publish: broker.publish }, contingencia, tss, clock };
  const match = (routes: Route[]) => compileRoutes(routes, PARAMETERS);
  const health = { log, metrics, checks: edgeChecks({ store, redis }) };
  const admit = createAdmission({
    redis,
    prefix,
    sessionTtlS: config.sessionTtlS,
    limits: { sessao: config.sessionRateLimit, ip: config.rateLimitIp, conta: config.rateLimitConta },
    now: clock.now,
    standing,
  });
  const app = createApp({
    match: match(routeTable(table)),
    authenticate: createAuthenticate({ admit, check, lockout, standing, findEntidade: store.entidades.findByToken, audit, now: clock.now }),
    operator:
      key === undefined
        ? undefined
        : {
            guard: createOperatorGuard({ key, redis, prefix, limit, clock }),
            isNear: operatorIsNear(config.operatorFrom),
            match: match(routeTable({ ...table, operator })),
          },
    clock,
    log,
    metrics,
    bodyLimitBytes: config.bodyLimitBytes,
    trustProxy: config.trustProxy || false,
    corsOrigins: config.corsOrigins
      .split(',')
      .map((origin) => origin.trim())
      .filter(Boolean),
    ...(config.healthPort === 0 ? { health: healthRouter(health) } : {}),
  });
  const aside = config.healthPort === 0 ? undefined : await startHealth({ ...health, host: config.healthHost, port: config.healthPort });
  const server = await listen(app, { host: config.httpHost, port: config.httpPort });
  return {
    url: server.url,
    async close() {
      waits.end();
      await server.close();
      nudges.close();
      standing.stop();
      await aside?.close();
    },
  };
}
