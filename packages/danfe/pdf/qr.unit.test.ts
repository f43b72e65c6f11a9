import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create } from 'qrcode';
import { qrMatrix } from './qr.ts';

test('modules are those of the library with the mask it chooses itself', () => {
  const url = 'https://www.nfce.fazenda.sp.gov.br/qrcode?p=35261111222333000181650010000047111128734656|';
  for (let n = 0; n < 24; n++) {
    const text = `${url}${n}|${'ação/+=Az09'.repeat(n * 2)}`;
    const { modules } = create([{ data: new TextEncoder().encode(text), mode: 'byte' }], { errorCorrectionLevel: 'M' });
    const { size, runs } = qrMatrix(text);
    assert.equal(size, modules.size);
    const drawn = new Uint8Array(size * size);
    for (const { row, at, length } of runs) drawn.fill(1, row * size + at, row * size + at + length);
    assert.ok(Buffer.from(drawn).equals(Buffer.from(modules.data.map(Number))), text);
  }
});
