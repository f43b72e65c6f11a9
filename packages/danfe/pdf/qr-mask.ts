/** Modules of a code drawn with mask 0, and which of them belong to no data. */
export interface Modules {
  size: number;
  data: Uint8Array;
  reservedBit: Uint8Array;
}

/** ISO/IEC 18004 table of the eight masks. */
const MASKS: readonly ((row: number, column: number) => boolean)[] = [
  (i, j) => (i + j) % 2 === 0,
  (i) => i % 2 === 0,
  (_, j) => j % 3 === 0,
  (i, j) => (i + j) % 3 === 0,
  (i, j) => ((i >> 1) + Math.floor(j / 3)) % 2 === 0,
  (i, j) => ((i * j) % 2) + ((i * j) % 3) === 0,
  (i, j) => (((i * j) % 2) + ((i * j) % 3)) % 2 === 0,
  (i, j) => (((i * j) % 3) + ((i + j) % 2)) % 2 === 0,
];

/** The 15 bits of level M and each mask, check bits and their own mask included. */
const FORMAT_M = [0x5412, 0x5125, 0x5e7c, 0x5b4b, 0x45f9, 0x40ce, 0x4f97, 0x4aa0];

/** The same code with the mask that costs least, as ISO/IEC 18004 wants it. The library does this too, in three times the time. */
export function bestMask(modules: Modules): Uint8Array {
  let best = modules.data;
  let least = Number.POSITIVE_INFINITY;
  for (let mask = 0; mask < MASKS.length; mask++) {
    const masked = withMask(modules, mask);
    const cost = penalty(masked, modules.size);
    if (cost < least) {
      least = cost;
      best = masked;
    }
  }
  return best;
}

function withMask({ size, data, reservedBit }: Modules, mask: number): Uint8Array {
  const first = MASKS[0] as (typeof MASKS)[number];
  const wanted = MASKS[mask] as (typeof MASKS)[number];
  const out = Uint8Array.from(data);
  if (mask === 0) return out;
  for (let row = 0, i = 0; row < size; row++)
    for (let column = 0; column < size; column++, i++)
      if (reservedBit[i] === 0 && first(row, column) !== wanted(row, column)) out[i] = 1 - (out[i] as number);
  const bits = FORMAT_M[mask] as number;
  for (let i = 0; i < 15; i++) {
    const bit = (bits >> i) & 1;
    const row = i < 6 ? i : i < 8 ? i + 1 : size - 15 + i;
    const column = i < 8 ? size - i - 1 : i < 9 ? 15 - i : 14 - i;
    out[row * size + 8] = bit;
    out[8 * size + column] = bit;
  }
  return out;
}

/** The four rules: long runs, blocks of 2 × 2, what looks like a finder, too much of one colour. */
function penalty(bits: Uint8Array, size: number): number {
  let cost = 0;
  let dark = 0;
  for (let line = 0; line < size; line++) {
    cost += lineCost(bits, line * size, 1, size) + lineCost(bits, line, size, size);
    for (let i = line * size, end = i + size; i < end; i++) dark += bits[i] as number;
    if (line === size - 1) break;
    for (let i = line * size, end = i + size - 1; i < end; i++) {
      const sum = (bits[i] as number) + (bits[i + 1] as number) + (bits[i + size] as number) + (bits[i + size + 1] as number);
      if (sum === 0 || sum === 4) cost += 3;
    }
  }
  return cost + Math.abs(Math.ceil((dark * 100) / (size * size) / 5) - 10) * 10;
}

function lineCost(bits: Uint8Array, start: number, step: number, size: number): number {
  let cost = 0;
  let run = 0;
  let last = -1;
  let window = 0;
  for (let k = 0, i = start; k < size; k++, i += step) {
    const bit = bits[i] as number;
    if (bit === last) run++;
    else {
      if (run >= 5) cost += run - 2;
      last = bit;
      run = 1;
    }
    window = ((window << 1) & 0x7ff) | bit;
    if (k >= 10 && (window === 0x5d0 || window === 0x05d)) cost += 40;
  }
  return run >= 5 ? cost + run - 2 : cost;
}
