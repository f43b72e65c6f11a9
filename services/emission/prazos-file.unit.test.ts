import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { PRAZOS, prazoOf } from '@malote/fiscal/evento/prazos';
import { prazosOf } from './prazos-file.ts';

const dir = mkdtempSync(join(tmpdir(), 'prazos-'));
after(() => rmSync(dir, { recursive: true }));
const file = join(dir, 'prazos.json');
const read = (content: unknown) => {
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return () => prazosOf(file);
};
const row = { uf: 'MT', modelo: '65', tpEvento: '110111', minutos: 30, rigido: true, desde: '2026-01-01', norma: 'Decreto 1/2026' };

test('without a file the project’s rows count, with one its rows count before them', () => {
  assert.equal(prazosOf(undefined), PRAZOS);
  const of = (dia: string) => prazoOf(read([row])(), { uf: 'MT', modelo: '65', tpEvento: '110111', dia });
  assert.equal(of('2026-11-21')?.norma, row.norma);
  assert.notEqual(of('2025-12-31')?.norma, row.norma);
});

test('a broken row is refused with its row, its field, its value and the rule, all at once', () => {
  const rows = [row, { ...row, uf: 'XX', minutos: '30' }, { ...row, tpEvento: '110110', prazo: 1 }, 7];
  assert.throws(read(rows), (error: Error) => {
    assert.match(error.message, /^MALOTE_EVENTOS_PRAZOS_FILE/);
    assert.match(error.message, /linha 2: uf \("XX"\) deve ser/);
    assert.match(error.message, /linha 2: minutos \("30"\) deve ser um número inteiro/);
    assert.match(error.message, /linha 3: prazo não é um campo/);
    assert.match(
      error.message,
      /linha 3: tpEvento \("110110"\) deve ser o código de um evento do modelo/,
      'a NFC-e takes no carta de correção',
    );
    assert.match(error.message, /linha 4: deve ser um objeto/);
    assert.doesNotMatch(error.message, /linha 1/);
    return true;
  });
});

test('a file that is no JSON, no list or not there is told by its name', () => {
  assert.throws(read('{'), /prazos\.json não é JSON/);
  assert.throws(read({}), /deve ser uma lista/);
  assert.throws(() => prazosOf(join(dir, 'none.json')), /none\.json não pôde ser lido \(ENOENT\)/);
});
