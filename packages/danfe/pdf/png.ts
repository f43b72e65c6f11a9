import { deflateSync, inflateSync } from 'node:zlib';
import { type Pass, passesOf, placePass } from './adam7.ts';
import { type Logo, LogoError } from './logo.ts';

interface Header {
  width: number;
  height: number;
  depth: number;
  /** PNG colour type: 0 grey, 2 RGB, 3 palette, 4 grey with alpha, 6 RGB with alpha. */
  color: number;
  interlaced: boolean;
}

interface Chunks extends Header {
  data: Buffer;
  palette?: Uint8Array;
  transparency?: Uint8Array;
}

const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/** A picture without transparency goes into the PDF as it is compressed; else colour and opacity are taken apart (SMask). */
export function readPng(bytes: Uint8Array, maxSide: number): Logo {
  const png = readChunks(bytes, maxSide);
  const { width, height, depth, color } = png;
  // Inflated even when it goes into the file as it is: a damaged picture or a bomb must not reach who opens the PDF.
  const raw = inflate(png);
  if (png.transparency === undefined && color < 4) {
    const dictionary = `/ColorSpace${colorSpace(png)}/BitsPerComponent ${depth}/Filter/FlateDecode`;
    // PDF has the filters of PNG, but not its interlacing.
    if (png.interlaced) return { width, height, dictionary, data: deflateSync(samplesOf(raw, png)) };
    const parms = `/DecodeParms<</Predictor 15/Colors ${color === 2 ? 3 : 1}/BitsPerComponent ${depth}/Columns ${width}>>`;
    return { width, height, dictionary: dictionary + parms, data: png.data };
  }
  const samples = samplesOf(raw, png);
  const { colors, alpha } = takeApart(samples, png);
  const space = color === 0 || color === 4 ? '/DeviceGray' : '/DeviceRGB';
  const dictionary = `/ColorSpace${space}/BitsPerComponent 8/Filter/FlateDecode`;
  return { width, height, dictionary, data: deflateSync(colors), alpha: deflateSync(alpha) };
}

function colorSpace({ color, palette }: Chunks): string {
  if (color === 0) return '/DeviceGray';
  if (color === 2) return '/DeviceRGB';
  const table = palette as Uint8Array;
  return `[/Indexed/DeviceRGB ${table.length / 3 - 1}<${Buffer.from(table).toString('hex')}>]`;
}

function readChunks(bytes: Uint8Array, maxSide: number): Chunks {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let header: Header | undefined;
  let palette: Uint8Array | undefined;
  let transparency: Uint8Array | undefined;
  const data: Buffer[] = [];
  let at = 8;
  while (at + 12 <= buffer.length) {
    const length = buffer.readUInt32BE(at);
    const type = buffer.toString('latin1', at + 4, at + 8);
    const content = buffer.subarray(at + 8, at + 8 + length);
    if (content.length < length) throw damaged();
    if (type === 'IHDR') header = readHeader(content, maxSide);
    else if (type === 'PLTE') palette = content;
    else if (type === 'tRNS') transparency = content;
    else if (type === 'IDAT') data.push(content);
    else if (type === 'IEND') break;
    at += 12 + length;
  }
  const paletteWrong = header?.color === 3 && (palette === undefined || palette.length === 0 || palette.length % 3 !== 0);
  if (header === undefined || data.length === 0 || paletteWrong) throw damaged();
  return { ...header, data: Buffer.concat(data), palette, transparency };
}

function readHeader(content: Buffer, maxSide: number): Header {
  if (content.length < 13) throw damaged();
  const [depth, color, interlace] = [content[8] as number, content[9] as number, content[12] as number];
  const header = { width: content.readUInt32BE(0), height: content.readUInt32BE(4), depth, color, interlaced: interlace === 1 };
  if (!(color in CHANNELS) || ![1, 2, 4, 8, 16].includes(depth) || (depth < 8 && color !== 0 && color !== 3)) throw damaged();
  if (interlace > 1 || header.width === 0 || header.height === 0) throw damaged();
  // Before any memory is taken for the points.
  if (header.width > maxSide || header.height > maxSide)
    throw new LogoError(`O logotipo tem ${header.width} × ${header.height} pontos; o máximo é ${maxSide} × ${maxSide}. Reduza a imagem.`);
  return header;
}

const bitsOf = ({ depth, color }: Header): number => depth * (CHANNELS[color] as number);
const rowBytes = (width: number, bits: number): number => Math.ceil((width * bits) / 8);

const WHOLE = { x: 0, y: 0, stepX: 1, stepY: 1 };
const piecesOf = ({ width, height, interlaced }: Header): Pass[] => (interlaced ? passesOf(width, height) : [{ ...WHOLE, width, height }]);

function inflate(png: Chunks): Buffer {
  const expected = piecesOf(png).reduce((sum, { width, height }) => sum + (rowBytes(width, bitsOf(png)) + 1) * height, 0);
  try {
    const raw = inflateSync(png.data, { maxOutputLength: expected + 1 });
    if (raw.length === expected) return raw;
  } catch {
    // The same remedy whatever zlib says.
  }
  throw damaged();
}

/** The points row by row, without filters and interlacing. */
function samplesOf(raw: Buffer, png: Header): Uint8Array {
  const bits = bitsOf(png);
  if (!png.interlaced) return unfilter(raw, png, bits);
  const stride = rowBytes(png.width, bits);
  const whole = new Uint8Array(stride * png.height);
  let at = 0;
  for (const pass of piecesOf(png)) {
    const size = (rowBytes(pass.width, bits) + 1) * pass.height;
    placePass(whole, stride, unfilter(raw.subarray(at, at + size), pass, bits), pass, bits);
    at += size;
  }
  return whole;
}

/** Undoes the five filters of PNG (ISO/IEC 15948, 9). */
function unfilter(raw: Buffer, { width, height }: { width: number; height: number }, bits: number): Uint8Array {
  const stride = rowBytes(width, bits);
  const step = Math.max(1, bits / 8);
  const out = new Uint8Array(stride * height);
  for (let row = 0; row < height; row++) {
    const filter = raw[row * (stride + 1)] as number;
    const base = row * stride;
    for (let i = 0; i < stride; i++) {
      const left = i >= step ? (out[base + i - step] as number) : 0;
      const up = row > 0 ? (out[base + i - stride] as number) : 0;
      const corner = row > 0 && i >= step ? (out[base + i - stride - step] as number) : 0;
      out[base + i] = (raw[row * (stride + 1) + 1 + i] as number) + predicted(filter, left, up, corner);
    }
  }
  return out;
}

function predicted(filter: number, left: number, up: number, corner: number): number {
  if (filter === 0) return 0;
  if (filter === 1) return left;
  if (filter === 2) return up;
  if (filter === 3) return (left + up) >> 1;
  if (filter !== 4) throw damaged();
  const [a, b, c] = [Math.abs(up - corner), Math.abs(left - corner), Math.abs(left + up - 2 * corner)];
  return a <= b && a <= c ? left : b <= c ? up : corner;
}

/** Colours and opacity of each point in 8 bits; of 16 bits the upper 8 are taken. */
function takeApart(samples: Uint8Array, png: Chunks): { colors: Uint8Array; alpha: Uint8Array } {
  const { width, height, depth, color, palette, transparency } = png;
  const channels = CHANNELS[color] as number;
  const stride = rowBytes(width, bitsOf(png));
  const sample = (row: number, i: number): number => {
    if (depth === 8) return samples[row * stride + i] as number;
    if (depth === 16) return samples[row * stride + 2 * i] as number;
    const bit = i * depth;
    return ((samples[row * stride + (bit >> 3)] as number) >> (8 - depth - (bit & 7))) & ((1 << depth) - 1);
  };
  const count = color === 0 || color === 4 ? 1 : 3;
  const colors = new Uint8Array(width * height * count);
  const alpha = new Uint8Array(width * height).fill(255);
  const scale = depth < 8 && color === 0 ? 255 / ((1 << depth) - 1) : 1;
  const clear = transparency && color !== 3 ? clearColor(transparency, depth, count) : undefined;
  for (let row = 0, point = 0; row < height; row++) {
    for (let column = 0; column < width; column++, point++) {
      if (color === 3) {
        const index = sample(row, column);
        for (let c = 0; c < 3; c++) colors[point * 3 + c] = palette?.[index * 3 + c] ?? 0;
        alpha[point] = transparency?.[index] ?? 255;
        continue;
      }
      let isClear = clear !== undefined;
      for (let c = 0; c < count; c++) {
        const value = sample(row, column * channels + c);
        if (value !== clear?.[c]) isClear = false;
        colors[point * count + c] = value * scale;
      }
      if (color >= 4) alpha[point] = sample(row, column * channels + count);
      else if (isClear) alpha[point] = 0;
    }
  }
  return { colors, alpha };
}

/** The one colour that tRNS makes transparent; written in 16 bits whatever the depth. */
function clearColor(transparency: Uint8Array, depth: number, count: number): number[] {
  return Array.from({ length: count }, (_, c) => transparency[2 * c + (depth === 16 ? 0 : 1)] ?? 0);
}

function damaged(): LogoError {
  return new LogoError('O arquivo PNG do logotipo está danificado. Grave a imagem de novo.');
}
