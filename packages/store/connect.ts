import type { Clock } from '@malote/runtime/clock';
import type { Logger } from '@malote/runtime/logger';
import type { Metrics } from '@malote/runtime/metrics';
import type { SecretBox } from '@malote/runtime/secret-box';
import mongoose from 'mongoose';
import { type Auditoria, auditoriaOf } from './auditoria.ts';
import { type Backlog, readBacklog, startBacklogMetrics } from './backlog.ts';
import { type Bloqueios, bloqueioModel, bloqueiosOf, WAKE_BLOQUEIO } from './bloqueios.ts';
import { type Certificados, certificadoModel, certificadosOf } from './certificados.ts';
import { type ClockSkew, readClockSkew } from './clock-skew.ts';
import { sweepDue } from './clockwork.ts';
import { type Consumo, consumoOf } from './consumo.ts';
import { type Contadores, contadoresOf } from './contadores.ts';
import { type Contas, contasOf } from './contas.ts';
import { type Conteudos, conteudosOf } from './conteudos.ts';
import { type Contingencias, contingenciaModel, contingenciasOf, WAKE_CONTINGENCIA } from './contingencias.ts';
import { type Credenciais, credenciaisOf } from './credenciais.ts';
import { type Cscs, cscsOf } from './csc.ts';
import { type Descarga, descargaOf } from './descarga.ts';
import { type Documento, documentoModel } from './documento.ts';
import { type Documentos, documentosOf, type NumberRange, WAKE_DOCUMENTO } from './documentos.ts';
import { type DrillSpan, listDrillDocuments } from './drill-documents.ts';
import { type Empresas, empresasOf } from './empresas.ts';
import { entidadeModel } from './entidade.ts';
import { type Entidades, entidadesOf } from './entidades.ts';
import { type Eventos, eventoModel, eventosOf, WAKE_EVENTO } from './evento.ts';
import { type Idempotencia, idempotenciaOf } from './idempotencia.ts';
import { type Inutilizacoes, inutilizacaoModel, inutilizacoesOf, WAKE_INUTILIZACAO } from './inutilizacao.ts';
import { type Serie, seriesOf } from './lacunas.ts';
import { lastNumber } from './last-number.ts';
import { type Leases, leasesOf } from './leases.ts';
import { type Listing, listingOf } from './listing.ts';
import { type Migrations, migrationsOf, SCHEMA_VERSION } from './migrations.ts';
import { type Numeracao, numeracaoOf } from './numeracao.ts';
import { listPendentes, type PendenteDoHub, type PendentesPage, type PendentesQuery, pendentesDoHub } from './pendentes.ts';
import { type Politicas, politicasOf } from './politicas.ts';
import { PROTECTED, type StoreProtections } from './protections.ts';
import { listRecovering, type Recovering, type RecoveringQuery, registroAction, wakeForgotten } from './recovering.ts';
import { oldestOutboxAge, type Publish, sweepOutbox } from './relay.ts';
import { type Segredos, segredosOf } from './segredos.ts';
import { numerosAnunciados, type Substituida, substituicoesAbertas } from './substituicoes.ts';
import { type Sweeper, type SweeperOptions, startSweeper } from './sweeper.ts';

export interface StoreOptions {
  url: string;
  database: string;
  clock: Clock;
  log: Logger;
  /** How long a writer may take to publish what it put into an outbox, in ms. */
  outboxLeaseMs?: number;
  /** Only processes that open or seal certificates and CSC have one. */
  box?: SecretBox;
  /** How long an operation waits for a reachable primary, in ms. */
  serverSelectionTimeoutMs?: number;
  protections?: StoreProtections;
}

const FORGOTTEN_EVERY_MS = 60_000;

export interface Store {
  documentos: Documentos;
  eventos: Eventos;
  inutilizacoes: Inutilizacoes;
  conteudos: Conteudos;
  bloqueios: Bloqueios;
  contadores: Contadores;
  entidades: Entidades;
  auditoria: Auditoria;
  contas: Contas;
  credenciais: Credenciais;
  empresas: Empresas;
  certificados: Certificados;
  consumo: Consumo;
  contingencias: Contingencias;
  numeracao: Numeracao;
  politicas: Politicas;
  csc: Cscs;
  idempotencia: Idempotencia;
  /** See segredos.ts. */
  segredos: Segredos;
  migrations: Migrations;
  /** Throws when no primary answers. */
  ping(): Promise<void>;
  /** True, or why this release cannot work with the database (for readiness). A newer schema is fine: a rolling upgrade is under way. */
  ready(): Promise<true | string>;
  /** See recovering.ts. */
  recovering(query: RecoveringQuery): Promise<Recovering>;
  /** See descarga.ts. */
  descarga: Descarga;
  /** See pendentes.ts. */
  pendentes(query: PendentesQuery): Promise<PendentesPage>;
  /** See drill-documents.ts. */
  drillDocuments(span: DrillSpan): Promise<Documento[]>;
  pendentesDoHub(): AsyncIterable<PendenteDoHub>;
  /** See substituicoes.ts. */
  substituicoesAbertas(): AsyncIterable<Substituida>;
  numerosAnunciados(range: NumberRange): Promise<number[]>;
  /** See listing.ts. */
  listing: Listing;
  /** See last-number.ts. */
  lastNumber(serie: Serie): Promise<number | undefined>;
  /** See lacunas.ts. */
  seriesOf(where: Pick<Serie, 'emitente' | 'tpAmb' | 'modelo'>): Promise<Serie[]>;
  /** Publishes due actions and entries left in outboxes, in whichever process holds the lease. */
  startSweepers(options: SweepersOptions): Sweeper[];
  /** See clock-skew.ts. */
  clockSkew(): Promise<ClockSkew>;
  /** See backlog.ts. */
  backlog(): Promise<Backlog>;
  /** Seconds; see relay.ts. */
  oldestOutboxAge(): Promise<number>;
  close(): Promise<void>;
}

export interface SweepersOptions {
  publish: Publish;
  everyMs: number;
  /** While false nothing is swept. */
  mayWork?: () => boolean;
  /** Gets the gauges of the backlog (backlog.ts). */
  metrics?: Metrics;
  /** More work for whoever holds its lease. */
  also?: Pick<SweeperOptions, 'name' | 'everyMs' | 'leaseMs' | 'sweep' | 'onIdle' | 'onIdle'>[];
}

/**
 * Connects to MongoDB (a replica set, of one node at least) and returns the repositories. Majority write concern with journal, reads from
 * the primary. Throws when no primary answers within the selection time; afterwards the driver reconnects by itself.
 */
export async function connectStore(options: StoreOptions): Promise<Store> {
  const { url, database, clock, log, outboxLeaseMs: leaseMs = 5_000, box, serverSelectionTimeoutMs = 10_000 } = options;
  const { protections = PROTECTED } = options;
  const connection = await mongoose
    .createConnection(url, {
      dbName: database,
      autoIndex: false,
      autoCreate: false,
      writeConcern: { w: 'majority', journal: true },
      readPreference: 'primary',
      // Never true here: a filter with an undefined account would then match every account. Writes that need it say so themselves.
      ignoreUndefined: false,
      serverSelectionTimeoutMS: serverSelectionTimeoutMs,
      maxPoolSize: 50,
    })
    .asPromise();
  connection.on('error', (err) => log.warn({ err }, 'mongodb connection error'));
  const model = documentoModel(connection);
  const registros = {
    eventos: eventoModel(connection),
    inutilizacoes: inutilizacaoModel(connection),
    bloqueios: bloqueioModel(connection),
  };
  const contadores = contadoresOf(connection);
  const certificados = certificadoModel(connection);
  const contingencias = contingenciaModel(connection);
  const models = { documentos: model, registros };
  const repository = { clock, leaseMs, protections };
  const leases = leasesOf(connection, clock);
  const migrations = migrationsOf(connection, leases, clock.uuid());
  const sweepForgotten = async () => {
    const [documentos, eventos, inutilizacoes] = [
      await wakeForgotten(model, clock.now()),
      await wakeForgotten(registros.eventos, clock.now(), registroAction),
      await wakeForgotten(registros.inutilizacoes, clock.now(), registroAction),
    ];
    const forgotten = { documentos, eventos, inutilizacoes };
    if (Object.values(forgotten).flat().length > 0) log.error(forgotten, 'records without a next action were woken: this is a bug');
    return 0;
  };
  const ping = async () => {
    await connection.db?.command({ ping: 1 });
  };
  return {
    documentos: documentosOf(model, repository),
    eventos: eventosOf(registros.eventos, repository),
    inutilizacoes: inutilizacoesOf(registros.inutilizacoes, repository),
    conteudos: conteudosOf(connection),
    bloqueios: bloqueiosOf(registros.bloqueios, { ...repository, contadores }),
    contadores,
    entidades: entidadesOf(entidadeModel(connection), { clock, box }),
    auditoria: auditoriaOf(connection, clock),
    contas: contasOf(connection, clock),
    credenciais: credenciaisOf(connection, clock),
    empresas: empresasOf(connection, clock),
    consumo: consumoOf(connection, clock),
    contingencias: contingenciasOf(contingencias, repository),
    numeracao: numeracaoOf(connection, (serie) => lastNumber(model, serie)),
    politicas: politicasOf(connection, clock),
    certificados: certificadosOf(certificados, { clock, box, leaseMs }),
    csc: cscsOf(connection, { clock, box }),
    idempotencia: idempotenciaOf(connection, clock),
    segredos: segredosOf(connection, box),
    migrations,
    ping,
    async ready() {
      try {
        const version = await migrations.current();
        return version >= SCHEMA_VERSION || `database schema ${version}, this release needs ${SCHEMA_VERSION}: run \`malote migrate\``;
      } catch (error) {
        return `mongodb does not answer: ${(error as Error).message}`;
      }
    },
    startSweepers({ publish, everyMs, mayWork, metrics, also = [] }) {
      const { leasedSweep: leased } = protections;
      const common = { everyMs, leases: leased ? leases : UNLEASED, clock, log, mayWork };
      const sweepAll = async (sweeps: (() => Promise<number>)[]) => {
        const done = await Promise.all(sweeps.map((sweep) => sweep()));
        return done.reduce((sum, n) => sum + n, 0);
      };
      const outboxes = [model, ...Object.values(registros), certificados, contingencias].map(
        (each) => () => sweepOutbox(each, { publish, clock, leaseMs, leased }),
      );
      const due = [
        () => sweepDue(model, { wake: WAKE_DOCUMENTO, publish, clock }),
        () => sweepDue(registros.eventos, { wake: WAKE_EVENTO, publish, clock }),
        () => sweepDue(registros.inutilizacoes, { wake: WAKE_INUTILIZACAO, publish, clock }),
        () => sweepDue(registros.bloqueios, { wake: WAKE_BLOQUEIO, publish, clock }),
        () => sweepDue(contingencias, { wake: WAKE_CONTINGENCIA, publish, clock }),
      ];
      return [
        ...(metrics ? [startBacklogMetrics({ models, leases, clock, log, metrics, mayWork })] : []),
        startSweeper({ ...common, name: 'outbox:documentos', sweep: () => sweepAll(outboxes) }),
        startSweeper({ ...common, name: 'due:documentos', sweep: () => sweepAll(due) }),
        startSweeper({ ...common, everyMs: FORGOTTEN_EVERY_MS, name: 'forgotten:documentos', sweep: sweepForgotten }),
        ...also.map((more) => startSweeper({ ...common, ...more })),
      ];
    },
    recovering: (query) => listRecovering(model, query, clock.now()),
    backlog: () => readBacklog(models, clock.now()),
    descarga: descargaOf(model),
    pendentes: (query) => listPendentes(model, query),
    drillDocuments: (span) => listDrillDocuments(model, span),
    pendentesDoHub: () => pendentesDoHub(model),
    substituicoesAbertas: () => substituicoesAbertas(model),
    numerosAnunciados: (range) => numerosAnunciados(model, range),
    listing: listingOf(model, clock),
    lastNumber: (serie) => lastNumber(model, serie),
    seriesOf: (where) => seriesOf(model, where),
    clockSkew: () => readClockSkew(connection, clock),
    oldestOutboxAge: async () =>
      Math.max(
        ...(await Promise.all(
          Object.values({ model, ...registros, certificados, contingencias }).map((each) => oldestOutboxAge(each, clock.now())),
        )),
      ),
    close: () => connection.close(),
  };
}

/** A test's leases when the protection is taken out: everybody holds everything. */
const UNLEASED: Leases = { hold: async () => true, release: async () => {} };
