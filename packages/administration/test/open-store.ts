import { after } from 'node:test';
import { testStack } from '@malote/devstack/devstack';
import { systemClock } from '@malote/runtime/clock';
import { createLogger } from '@malote/runtime/logger';
import { createSecretBox } from '@malote/runtime/secret-box';
import { connectStore, type Store } from '@malote/store/connect';

/** A migrated database of this test file's own. */
export async function openStore(name: string): Promise<Store> {
  const { mongoUrl } = await testStack();
  const store = await connectStore({
    url: mongoUrl,
    database: `administration-${name}-${process.pid}`.slice(0, 38),
    clock: systemClock,
    log: createLogger({ service: 'test', level: 'silent' }),
    box: createSecretBox(`test:${Buffer.alloc(32, 7).toString('base64')}`),
  });
  after(() => store.close());
  await store.migrations.run();
  return store;
}
