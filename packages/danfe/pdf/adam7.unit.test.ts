import assert from 'node:assert/strict';
import { test } from 'node:test';
import { passesOf, placePass } from './adam7.ts';

/** Values of `bits` each as bytes, every row from a byte of its own. */
function packed(values: readonly number[], width: number, bits: number): Uint8Array {
  const rows = Array.from({ length: values.length / width }, (_, row) => values.slice(row * width, (row + 1) * width));
  return Uint8Array.from(
    rows.flatMap((row) => {
      const text = row.map((value) => value.toString(2).padStart(bits, '0')).join('');
      return (text.match(/.{1,8}/g) ?? []).map((byte) => Number.parseInt(byte.padEnd(8, '0'), 2));
    }),
  );
}

test('the points of all passes make the picture, whatever a point takes', () => {
  const [width, height] = [11, 9];
  for (const bits of [1, 2, 4, 8, 16]) {
    const values = Array.from({ length: width * height }, (_, i) => (i * 7919 + 13) % 2 ** bits);
    const stride = Math.ceil((width * bits) / 8);
    const whole = new Uint8Array(stride * height);
    let points = 0;
    for (const pass of passesOf(width, height)) {
      const rows = Array.from({ length: pass.height }, (_, row) => (pass.y + row * pass.stepY) * width);
      const its = rows.flatMap((row) => Array.from({ length: pass.width }, (_, i) => values[row + pass.x + i * pass.stepX] as number));
      points += its.length;
      placePass(whole, stride, packed(its, pass.width, bits), pass, bits);
    }
    assert.equal(points, width * height);
    assert.deepEqual(whole, packed(values, width, bits), `${bits} bits`);
  }
});
