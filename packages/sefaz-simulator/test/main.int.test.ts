import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { systemClock } from '@malote/runtime/clock';
import { installSchemas } from '@malote/schemas/install';
import { createCa, issueServerCertificate } from '@malote/testkit/certificates';
import { sampleCpf } from '@malote/testkit/sample-cnpj';
import { consStatServ } from './signed-nfe.ts';
import { CNPJ, envelope, post, schemasDir } from './stage.ts';

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

function run(extra: string[], base = args) {
  const child = spawn(process.execPath, [MAIN, ...base, ...extra], { stdio: ['ignore', 'pipe', 'pipe'] });
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

test('a simulator that is given no certificates makes them, keeps them, and is called with what it made', async () => {
  const cscFile = join(dir, 'csc.json');
  writeFileSync(cscFile, JSON.stringify([{ id: '7', csc: 'from-the-file' }]));
  const own = [
    '--state',
    join(dir, 'own'),
    '--schemas',
    schemasDir,
    '--company',
    CNPJ,
    '--company',
    sampleCpf(1),
    '--server-name',
    'simulator',
  ];
  const more = ['--scenario', 'dia-normal', '--csc-file', cscFile, '--odd-hosts'];
  interface Ready {
    url: string;
    admin: string;
    ca: string;
    hosts: Record<string, string>;
    companies: { documento: string; pfx: string; senha: string; cert: string; key: string }[];
  }
  const start = async (extra: string[]) => {
    const { child, stderr } = run(extra, []);
    const [line] = (await Promise.race([once(child.stdout, 'data'), once(child, 'exit').then(() => [stderr()])])) as [Buffer];
    return { child, ready: JSON.parse(line.toString()) as Ready };
  };
  const first = await start([...own, ...more]);
  const { ca, companies, url, admin, hosts } = first.ready;
  assert.deepEqual(Object.keys(hosts), ['wrong-chain', 'expired', 'renegotiation']);
  assert.deepEqual(
    companies.map(({ documento }) => documento),
    [CNPJ, sampleCpf(1)],
  );
  const [company] = companies;
  assert.ok(company);
  const credential = { ca: readFileSync(ca), pfx: readFileSync(company.pfx), passphrase: readFileSync(company.senha, 'utf8') };
  const status = (to: string) => {
    const wsdl = 'http://www.portalfiscal.inf.br/nfe/wsdl/NFeStatusServico4';
    const headers = { 'content-type': `application/soap+xml; charset=utf-8; action="${wsdl}/nfeStatusServicoNF"` };
    return post(`${to}/2/SP/55/NFeStatusServico4`, envelope(wsdl, consStatServ('35')), { ...credential, headers });
  };
  assert.deepEqual((await status(url)).all('cStat'), ['107']);
  await assert.rejects(status(hosts.expired ?? ''), { code: 'CERT_HAS_EXPIRED' });
  const state = async (path: string) => (await (await fetch(`${admin}${path}`)).json()) as { name: string } & { id: string }[];
  assert.equal((await state('/scenario')).name, 'dia-normal');
  assert.deepEqual((await state('/csc')).map(({ id }) => id).sort(), ['1', '7']);
  const ended = once(first.child, 'exit');
  first.child.kill('SIGTERM');
  await ended;

  const again = await start([...own, '--fresh']);
  assert.deepEqual(readFileSync(again.ready.companies[0]?.pfx ?? ''), credential.pfx);
  assert.deepEqual((await status(again.ready.url)).all('cStat'), ['107']);
  const calls = (await (await fetch(`${again.ready.admin}/calls`)).json()) as unknown[];
  assert.equal(calls.length, 1, 'fresh forgets the calls before');
});

test('what is wrong on the command line is told before anything is started', async () => {
  for (const [extra, reason] of [
    [['--company', '11111111111111'], /is no CNPJ or CPF/],
    [['--scenario', 'none'], /no file none.*there are dia-normal/],
    [['--csc-file', join(dir, 'cert.pem')], /is not JSON/],
    [['--deadlines-file', join(dir, 'cert.pem')], /is not JSON/],
    [['--port', 'x'], /is no port/],
  ] as const) {
    const { child, stderr } = run(['--state', join(dir, 'wrong'), '--schemas', schemasDir, ...extra], []);
    const [code] = await once(child, 'exit');
    assert.equal(code, 1);
    assert.match(stderr(), reason);
  }
});

test('a simulator whose parent has gone ends by itself', async () => {
  const child = spawn(process.execPath, [MAIN, ...args, '--schemas', schemasDir], { stdio: ['ignore', 'pipe', 'ignore', 'ipc'] });
  children.push(child);
  await once(child.stdout as Readable, 'data');
  const exited = once(child, 'exit');
  child.disconnect();
  assert.deepEqual((await exited)[0], 0);
});

test('without schemas, and with a directory that has none, the program refuses to start', async () => {
  for (const extra of [[], ['--schemas', join(dir, 'nothing')]]) {
    const { child, stderr } = run(extra);
    const [code] = await once(child, 'exit');
    assert.equal(code, 1);
    assert.match(stderr(), extra.length === 0 ? /--schemas is required/ : /schema/i);
  }
});
