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
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    ...(palette ? [chunk('PLTE', Buffer.from(palette))] : []),
    ...(transparency ? [chunk('tRNS', Buffer.from(transparency))] : []),
    chunk('IDAT', deflateSync(options.raw ? Buffer.from(samples) : filtered(options))),
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

/** A grey point. */
export const JPEG_1X1: Uint8Array = Buffer.from(
  '/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAP//////////////////////////////////////////////////////////////////////////////////////wgALCAABAAEBAREA/8QAFBABAAAAAAAAAAAAAAAAAAAAAP/aAAgBAQABPxA=',
  'base64',
);
