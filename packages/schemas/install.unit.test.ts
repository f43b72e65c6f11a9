import assert from 'node:assert/strict';
import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { installSchemas, SchemaInstallError } from './install.ts';
import { temporaryFolder } from './test/temporary-folder.ts';

/** A stand-in for pip: a shell script that answers --version and does `body` for anything else. */
function fakePip(body: string): string {
  const path = join(temporaryFolder(), 'pip.sh');
  writeFileSync(path, `#!/bin/sh\nif [ "$1" = --version ]; then echo pip 1; exit 0; fi\n${body}\n`);
  chmodSync(path, 0o755);
  return path;
}

const refusesWith = (text: RegExp) => (error: unknown) => error instanceof SchemaInstallError && text.test(error.message);

test('a wheel with another hash is refused and nothing is installed', async () => {
  const dir = temporaryFolder();
  const wheelPath = join(dir, 'x.whl');
  writeFileSync(wheelPath, 'not a wheel');
  await assert.rejects(installSchemas({ dir, wheelPath }), refusesWith(/não é o esperado.*nada foi instalado/));
  assert.equal(existsSync(join(dir, 'packs')), false);
});

test('a machine without pip is told how to install it and how to do without', async () => {
  const pip = join(temporaryFolder(), 'no-such-pip');
  await assert.rejects(
    installSchemas({ dir: temporaryFolder(), pip }),
    refusesWith(/não encontrei o pip.*apt-get install -y python3-pip.*--wheel/s),
  );
});

test('a failing download gives the words of pip and a way out', async () => {
  const pip = fakePip('echo "no route to host" >&2; exit 1');
  await assert.rejects(installSchemas({ dir: temporaryFolder(), pip }), refusesWith(/não conseguiu baixar.*no route to host.*--wheel/s));
});

test('a download with other content is refused and not kept', async () => {
  const dir = temporaryFolder();
  const pip = fakePip('while [ "$1" != --dest ]; do shift; done; echo bad > "$2/nfelib-3.2.0-py3-none-any.whl"');
  await assert.rejects(installSchemas({ dir, pip }), refusesWith(/não é o esperado/));
  assert.equal(existsSync(join(dir, 'downloads', 'nfelib-3.2.0-py3-none-any.whl')), false);
});

test('a pip that says nothing and delivers nothing is noticed', async () => {
  await assert.rejects(installSchemas({ dir: temporaryFolder(), pip: fakePip('exit 0') }), refusesWith(/sem entregar/));
});
