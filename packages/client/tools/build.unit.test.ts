import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { buildPackage } from './build.ts';

const dir = mkdtempSync(join(tmpdir(), 'malote-client-'));
after(() => rmSync(dir, { recursive: true, force: true }));

test('the package is JavaScript with declarations, imports nothing but its own files, and works', async () => {
  buildPackage(dir);
  const files = readdirSync(dir);
  assert.deepEqual(
    files
      .filter(
        (file) =>
          !/^(?:call|certificados|client|contingencia|contract\.data|empresas|entidades|errors|pages|session)\.(?:js|d\.ts)$/.test(file),
      )
      .sort(),
    ['README.md', 'package.json'],
  );
  for (const file of files.filter((name) => name.endsWith('.js'))) {
    const imports = [...readFileSync(join(dir, file), 'utf8').matchAll(/from '([^']+)'/g)].map(([, from]) => from);
    assert.ok(
      imports.every((from) => /^\.\/[\w.]+\.js$/.test(String(from))),
      `${file}: ${imports}`,
    );
  }
  assert.equal(JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8')).dependencies, undefined);

  const built = (await import(pathToFileURL(join(dir, 'client.js')).href)) as typeof import('../client.ts');
  const answers = [Response.json({ 'x-auth-token': 't' }), Response.json({ conta: 'c1' })];
  const client = built.createClient({ url: 'http://hub.example', token: 't', secret: 's', fetch: async () => answers.shift() as Response });
  assert.equal((await client.sessao()).conta, 'c1');
});
