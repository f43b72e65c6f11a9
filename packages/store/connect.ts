import type { Clock } from '@malote/runtime/clock';
import type { Logger } from '@malote/runtime/logger';
import type { SecretBox } from '@malote/runtime/secret-box';
import mongoose from 'mongoose';
import { type Certificados, certificadosOf } from './certificados.ts';
import { sweepDue } from './clockwork.ts';
import { type Contas, contasOf } from './contas.ts';
import { type Conteudos, conteudosOf } from './conteudos.ts';
import { type Credenciais, credenciaisOf } from './credenciais.ts';
import { documentoModel } from './documento.ts';
import { type Documentos, documentosOf } from './documentos.ts';
import { type Empresas, empresasOf } from './empresas.ts';
import { type Leases, leasesOf } from './leases.ts';
import { type Migrations, migrationsOf, SCHEMA_VERSION } from './migrations.ts';
import { PROTECTED, type StoreProtections } from './protections.ts';
import { oldestOutboxAge, type Publish, sweepOutbox } from './relay.ts';
import { type Sweeper, startSweeper } from './sweeper.ts';

export interface StoreOptions {
  url: string;
  database: string;
  clock: Clock;
  log: Logger;
  /** How long a writer may take to publish what it put into an outbox, in ms. */
  outboxLeaseMs?: number;
  /** Only processes that open or seal certificates have one. */
  box?: SecretBox;
  /** How long an operation waits for a reachable primary, in ms. */
  serverSelectionTimeoutMs?: number;
  protections?: StoreProtections;
}

export interface Store {
  documentos: Documentos;
  conteudos: Conteudos;
  contas: Contas;
  credenciais: Credenciais;
  empresas: Empresas;
  certificados: Certificados;
  migrations: Migrations;
  /** Throws when no primary answers. */
  ping(): Promise<void>;
  /** True, or why this release cannot work with the database (for readiness). A newer schema is fine: a rolling upgrade is under way. */
  ready(): Promise<true | string>;
  /** Publishes due actions and entries left in outboxes, in whichever process holds the lease. */
  startSweepers(options: { publish: Publish; everyMs: number }): Sweeper[];
  /** Seconds; see relay.ts. */
  oldestOutboxAge(): Promise<number>;
  close(): Promise<void>;
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
      ignoreUndefined: true,
      serverSelectionTimeoutMS: serverSelectionTimeoutMs,
      maxPoolSize: 50,
    })
    .asPromise();
  connection.on('error', (err) => log.warn({ err }, 'mongodb connection error'));
  const model = documentoModel(connection);
  const leases = leasesOf(connection, clock);
  const migrations = migrationsOf(connection, leases, clock.uuid());
  const ping = async () => {
    await connection.db?.command({ ping: 1 });
  };
  return {
    documentos: documentosOf(model, { clock, leaseMs, protections }),
    conteudos: conteudosOf(connection),
    contas: contasOf(connection, clock),
    credenciais: credenciaisOf(connection, clock),
    empresas: empresasOf(connection, clock),
    certificados: certificadosOf(connection, { clock, box }),
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
    startSweepers({ publish, everyMs }) {
      const { leasedSweep: leased } = protections;
      const common = { everyMs, leases: leased ? leases : UNLEASED, clock, log };
      return [
        startSweeper({ ...common, name: 'outbox:documentos', sweep: () => sweepOutbox(model, { publish, clock, leaseMs, leased }) }),
        startSweeper({ ...common, name: 'due:documentos', sweep: () => sweepDue(model, { publish, clock }) }),
      ];
    },
    oldestOutboxAge: () => oldestOutboxAge(model, clock.now()),
    close: () => connection.close(),
  };
}

/** A test's leases when the protection is taken out: everybody holds everything. */
const UNLEASED: Leases = { hold: async () => true, release: async () => {} };
