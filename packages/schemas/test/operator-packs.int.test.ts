import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { zipSync } from 'fflate';
import { addPack, listPacks, zipFolder } from '../operator-packs.ts';
import { dropFolder, installTiny, rootOf, xsd } from './tiny-packs.ts';

const zipOf = (files: Record<string, string>) =>
  zipSync(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, new TextEncoder().encode(text)])));
const installed = () => installTiny({ 'nfe/nota_v1.00.xsd': rootOf('nfe', 'nota', 'a') });
const entries = (dir: string) => readdirSync(join(dir, 'packs')).sort();

test('a pack is added under its name and dates, compiled first, and listed with its origin', async () => {
  const dir = installed();
  const zip = zipOf({ 'PL/nota_v1.00.xsd': rootOf('nfe', 'nota', 'a', 'b') });
  const pack = { nome: 'PL_010f', hom: '2026-09-01', prod: '2026-11-03', zip };
  const added = await addPack(dir, pack);
  assert.deepEqual([added.compilados, added.jaEstava, added.conjuntos], [1, false, ['nfe']]);
  const name = 'PL_010f@hom=2026-09-01,prod=2026-11-03.zip';
  assert.deepEqual(entries(dir), [name, 'nfelib-3.2.0']);
  const again = await addPack(dir, pack);
  assert.deepEqual([again.jaEstava, again.sha256], [true, added.sha256]);
  const [base, own] = await listPacks(dir);
  assert.deepEqual([base?.origem, base?.fonte], ['base', 'tiny.whl']);
  assert.deepEqual([own?.origem, own?.fonte, own?.validFrom], ['operador', name, { '1': '2026-11-03', '2': '2026-09-01' }]);
});

test('what would not work is refused, and nothing is left in the folder', async () => {
  const dir = installed();
  const good = zipOf({ 'nota_v1.00.xsd': rootOf('nfe', 'nota', 'b') });
  const refused: [Parameters<typeof addPack>[1], RegExp][] = [
    [{ nome: 'PL_1', zip: good }, /falta a data de vigência/],
    [{ nome: 'PL_1', hom: '2026-02-30', zip: good }, /data inválida/],
    [{ nome: '../PL', hom: '2026-09-01', zip: good }, /não serve/],
    [{ nome: 'nfelib-3.2.0', hom: '2026-09-01', zip: good }, /não serve/],
    [{ nome: 'PL_1', hom: '2026-09-01', zip: new Uint8Array([1, 2, 3]) }, /o ZIP não abre/],
    [{ nome: 'PL_1', hom: '2026-09-01', zip: zipOf({ 'x.txt': 'x' }) }, /nenhum arquivo \.xsd/],
    [{ nome: 'PL_1', hom: '2026-09-01', zip: zipOf({ 'outra_v1.00.xsd': rootOf('nfe', 'outra', 'b') }) }, /conjunto=…/],
    [
      { nome: 'PL_1', hom: '2026-09-01', zip: zipOf({ 'nota_v1.00.xsd': xsd('nfe', '<xs:element name="nota" type="Falta"/>') }) },
      /nota_v1\.00/,
    ],
  ];
  for (const [pack, why] of refused) await assert.rejects(addPack(dir, pack), why);
  assert.deepEqual(entries(dir), ['nfelib-3.2.0']);
  await addPack(dir, { nome: 'PL_1', hom: '2026-09-01', zip: good });
  await assert.rejects(addPack(dir, { nome: 'PL_1', hom: '2026-09-02', zip: good }), /já está instalado/);
});

test('a folder is taken as the ZIP of its schemas, the same bytes each time', async () => {
  const dir = installed();
  dropFolder(dir, '.pasta', { 'a/nota_v1.00.xsd': rootOf('nfe', 'nota', 'b'), 'leia-me.txt': 'x' });
  const folder = join(dir, 'packs', '.pasta');
  const zip = await zipFolder(folder);
  assert.deepEqual(await zipFolder(folder), zip);
  assert.equal((await addPack(dir, { nome: 'PL_2', prod: '2026-09-01', zip })).compilados, 1);
  await assert.rejects(zipFolder(join(dir, 'nenhuma')), /ENOENT/);
});
