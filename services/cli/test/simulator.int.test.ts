import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { eventually } from '@malote/testkit/eventually';

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));
const schemas = process.env.MALOTE_TEST_SCHEMAS ?? fileURLToPath(new URL('../../../.malote/schemas', import.meta.url));
let dir: string;
const children: ChildProcess[] = [];
before(() => {
  dir = mkdtempSync(join(tmpdir(), 'malote-cli-simulator-'));
});
after(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(dir, { recursive: true });
});

const start = (args: string[]) => {
  const all = [MAIN, 'simulator', '--state', join(dir, 'state'), '--schemas', schemas, ...args];
  const child = spawn(process.execPath, all, { timeout: 60_000 });
  children.push(child);
  return child;
};
async function run(args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = start(args);
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const [code] = await once(child, 'close');
  return { code: code as number, stdout, stderr };
}
const nodeCommand = (script: string) => ['--', process.execPath, '--input-type=module', '-e', script];

/** Puts one number at two authorisers: what a client that lost count would have done. */
const DOUBLE = `
  const register = (body) => fetch(process.env.SEFAZ_SIMULATOR_ADMIN + '/documents', { method: 'POST', body: JSON.stringify(body) });
  for (const tpEmis of ['1', '6']) await register({ uf: 'SP', cnpj: process.env.SEFAZ_SIMULATOR_CNPJ, numero: 1, tpEmis });`;

test('a command finds the simulator in its environment, calls it, and its exit code is that of malote', async () => {
  const script = `
    import { readFileSync } from 'node:fs';
    import { request } from 'node:https';
    const { SEFAZ_SIMULATOR_URL: url, SEFAZ_SIMULATOR_CA: ca, SEFAZ_SIMULATOR_PFX: pfx, SEFAZ_SIMULATOR_SENHA_FILE: senha } = process.env;
    const options = { ca: readFileSync(ca), pfx: readFileSync(pfx), passphrase: readFileSync(senha, 'utf8') };
    const answer = await new Promise((resolve, reject) => request(url + '/2/SP/55/NFeStatusServico4', options, resolve).on('error', reject).end());
    console.log('status', answer.statusCode);
    process.exit(7);`;
  const { code, stdout } = await run(['--fresh', '--cnpj', '10000001000190', ...nodeCommand(script)]);
  assert.match(stdout, /status 405/);
  assert.match(stdout, /simulador: 1 chamadas, 0 notas autorizadas, 0 números dobrados/);
  assert.equal(code, 7);
});

test('a number that is doubled at the end of the command is a failure, unless that was allowed', async () => {
  const { code, stdout } = await run(['--fresh', ...nodeCommand(DOUBLE)]);
  assert.match(stdout, /1 números dobrados/);
  assert.equal(code, 1);
  assert.equal((await run(['--fresh', '--allow-doubled', ...nodeCommand(DOUBLE)])).code, 0);
});

test('without a command it stays until SIGTERM, and no simulator is left when malote is killed', async () => {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    const child = start(['--json', '--scenario', 'dia-normal', '--odd-hosts']);
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const { admin, hosts } = JSON.parse(line.toString()) as { admin: string; hosts: Record<string, string> };
    assert.equal(Object.keys(hosts).length, 3);
    const scenario = (await (await fetch(`${admin}/scenario`)).json()) as { name: string };
    assert.equal(scenario.name, 'dia-normal');
    const ended = once(child, 'close');
    child.kill(signal);
    const [code] = await ended;
    if (signal === 'SIGTERM') assert.equal(code, 0);
    await eventually(() =>
      fetch(`${admin}/health`).then(
        () => false,
        () => true,
      ),
    );
  }
});

test('what the simulator refuses is told, and a forgotten command is a wrong use', async () => {
  const unknown = await run(['--scenario', 'nenhum']);
  assert.deepEqual([unknown.code, /there are dia-normal/.test(unknown.stderr)], [1, true]);
  const taken = await run(['--cnpj', '123']);
  assert.match(taken.stderr, /is no CNPJ or CPF/);
  const forgotten = await run(['--']);
  assert.deepEqual([forgotten.code, /falta o comando/.test(forgotten.stderr)], [2, true]);
  const missing = await run(['--', 'no-such-program-at-all']);
  assert.deepEqual([missing.code, /ENOENT/.test(missing.stderr)], [1, true]);
});
