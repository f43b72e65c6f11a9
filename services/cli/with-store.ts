import { clockWith } from '@malote/runtime/clock';
import { loadConfig } from '@malote/runtime/config';
import { createLogger } from '@malote/runtime/logger';
import { createSecretBox } from '@malote/runtime/secret-box';
import { connectStore, type Store } from '@malote/store/connect';

const BASE = ['mode', 'mongoUrl', 'mongoDatabase', 'testClockFile'] as const;

/** Runs one command against the database of the environment, and closes the connection whatever comes of it. */
export async function withStore<T>(work: (store: Store) => Promise<T>, { secrets = false } = {}): Promise<T> {
  const config = loadConfig(BASE);
  const box = secrets ? createSecretBox(loadConfig(['masterKey']).masterKey) : undefined;
  const store = await connectStore({
    url: config.mongoUrl,
    database: config.mongoDatabase,
    clock: clockWith({ testClockFile: config.testClockFile, production: config.mode === 'production' }),
    log: createLogger({ service: 'cli', level: 'silent' }),
    ...(box ? { box } : {}),
  });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

/** JSON by flag, otherwise one `name: value` line each. */
export function show(result: Record<string, unknown>, json: boolean): string {
  if (json) return JSON.stringify(result);
  return Object.entries(result)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}: ${value instanceof Date ? value.toISOString() : value}`)
    .join('\n');
}
