import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import type { ProcessGuard } from './process-guard.ts';
import { type Server, type ServerTls, startServer } from './server.ts';

export interface RedisServer extends Server {
  url: string;
}

/** A Redis without persistence (`appendOnly` keeps its data over a restart), on 127.0.0.1, with its own password. */
export async function startRedis(options: {
  binary: string;
  dir: string;
  guard: ProcessGuard;
  port?: number;
  appendOnly?: boolean;
  tls?: ServerTls | undefined;
}): Promise<RedisServer> {
  mkdirSync(options.dir, { recursive: true });
  const password = randomBytes(18).toString('base64url');
  const configFile = join(options.dir, 'redis.conf');
  const server = await startServer(
    {
      name: 'redis',
      ports: 1,
      preferredPorts: options.port === undefined ? undefined : [options.port],
      logFile: join(options.dir, 'redis.log'),
      launch: ([port]) => {
        const lines = [
          'bind 127.0.0.1',
          ...listening(port as number, options.tls),
          `requirepass ${password}`,
          `dir "${options.dir}"`,
          'save ""',
          'daemonize no',
        ];
        // The password goes by file: the process list is readable by everybody.
        writeFileSync(configFile, `${[...lines, `appendonly ${options.appendOnly ? 'yes' : 'no'}`].join('\n')}\n`, { mode: 0o600 });
        return { command: options.binary, args: [configFile], cwd: options.dir, env: { PATH: '/usr/bin:/bin', LC_ALL: 'C.UTF-8' } };
      },
      probe: ([port]) => ping(port as number, password, options.tls),
      readyTimeoutMs: 20_000,
      graceMs: 3000,
    },
    options.guard,
  );
  const [scheme, query] = options.tls ? ['rediss', `?tlsCAFile=${encodeURIComponent(options.tls.caFile)}`] : ['redis', ''];
  return Object.assign(server, { url: `${scheme}://:${password}@127.0.0.1:${server.port}/0${query}` });
}

function listening(port: number, tls: ServerTls | undefined): string[] {
  if (!tls) return [`port ${port}`];
  const files = [`tls-cert-file "${tls.certFile}"`, `tls-key-file "${tls.keyFile}"`, `tls-ca-cert-file "${tls.caFile}"`];
  return ['port 0', `tls-port ${port}`, 'tls-auth-clients no', ...files];
}

/** The password proves that it is our Redis that answers on the port. */
function ping(port: number, password: string, tls: ServerTls | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const to = { port, host: '127.0.0.1' };
    const say = () => socket.write(`AUTH ${password}\r\nPING\r\n`);
    const socket: Socket = tls ? connectTls({ ...to, ca: readFileSync(tls.caFile) }, say) : connect(to, say);
    let answer = '';
    socket.setTimeout(1000, () => socket.destroy(new Error('no answer')));
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1');
      if (answer.startsWith('-')) socket.destroy(new Error(answer.trim()));
      else if (answer.includes('+PONG')) socket.end();
    });
    socket.once('error', reject);
    socket.once('close', () => (answer.includes('+PONG') ? resolve() : reject(new Error('closed'))));
  });
}
