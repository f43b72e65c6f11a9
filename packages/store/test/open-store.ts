import { after } from 'node:test';
import { testStack } from '@malote/devstack/devstack';
import { type Clock, systemClock } from '@malote/runtime/clock';
import { createLogger } from '@malote/runtime/logger';
import { createSecretBox } from '@malote/runtime/secret-box';
import mongoose from 'mongoose';
import { connectStore, type Store } from '../connect.ts';

/** A clock that a test moves by hand. */
export interface MovableClock extends Clock {
  advance(ms: number): void;
}

export function movableClock(): MovableClock {
  let offset = 0;
  return {
    ...systemClock,
    now: () => new Date(systemClock.now().getTime() + offset),
    advance(ms) {
      offset += ms;
    },
  };
}

export const MASTER_KEY = `test:${Buffer.alloc(32, 7).toString('base64')}`;

/** A migrated database of this test file's own, dropped at its end, and the raw connection to look behind the store. */
export async function openStore(
  clock: Clock = systemClock,
): Promise<{ store: Store; raw: mongoose.Connection; database: string; mongoUrl: string }> {
  const { mongoUrl } = await testStack();
  const database = `store_${systemClock.uuid().replaceAll('-', '').slice(0, 16)}`;
  const store = await connectStore({
    url: mongoUrl,
    database,
    clock,
    log: createLogger({ service: 'test', level: 'silent' }),
    box: createSecretBox(MASTER_KEY),
  });
  await store.migrations.run();
  const raw = await mongoose.createConnection(mongoUrl, { dbName: database }).asPromise();
  after(async () => {
    await raw.dropDatabase();
    await raw.close();
    await store.close();
  });
  return { store, raw, database, mongoUrl };
}
