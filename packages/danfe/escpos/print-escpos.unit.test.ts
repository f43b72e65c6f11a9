import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sampleProc } from '@malote/testkit/sample-proc';
import { readEscpos } from '../test/read-escpos.ts';
import { printEscpos } from './print-escpos.ts';

test('no line is longer than the roll has columns, and values stand at its right edge', () => {
  for (const [largura, columns] of [
    [58, 32],
    [80, 48],
  ] as const) {
    const { lines } = readEscpos(printEscpos(sampleProc({ nfce: true, itens: 3, tpAmb: '2' }).xml, { largura }));
    for (const line of lines) assert.ok(line.length <= columns, `${line.length}: ${line}`);
    assert.ok(lines.some((line) => line.length === columns && line.endsWith(' 21,74')));
    assert.ok(lines.some((line) => line.includes('Eletr\xf4nica')));
  }
});

test('the QR code is the command of the printer with the text of the XML, level M', () => {
  const { xml, qrCode = '' } = sampleProc({ nfce: true });
  const bytes = Buffer.from(printEscpos(xml));
  assert.deepEqual(readEscpos(bytes).qrCodes, [qrCode]);
  assert.ok(bytes.includes(Buffer.from([0x1d, 0x28, 0x6b, 3, 0, 49, 69, 49])));
});

test('off-line there are two copies, each cut, each with the contingency said twice', () => {
  const { lines, cuts } = readEscpos(printEscpos(sampleProc({ nfce: true, tpEmis: '9', cStat: null }).xml));
  const times = (text: string): number => lines.filter((line) => line.includes(text)).length;
  assert.deepEqual([cuts, times('EMITIDA EM CONTING'), times('Via do Estabelecimento')], [2, 4, 1]);
});

test('a model 55 without QR code is refused', () => {
  assert.throws(() => printEscpos(sampleProc({}).xml), /NFC-e \(modelo 65\)/);
});
