import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CODE128_WIDTHS } from './code128.data.ts';
import { code128, code128Check, code128Symbols, QUIET_MODULES } from './code128.ts';

/** Reads symbols back by the definition of the sets in ISO/IEC 15417. */
function decode(symbols: readonly number[]): string {
  let set = symbols[0] === 105 ? 'C' : 'A';
  let text = '';
  for (const symbol of symbols.slice(1)) {
    if (symbol === 99 && set === 'A') set = 'C';
    else if (symbol === 101 && set === 'C') set = 'A';
    else text += set === 'C' ? String(symbol).padStart(2, '0') : String.fromCharCode(symbol + 32);
  }
  return text;
}

test('the vector of NT Conjunta DFe 2025.001 §6 is met, check symbol included', () => {
  const symbols = code128Symbols('5225AB83');
  assert.deepEqual(symbols, [105, 52, 25, 101, 33, 34, 99, 83]);
  assert.equal(code128Check(symbols), 30);
});

test('a key of digits has 297 modules with its quiet zones, the 36 digits of FS-DA 253', () => {
  assert.equal(code128('35261111222333000181550010000047111128734653').modules, 297);
  assert.equal(code128('1'.repeat(36)).modules, 253);
});

test('every pattern of letters in the CNPJ of a key is read back, and none is wider than 385 modules', () => {
  let widest = 0;
  for (let pattern = 0; pattern < 4096; pattern++) {
    const cnpj = Array.from({ length: 12 }, (_, i) => (pattern & (1 << i) ? 'A' : '7')).join('');
    const key = `352611${cnpj}0155001000004711112873465`.padEnd(44, '3').slice(0, 44);
    assert.equal(decode(code128Symbols(key)), key);
    widest = Math.max(widest, code128(key).modules);
  }
  assert.equal(widest, 385);
});

test('each symbol of the table is 11 modules wide, the stop 13, and no two are alike', () => {
  assert.equal(CODE128_WIDTHS.length, 107);
  assert.equal(new Set(CODE128_WIDTHS).size, 107);
  for (const [symbol, widths] of CODE128_WIDTHS.entries())
    assert.equal(
      [...widths].reduce((sum, width) => sum + Number(width), 0),
      symbol === 106 ? 13 : 11,
    );
});

test('bars begin and end at the quiet zones', () => {
  const { bars, modules } = code128('1234');
  const last = bars.at(-1);
  assert.equal(bars[0]?.at, QUIET_MODULES);
  assert.equal((last?.at ?? 0) + (last?.width ?? 0), modules - QUIET_MODULES);
});

test('what is neither digit nor capital letter is refused', () => {
  assert.throws(() => code128('352a'), /digits and capital letters/);
});
