import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Ambiente, openCatalog, SchemaPackError, type SchemaQuery } from './catalog.ts';
import { BASE_PACK } from './manifest.ts';
import { temporaryFolder } from './test/temporary-folder.ts';
import { dropZip, installTiny, rootOf, xsd } from './test/tiny-packs.ts';
import { createValidator } from './validator.ts';

const types = (...accepted: string[]) =>
  xsd(
    'nfe',
    `<xs:simpleType name="T"><xs:restriction base="xs:string">${accepted.map((v) => `<xs:enumeration value="${v}"/>`).join('')}</xs:restriction></xs:simpleType>`,
  );
const including = (root: string) => xsd('nfe', `<xs:include schemaLocation="tipos_v4.00.xsd"/><xs:element name="${root}" type="T"/>`);

/** A base with a root and a wrapper, and one official pack that brings the root and the types, but not the wrapper. */
function merged(): string {
  const dir = installTiny({
    'nfe/nfe_v4.00.xsd': including('NFe'),
    'nfe/enviNFe_v4.00.xsd': including('enviNFe'),
    'nfe/tipos_v4.00.xsd': types('velha'),
  });
  dropZip(dir, 'PL_010f@hom=2026-09-01,prod=2026-11-03.zip', { 'nfe_v4.00.xsd': including('NFe'), 'tipos_v4.00.xsd': types('nova') });
  return dir;
}

const query = (root: string, ambiente: Ambiente, date: string): SchemaQuery => ({
  familia: 'nfe',
  root,
  versao: '4.00',
  ambiente,
  date: new Date(date),
});

for (const [ambiente, date, pack] of [
  ['2', '2020-01-01T00:00:00Z', BASE_PACK],
  ['2', '2026-08-31T23:59:59-03:00', BASE_PACK],
  ['2', '2026-09-01T00:00:00-03:00', 'PL_010f'],
  ['1', '2026-09-01T00:00:00-03:00', BASE_PACK],
  ['1', '2026-11-02T23:59:59-03:00', BASE_PACK],
  ['1', '2026-11-03T00:00:00-03:00', 'PL_010f'],
] as const) {
  test(`the ${ambiente === '1' ? 'production' : 'homologation'} schema at ${date} is the one of ${pack}`, () => {
    assert.equal(openCatalog(merged()).find(query('NFe', ambiente, date))?.pack, pack);
  });
}

test('a wrapper that only the base has is checked with the types of the newer pack from its date on', () => {
  const validator = createValidator(openCatalog(merged()));
  const codes = (text: string, date: string) =>
    validator.validate(`<enviNFe xmlns="urn:nfe">${text}</enviNFe>`, query('enviNFe', '2', date)).map((f) => f.code);
  assert.deepEqual(codes('velha', '2026-08-01'), []);
  assert.deepEqual(codes('nova', '2026-08-01'), ['XSD-ENUM']);
  assert.deepEqual(codes('velha', '2026-10-01'), ['XSD-ENUM']);
  assert.deepEqual(codes('nova', '2026-10-01'), []);
  validator.dispose();
});

test('of two packs in force the later one counts, and a pack without a production date never counts there', () => {
  const dir = merged();
  dropZip(dir, 'AA_010g@hom=2026-10-26.zip', { 'nfe_v4.00.xsd': rootOf('nfe', 'NFe', 'x') });
  const catalog = openCatalog(dir);
  const found = catalog.find(query('NFe', '2', '2026-12-01'));
  assert.equal(found?.pack, 'AA_010g');
  assert.deepEqual(found?.packs, ['AA_010g', 'PL_010f', BASE_PACK]);
  assert.equal(catalog.find(query('NFe', '1', '2026-12-01'))?.pack, 'PL_010f');
});

test('an unknown root, version or familia has no schema', () => {
  const catalog = openCatalog(merged());
  assert.equal(catalog.find(query('Outra', '1', '2026-12-01')), undefined);
  assert.equal(catalog.find({ ...query('NFe', '1', '2026-12-01'), versao: '3.10' }), undefined);
  assert.equal(catalog.find({ ...query('NFe', '1', '2026-12-01'), familia: 'cte' }), undefined);
  assert.throws(() => catalog.find(query('NFe', '1', 'ontem')), /invalid date/);
});

test('a root in several conjuntos is taken from the own folder of the familia, then from the generic event, else it must be named', () => {
  const dir = installTiny({
    'nfe_evento_generico/envEvento_v1.00.xsd': rootOf('nfe', 'envEvento', '1'),
    'nfe_evento_cancel/envEventoCanc_v1.00.xsd': rootOf('nfe', 'envEvento', '1'),
    'nfe_evento_cancel/evento_v1.00.xsd': rootOf('nfe', 'evento', '1'),
    'nfe_evento_mde/e210200_v1.00.xsd': rootOf('nfe', 'evento', '1'),
    'nfe_evento_mde/e210210_v1.00.xsd': rootOf('nfe', 'evento', '1'),
  });
  const catalog = openCatalog(dir);
  const ask = (more: Partial<SchemaQuery>) => catalog.find({ ...query('evento', '1', '2026-12-01'), versao: '1.00', ...more });
  assert.equal(ask({ root: 'envEvento' })?.conjunto, 'nfe_evento_generico');
  assert.equal(ask({ root: 'envEvento', conjunto: 'nfe_evento_cancel' })?.file, 'envEventoCanc_v1.00.xsd');
  assert.throws(() => ask({}), /ambiguous: nfe_evento_cancel\/evento_v1\.00\.xsd, nfe_evento_mde/);
  assert.throws(() => ask({ conjunto: 'nfe_evento_mde' }), /ambiguous/);
  assert.equal(ask({ file: 'e210210_v1.00.xsd' })?.conjunto, 'nfe_evento_mde');
});

test('a folder without schemas says in Portuguese how to install them', () => {
  const dir = temporaryFolder();
  assert.throws(
    () => openCatalog(dir),
    (e) => e instanceof SchemaPackError && e.message.includes('install-cli.ts --dir'),
  );
});

test('a schema that was changed after the installation is refused', () => {
  const dir = merged();
  writeFileSync(join(dir, 'packs', BASE_PACK, 'nfe', 'tipos_v4.00.xsd'), types('outra'));
  assert.throws(
    () => openCatalog(dir),
    (e) => e instanceof SchemaPackError && e.message.includes('foi alterado'),
  );
});
