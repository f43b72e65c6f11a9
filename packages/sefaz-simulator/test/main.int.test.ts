import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { systemClock } from '@malote/runtime/clock';
import { installSchemas } from '@malote/schemas/install';
import { createCa, issueServerCertificate } from '@malote/testkit/certificates';
import { schemasDir } from './stage.ts';

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));
let dir: string;
let args: string[];
const children: ChildProcess[] = [];

before(async () => {
  await installSchemas({ dir: schemasDir });
  dir = mkdtempSync(join(tmpdir(), 'sefaz-simulator-main-'));
  const ca = createCa();
  const server = issueServerCertificate(ca, { hosts: ['127.0.0.1'] });
  const file = (name: string, text: string) => {
    writeFileSync(join(dir, name), text);
    return join(dir, name);
  };
  args = ['--state', join(dir, 'state'), '--server-cert', file('cert.pem', server.certPem), '--server-key', file('key.pem', server.keyPem)];
  args.push('--client-ca', file('ca.pem', ca.certPem));
});
after(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(dir, { recursive: true });
});

function run(extra: string[]) {
  const child = spawn(process.execPath, [MAIN, ...args, ...extra], { stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  return { child, stderr: () => stderr };
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`the program prints one ready line and ends within two seconds of ${signal}, code 0`, async () => {
    const ready = join(dir, `ready-${signal}.json`);
    const { child, stderr } = run(['--schemas', schemasDir, '--ready-file', ready]);
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const { ready: up, url, admin } = JSON.parse(line.toString()) as { ready: boolean; url: string; admin: string };
    assert.equal(up, true);
    assert.match(url, /^https:\/\/127\.0\.0\.1:\d+$/);
    assert.equal(readFileSync(ready, 'utf8'), line.toString());
    assert.equal((await fetch(`${admin}/health`)).status, 200);
    const started = systemClock.monotonic();
    child.kill(signal);
    const [code] = await once(child, 'exit');
    assert.equal(code, 0, stderr());
    assert.ok(systemClock.monotonic() - started < 2_000);
  });
}

test('without schemas, and with a directory that has none, the program refuses to start', async () => {
  for (const extra of [[], ['--schemas', join(dir, 'nothing')]]) {
    const { child, stderr } = run(extra);
    const [code] = await once(child, 'exit');
    assert.equal(code, 1);
    assert.match(stderr(), extra.length === 0 ? /--schemas is required/ : /schema/i);
  }
});
