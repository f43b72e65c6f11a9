import { userInfo } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import type { CommandDeps } from '@malote/administration/command';
import { connectBroker } from '@malote/broker/connection';
import type { AnyEnvelope } from '@malote/messages/envelope';
import { TOPOLOGY } from '@malote/messages/routes';
import { type Clock, clockWith } from '@malote/runtime/clock';
import { loadConfig } from '@malote/runtime/config';
import { createLogger } from '@malote/runtime/logger';
import { createSecretBox } from '@malote/runtime/secret-box';
import { connectStore } from '@malote/store/connect';

/** Longest wait for a connection; what is in an outbox goes out without it, some seconds later. */
const CONNECT_MS = 5_000;
const LOOK_EVERY_MS = 50;

/** What a command may use, from the environment, and the end of whatever it connected to. */
export function commandDeps(): CommandDeps & { close(): Promise<void> } {
  const log = createLogger({ service: 'cli', level: 'silent' });
  const opened: (() => Promise<unknown>)[] = [];
  const clock = once((): Clock => {
    const { testClockFile, mode } = loadConfig(['mode', 'testClockFile']);
    return clockWith({ testClockFile, production: mode === 'production' });
  });
  const connect = async (secrets: boolean) => {
    const { mongoUrl: url, mongoDatabase: database } = loadConfig(['mode', 'mongoUrl', 'mongoDatabase', 'testClockFile']);
    const box = secrets ? createSecretBox(loadConfig(['masterKey']).masterKey) : undefined;
    const store = await connectStore({ url, database, clock: clock(), log, ...(box ? { box } : {}) });
    opened.push(store.close);
    return store;
  };
  const plain = once(() => connect(false));
  const sealing = once(() => connect(true));
  const broker = once(() => {
    const connection = connectBroker({
      url: loadConfig(['rabbitmqUrl']).rabbitmqUrl,
      name: 'cli',
      log,
      clock: clock(),
      topology: TOPOLOGY,
    });
    opened.push(() => connection.close());
    return connection;
  });
  const publishing: Promise<unknown>[] = [];
  const publish = async (message: AnyEnvelope) => {
    const { publish: send, state } = broker();
    const until = clock().monotonic() + CONNECT_MS;
    // A broker that was asked for a moment ago is not there yet.
    while (!state().publishing && clock().monotonic() < until) await pause(LOOK_EVERY_MS);
    return send(message);
  };
  const random = (bytes: number) => clock().random(bytes).toString('hex');
  return {
    quem: { tipo: 'cli', id: userInfo().username },
    store: ({ secrets = false } = {}) => (secrets ? sealing() : plain()),
    config: loadConfig,
    publish(message) {
      const sent = publish(message);
      publishing.push(sent);
      return sent;
    },
    clock,
    get traceparent() {
      return `00-${random(16)}-${random(8)}-01`;
    },
    async close() {
      await Promise.allSettled(publishing);
      for (const end of opened) await end();
    },
  };
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
