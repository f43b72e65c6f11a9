import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import type { ProcessGuard } from './process-guard.ts';
import { type Server, type ServerTls, startServer } from './server.ts';

export interface MongoServer extends Server {
  url: string;
}

const REPLICA_SET = 'malote';

/** What a client says to a mongod that speaks TLS and asks who one is. */
interface Access {
  user: string;
  password: string;
  caFile: string;
}

/**
 * A journalled mongod on 127.0.0.1 as a replica set of one node; returns when it is primary. With `tls` it speaks nothing else and asks for user
 * and password.
 */
export async function startMongo(options: {
  binary: string;
  dir: string;
  guard: ProcessGuard;
  port?: number | undefined;
  tls?: ServerTls | undefined;
}): Promise<MongoServer> {
  const dbPath = join(options.dir, 'data');
  mkdirSync(dbPath, { recursive: true });
  const secured = options.tls && secure(options.dir, options.tls);
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
          ...(secured?.args ?? []),
          // Its quiesce time before a shutdown (15 s) is for other members of a replica set; there are none.
          ...['--setParameter', 'shutdownTimeoutMillisForSignaledShutdown=0'],
        ],
        env: { PATH: '/usr/bin:/bin', LC_ALL: 'C.UTF-8' },
      }),
      probe: ([port], pid) => primary(port as number, pid, secured?.access),
      readyTimeoutMs: 60_000,
      graceMs: 4000,
    },
    options.guard,
  );
  const [user, query] = secured
    ? [`${secured.access.user}:${secured.access.password}@`, `&tls=true&tlsCAFile=${encodeURIComponent(secured.access.caFile)}`]
    : ['', ''];
  return Object.assign(server, { url: `mongodb://${user}127.0.0.1:${server.port}/?replicaSet=${REPLICA_SET}${query}` });
}

function secure(dir: string, { certFile, keyFile, caFile }: ServerTls): { args: string[]; access: Access } {
  const both = join(dir, 'tls.pem');
  writeFileSync(both, `${readFileSync(certFile, 'utf8')}\n${readFileSync(keyFile, 'utf8')}`, { mode: 0o600 });
  // Members of a replica set that asks for passwords prove themselves with it, even a member that is alone.
  const memberKey = join(dir, 'member.key');
  if (!existsSync(memberKey)) writeFileSync(memberKey, randomBytes(96).toString('base64'), { mode: 0o600 });
  const args = ['--keyFile', memberKey, '--tlsMode', 'requireTLS', '--tlsCertificateKeyFile', both, '--tlsCAFile', caFile];
  const password = createHash('sha256').update(readFileSync(memberKey)).digest('base64url');
  return { args: [...args, '--tlsAllowConnectionsWithoutCertificates'], access: { user: 'malote', password, caFile } };
}

/** Makes the node the primary of its replica set, whatever its data says about earlier ports; throws until it is. */
async function primary(port: number, pid: number, access: Access | undefined): Promise<void> {
  const common = { serverSelectionTimeoutMS: 1000, connectTimeoutMS: 1000, monitorCommands: false };
  const tls = access ? { ...common, tls: true, tlsCAFile: access.caFile } : common;
  const url = `mongodb://127.0.0.1:${port}/?directConnection=true`;
  if (access) await createFirstUser(new MongoClient(url, tls), port, access);
  const client = new MongoClient(url, access ? { ...tls, auth: { username: access.user, password: access.password } } : tls);
  try {
    const admin = (await client.connect()).db('admin');
    const status = await admin.command({ serverStatus: 1, repl: 0, metrics: 0, wiredTiger: 0, locks: 0 });
    if (Number(status.pid) !== pid) throw new Error(`another mongod (${status.pid}) serves port ${port}`);
    const hello = await admin.command({ hello: 1 });
    if (hello.isWritablePrimary === true) return;
    const members = membersOf(port);
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

const membersOf = (port: number) => [{ _id: 0, host: `127.0.0.1:${port}` }];

/** While there is no user a client of the same machine may initiate the replica set and make the first one, and nothing else. */
async function createFirstUser(client: MongoClient, port: number, { user, password }: Access): Promise<void> {
  try {
    const admin = (await client.connect()).db('admin');
    await admin.command({ replSetInitiate: { _id: REPLICA_SET, members: membersOf(port) } }).catch(() => undefined);
    await admin.command({ createUser: user, pwd: password, roles: ['root'] }).catch(() => undefined);
  } finally {
    await client.close();
  }
}
