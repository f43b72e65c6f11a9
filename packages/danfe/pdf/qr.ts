import { create } from 'qrcode';
import { bestMask } from './qr-mask.ts';

export interface QrMatrix {
  text: string;
  /** Modules of a side, without the quiet zone. */
  size: number;
  /** Runs of dark modules: row, first column, length. */
  runs: { row: number; at: number; length: number }[];
}

/** QR code of the text in UTF-8, level M, as the manuals of NFC-e and NF-e want it. */
export function qrMatrix(text: string): QrMatrix {
  // One segment of bytes: the library's search for the best mix of segments costs more than all the rest and gains nothing on a URL.
  const data = new TextEncoder().encode(text);
  const { modules } = create([{ data, mode: 'byte' }], { errorCorrectionLevel: 'M', maskPattern: 0 });
  const runs: QrMatrix['runs'] = [];
  const { size } = modules;
  const bits = bestMask(modules);
  for (let row = 0; row < size; row++) {
    let at = -1;
    for (let column = 0; column <= size; column++) {
      const dark = column < size && bits[row * size + column] === 1;
      if (dark && at < 0) at = column;
      else if (!dark && at >= 0) {
        runs.push({ row, at, length: column - at });
        at = -1;
      }
    }
  }
  return { text, size, runs };
}
