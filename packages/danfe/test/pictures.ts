import { crc32, deflateSync } from 'node:zlib';

interface PngOptions {
  width: number;
  height: number;
  color: 0 | 2 | 3 | 4 | 6;
  /** Filter of every row. */
  filter: number;
  /** 8 bits each. */
  samples: number[];
  palette?: number[];
  transparency?: number[];
  interlaced?: boolean;
  /** `samples` are the bytes before compression, filters included. */
  raw?: boolean;
}

/** A PNG written by the definitions of ISO/IEC 15948. */
export function png(options: PngOptions): Buffer {
  const { width, height, color, samples, palette, transparency } = options;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  header[9] = color;
  header[12] = options.interlaced ? 1 : 0;
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    ...(palette ? [chunk('PLTE', Buffer.from(palette))] : []),
    ...(transparency ? [chunk('tRNS', Buffer.from(transparency))] : []),
    chunk('IDAT', deflateSync(options.raw ? Buffer.from(samples) : options.interlaced ? interlaced(options) : filtered(options))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, content: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), content]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

function filtered({ width, color, filter, samples }: PngOptions): Buffer {
  const step = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }[color];
  const stride = width * step;
  const out: number[] = [];
  for (let base = 0; base < samples.length; base += stride) {
    out.push(filter);
    for (let i = 0; i < stride; i++) {
      const at = (offset: number): number => samples[base + offset] ?? 0;
      const left = i >= step ? at(i - step) : 0;
      const up = base > 0 ? at(i - stride) : 0;
      const corner = base > 0 && i >= step ? at(i - stride - step) : 0;
      const paeth = [left, up, corner].toSorted((a, b) => Math.abs(left + up - corner - a) - Math.abs(left + up - corner - b))[0] as number;
      const prediction = [0, left, up, Math.floor((left + up) / 2), paeth][filter] as number;
      out.push((at(i) - prediction) & 255);
    }
  }
  return Buffer.from(out);
}

/** The pass of each point of a square of 8 by 8, as ISO/IEC 15948 draws it. */
const ADAM7 = ['16462646', '77777777', '56565656', '77777777', '36463646', '77777777', '56565656', '77777777'];

function interlaced(options: PngOptions): Buffer {
  const { width, height, color, samples } = options;
  const step = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }[color];
  const passes = ['1', '2', '3', '4', '5', '6', '7'].map((pass) => {
    const rows = Array.from({ length: height }, (_, y) =>
      Array.from({ length: width }, (_, x) => x)
        .filter((x) => ADAM7[y % 8]?.[x % 8] === pass)
        .map((x) => samples.slice((y * width + x) * step, (y * width + x + 1) * step)),
    ).filter((row) => row.length > 0);
    return filtered({ ...options, width: rows[0]?.length ?? 0, height: rows.length, samples: rows.flat(2) });
  });
  return Buffer.concat(passes);
}

/** A grey point. */
export const JPEG_1X1: Uint8Array = Buffer.from(
  '/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAP//////////////////////////////////////////////////////////////////////////////////////wgALCAABAAEBAREA/8QAFBABAAAAAAAAAAAAAAAAAAAAAP/aAAgBAQABPxA=',
  'base64',
);
