import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { systemClock } from '@malote/runtime/clock';
import { sampleEvento } from '@malote/testkit/sample-evento';
import { sampleNfe } from '@malote/testkit/sample-nfe';
import { sampleProc } from '@malote/testkit/sample-proc';

const MAIN = join(import.meta.dirname, '..', 'main.ts');
const run = promisify(execFile);
const malote = (...words: string[]) => run(process.execPath, [MAIN, ...words]);

const dir = mkdtempSync(join(tmpdir(), 'malote-danfe-'));
after(() => rmSync(dir, { recursive: true, force: true }));
const file = join(dir, 'nota.xml');
writeFileSync(file, sampleNfe({ cnpj: '11222333000181', uf: 'SP', numero: 4711, serie: 1, dhEmi: systemClock.now() }));

test('`malote danfe` prints a note beside its XML or where -o says, as pdftotext reads it', async () => {
  const out = join(dir, 'saida.pdf');
  await malote('danfe', file, '-o', out);
  const { stdout } = await run('pdftotext', ['-layout', out, '-']);
  assert.match(stdout, /DANFE/);
  assert.match(stdout, /000\.004\.711/);
  const { arquivo } = JSON.parse((await malote('danfe', file, '--formato', 'paisagem', '--json')).stdout);
  assert.equal(arquivo, join(dir, 'nota.pdf'));
  assert.match((await run('pdfinfo', [arquivo])).stdout, /Page size:\s+841\.\d+ x 595\.\d+/);
});

test('`malote danfe --epec` gives a note of tpEmis 4 the protocolo that it has not itself', async () => {
  const { xml, chave } = sampleProc({ tpEmis: '4', cStat: null });
  const [nota, epec, out] = ['epec-nota.xml', 'epec.xml', 'epec.pdf'].map((name) => join(dir, name)) as [string, string, string];
  writeFileSync(nota, xml);
  writeFileSync(epec, sampleEvento({ tpEvento: '110140', chave, det: '<descEvento>EPEC</descEvento>', cStat: '124' }));
  await malote('danfe', nota, '--epec', epec, '-o', out);
  const { stdout } = await run('pdftotext', ['-layout', out, '-']);
  assert.match(stdout, /135260000099999/);
  assert.doesNotMatch(stdout, /SEM VALOR FISCAL/);
});

const refusedBy = async (...words: string[]) => {
  try {
    await malote(...words);
  } catch (error) {
    return (error as { stderr: string }).stderr;
  }
  return '';
};
const refused = (...words: string[]) => refusedBy('danfe', ...words);

test('a logo that cannot be drawn is refused before anything is stored, with what to do', async () => {
  const set = (...words: string[]) => refusedBy('company', 'set', '--conta', 'c', '--empresa', '11222333000181', ...words);
  const gif = join(dir, 'logo.gif');
  writeFileSync(gif, 'GIF89a');
  const large = join(dir, 'logo.png');
  writeFileSync(large, Buffer.alloc(200_001));
  assert.match(await set('--logo', gif), /não é PNG nem JPEG. Grave a imagem em um desses formatos/);
  assert.match(await set('--logo', large), /200001 bytes; o máximo é 200000. Reduza a imagem/);
  assert.match(await set('--logo', join(dir, 'nenhum.png')), /nenhum\.png/);
  assert.match(await set('--logo', gif, '--no-logo'), /use um dos dois/);
  assert.match(await set(), /informe .*--logo, --no-logo/);
});

test('a format it does not know, two files and what is no XML are refused in words', async () => {
  assert.match(await refused(file, '--formato', 'quadrado'), /--formato quadrado: use retrato/);
  assert.match(await refused(file, file), /um arquivo XML, e um só/);
  const bad = join(dir, 'ruim.xml');
  writeFileSync(bad, '<!DOCTYPE x [<!ENTITY e "x">]><NFe>&e;</NFe>');
  assert.match(await refused(bad), /DTD/);
});
