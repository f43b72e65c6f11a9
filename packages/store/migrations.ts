import { type Collection, type Connection, type IndexDefinition, type IndexOptions, Schema } from 'mongoose';
import type { Leases } from './leases.ts';

/** The stored shape this release works with. A service is not ready on an older one. */
export const SCHEMA_VERSION = 6;

const versionSchema = new Schema(
  { _id: { type: String, required: true }, version: { type: Number, required: true } },
  { collection: 'schema', strict: 'throw', versionKey: false, autoIndex: false, autoCreate: false },
);

export interface MigrationResult {
  from: number;
  to: number;
  indexes: string[];
}

export interface Migrations {
  /** 0 on an empty database. */
  current(): Promise<number>;
  /** Creates collections and indexes and back-fills. Idempotent; one process at a time, the others get an error that says so. */
  run(): Promise<MigrationResult>;
}

const LEASE = 'migrate';
const LEASE_MS = 10 * 60_000;

export function migrationsOf(connection: Connection, leases: Leases, owner: string): Migrations {
  const model = connection.model('SchemaVersion', versionSchema);
  const current = async () => ((await model.findById('malote').lean()) as { version: number } | null)?.version ?? 0;
  return {
    current,
    async run() {
      if (!(await leases.hold(LEASE, owner, LEASE_MS))) throw new Error('another process is migrating this database');
      try {
        const from = await current();
        if (from > SCHEMA_VERSION) throw new Error(`the database is at schema ${from}, newer than this release (${SCHEMA_VERSION})`);
        const indexes: string[] = [];
        for (const name of connection.modelNames()) {
          const collection = connection.model(name);
          await collection.createCollection();
          await dropChanged(collection.collection, collection.schema.indexes());
          await createMissing(collection.collection, collection.schema.indexes());
          indexes.push(...collection.schema.indexes().map(([, options]) => `${collection.collection.name}.${options?.name}`));
        }
        await model.updateOne({ _id: 'malote' }, { $set: { version: SCHEMA_VERSION } }, { upsert: true });
        return { from, to: SCHEMA_VERSION, indexes };
      } finally {
        await leases.release(LEASE, owner);
      }
    },
  };
}

/** One command for all indexes of the collection: MongoDB then reads it once, and waits for its journal once. */
async function createMissing(collection: Collection, wanted: [IndexDefinition, IndexOptions][]): Promise<void> {
  if (wanted.length === 0) return;
  await collection.createIndexes(
    wanted.map(([key, { background: _, ...options }]) => ({ ...(options as object), key: key as Record<string, 1> })),
  );
}

/** An index whose definition has changed under its name is built anew: MongoDB refuses to change one. */
async function dropChanged(collection: Collection, wanted: [IndexDefinition, IndexOptions][]): Promise<void> {
  const known = new Map((await collection.indexes()).map((index) => [index.name, index]));
  for (const [fields, options] of wanted) {
    const existing = known.get(options.name);
    if (!existing || definition(existing.key, existing) === definition(fields, options)) continue;
    await collection.dropIndex(existing.name as string);
  }
}

function definition(key: object, { partialFilterExpression = {} }: { partialFilterExpression?: object }): string {
  return JSON.stringify({ key, partialFilterExpression });
}
