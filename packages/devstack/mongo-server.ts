import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import type { ProcessGuard } from './process-guard.ts';
import { type Server, startServer } from './server.ts';

export interface MongoServer extends Server {
  url: string;
}

const REPLICA_SET = 'malote';

/** A journalled mongod on 127.0.0.1 as a replica set of one node; returns when it is primary. */
export async function startMongo(options: { binary: string; dir: string; guard: ProcessGuard; port?: number }): Promise<MongoServer> {
  const dbPath = join(options.dir, 'data');
  mkdirSync(dbPath, { recursive: true });
  const server = await startServer(
    {
      name: 'mongodb',
      ports: 1,
      preferredPorts: options.port === undefined ? undefined : [options.port],
      logFile: join(options.dir, 'mongod.log'),
      launch: ([port]) => ({
        command: options.binary,
        args: [
          ...['--dbpath', dbPath, '--bind_ip', '127.0.0.1', '--port', String(port), '--nounixsocket'],
          ...['--replSet', REPLICA_SET, '--oplogSize', '64', '--wiredTigerCacheSizeGB', '0.25'],
          ...['--setParameter', 'diagnosticDataCollectionEnabled=false'],
          // Its quiesce time before a shutdown (15 s) is for other members of a replica set; there are none.
          ...['--setParameter', 'shutdownTimeoutMillisForSignaledShutdown=0'],
        ],
        env: { PATH: '/usr/bin:/bin', LC_ALL: 'C.UTF-8' },
      }),
      probe: ([port], pid) => primary(port as number, pid),
      readyTimeoutMs: 60_000,
      graceMs: 4000,
    },
    options.guard,
  );
  return Object.assign(server, { url: `mongodb://127.0.0.1:${server.port}/?replicaSet=${REPLICA_SET}` });
}

/** Makes the node the primary of its replica set, whatever its data says about earlier ports; throws until it is. */
async function primary(port: number, pid: number): Promise<void> {
  const client = new MongoClient(`mongodb://127.0.0.1:${port}/?directConnection=true`, {
    serverSelectionTimeoutMS: 1000,
    connectTimeoutMS: 1000,
    monitorCommands: false,
  });
  try {
    const admin = (await client.connect()).db('admin');
    const status = await admin.command({ serverStatus: 1, repl: 0, metrics: 0, wiredTiger: 0, locks: 0 });
    if (Number(status.pid) !== pid) throw new Error(`another mongod (${status.pid}) serves port ${port}`);
    const hello = await admin.command({ hello: 1 });
    if (hello.isWritablePrimary === true) return;
    const members = [{ _id: 0, host: `127.0.0.1:${port}` }];
    const current = await admin.command({ replSetGetConfig: 1 }).catch(() => undefined);
    if (current === undefined) {
      await admin.command({ replSetInitiate: { _id: REPLICA_SET, members } });
    } else if (current.config.members[0].host !== members[0]?.host) {
      await admin.command({ replSetReconfig: { ...current.config, version: current.config.version + 1, members }, force: true });
    }
    throw new Error('not primary yet');
  } finally {
    await client.close();
  }
}
