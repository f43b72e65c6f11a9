import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openCatalog } from './catalog.ts';
import { parsePackName, SchemaPackError } from './pack.ts';
import { dropFolder, dropZip, installTiny, rootOf, xsd } from './test/tiny-packs.ts';

test('the name of a pack gives its dates and, when asked, its conjunto', () => {
  assert.deepEqual(parsePackName('PL_010f_v1.04@hom=2026-09-01,prod=2026-11-03.zip'), {
    name: 'PL_010f_v1.04',
    validFrom: { '1': '2026-11-03', '2': '2026-09-01' },
  });
  assert.deepEqual(parsePackName('Eventos_RTC@hom=2026-09-01,conjunto=nfe_evento_rtc'), {
    name: 'Eventos_RTC',
    validFrom: { '2': '2026-09-01' },
    conjunto: 'nfe_evento_rtc',
  });
});

for (const name of [
  'PL_010f.zip',
  'PL_010f@.zip',
  'PL_010f@prod=2026-13-01.zip',
  'PL_010f@prod=2026-02-30.zip',
  'PL_010f@prod=01/11/2026.zip',
  'PL_010f@producao=2026-11-03.zip',
  'PL_010f@conjunto=nfe.zip',
  'PL_010f@prod=2026-11-03,conjunto=../nfe.zip',
  'a@prod=2026-11-03@hom=2026-11-03.zip',
]) {
  test(`the pack name ${name} is refused with the form it should have`, () => {
    assert.throws(
      () => parsePackName(name),
      (e) => e instanceof SchemaPackError && e.message.includes('NOME@hom=AAAA-MM-DD'),
    );
  });
}

const base = () =>
  installTiny({
    'nfe/nfe_v4.00.xsd': rootOf('nfe', 'NFe', 'velha'),
    'nfe/tipos_v4.00.xsd': xsd('nfe', '<xs:simpleType name="T"><xs:restriction base="xs:string"/></xs:simpleType>'),
    'nfcom/ev_v1.00.xsd': rootOf('nfcom', 'ev', '1'),
    'nf3e/ev_v1.00.xsd': rootOf('nf3e', 'ev', '1'),
  });

test('a ZIP covers the conjuntos whose root schemas it brings, judged by file name and namespace, whatever its inner folders', () => {
  const dir = base();
  dropZip(dir, 'A@prod=2026-11-03.zip', {
    'Pasta do portal/nfe_v4.00.xsd': rootOf('nfe', 'NFe', 'nova'),
    'LEIAME.txt': 'x',
    '__MACOSX/._nfe_v4.00.xsd': 'x',
  });
  dropZip(dir, 'B@prod=2026-11-03.zip', { 'ev_v1.00.xsd': rootOf('nf3e', 'ev', '2') });
  const packs = new Map(openCatalog(dir).packs.map((p) => [p.name, p.conjuntos]));
  assert.deepEqual(packs.get('A'), ['nfe']);
  assert.deepEqual(packs.get('B'), ['nf3e']);
});

test('a folder is a pack too, and may bring a conjunto that the base does not have', () => {
  const dir = base();
  dropFolder(dir, 'Eventos_RTC@hom=2026-09-01,conjunto=nfe_evento_rtc', { 'x/e112110_v1.00.xsd': rootOf('nfe', 'detEvento', '1') });
  const found = openCatalog(dir).find({ familia: 'nfe', root: 'detEvento', versao: '1.00', ambiente: '2', date: new Date('2026-10-01') });
  assert.equal(found?.conjunto, 'nfe_evento_rtc');
});

const refused: [why: string, drop: (dir: string) => void, message: RegExp][] = [
  [
    'brings no root schema of the base',
    (d) => dropZip(d, 'A@prod=2026-11-03.zip', { 'zzz_v1.00.xsd': rootOf('nfe', 'z', '1') }),
    /conjunto=….*nfe, nfcom, nf3e/,
  ],
  ['has no XSD', (d) => dropZip(d, 'A@prod=2026-11-03.zip', { 'a.txt': '' }), /nenhum arquivo \.xsd/],
  [
    'has a file that is not a schema',
    (d) => dropZip(d, 'A@prod=2026-11-03.zip', { 'nfe_v4.00.xsd': '<a/>' }),
    /nfe_v4\.00\.xsd não é um XSD legível/,
  ],
  ['is cut short', (d) => writeFileSync(join(d, 'packs', 'A@prod=2026-11-03.zip'), 'PK\x03\x04'), /o ZIP não abre/],
  [
    'has two different files of one name',
    (d) =>
      dropZip(d, 'A@prod=2026-11-03.zip', { 'a/nfe_v4.00.xsd': rootOf('nfe', 'NFe', '1'), 'b/nfe_v4.00.xsd': rootOf('nfe', 'NFe', '2') }),
    /dois arquivos nfe_v4\.00\.xsd diferentes/,
  ],
];
for (const [why, drop, message] of refused) {
  test(`a pack that ${why} is refused in Portuguese with its name`, () => {
    const dir = base();
    drop(dir);
    assert.throws(
      () => openCatalog(dir),
      (e) => e instanceof SchemaPackError && message.test(e.message) && e.message.includes('A@prod'),
    );
  });
}
