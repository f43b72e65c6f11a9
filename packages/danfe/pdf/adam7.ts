/** First column, first row, and the steps between the points of each pass (ISO/IEC 15948, 8.2). */
const PASSES = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

/** A reduced picture, and where its points belong. */
export interface Pass {
  width: number;
  height: number;
  x: number;
  y: number;
  stepX: number;
  stepY: number;
}

/** The reduced pictures that an interlaced one of this size is made of; those without a point are not in the file. */
export function passesOf(width: number, height: number): Pass[] {
  return PASSES.map(([x, y, stepX, stepY]) => ({
    ...{ x, y, stepX, stepY },
    width: Math.ceil((width - x) / stepX),
    height: Math.ceil((height - y) / stepY),
  })).filter((pass) => pass.width > 0 && pass.height > 0);
}

/** Puts the points of a reduced picture (`bits` each, rows begin with a byte) into the whole one, whose rows have `stride` bytes. */
export function placePass(whole: Uint8Array, stride: number, points: Uint8Array, pass: Pass, bits: number): void {
  const reducedStride = Math.ceil((pass.width * bits) / 8);
  for (let row = 0; row < pass.height; row++) {
    const from = row * reducedStride;
    const to = (pass.y + row * pass.stepY) * stride;
    for (let column = 0; column < pass.width; column++) {
      const target = pass.x + column * pass.stepX;
      if (bits >= 8) {
        const size = bits / 8;
        for (let i = 0; i < size; i++) whole[to + target * size + i] = points[from + column * size + i] as number;
        continue;
      }
      const [source, place] = [column * bits, target * bits];
      const value = ((points[from + (source >> 3)] as number) >> (8 - bits - (source & 7))) & ((1 << bits) - 1);
      whole[to + (place >> 3)] = (whole[to + (place >> 3)] as number) | (value << (8 - bits - (place & 7)));
    }
  }
}
