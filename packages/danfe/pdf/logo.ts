import { readPng } from './png.ts';

/** A picture as the PDF holds it. Made once per company with `readLogo`, then used for every document. */
export interface Logo {
  width: number;
  height: number;
  /** Entries of the image's dictionary, without Length, Width and Height. */
  dictionary: string;
  data: Uint8Array;
  /** Opacity, 8 bits per pixel, compressed with Flate. */
  alpha?: Uint8Array;
}

/** Refusal of a picture, in words for who sent it. */
export class LogoError extends Error {}

export interface LogoLimits {
  maxBytes: number;
  /** Points of width and of height. */
  maxSide: number;
}

const LIMITS: LogoLimits = { maxBytes: 2_000_000, maxSide: 4_000 };

/** Of a logo that is stored with a company and goes into every PDF: 1500 points are 1200 dpi on the paper. */
export const COMPANY_LOGO: LogoLimits = { maxBytes: 200_000, maxSide: 1_500 };

/** Reads a PNG or JPEG. Throws LogoError for anything else, for what is damaged and for what is too large. */
export function readLogo(bytes: Uint8Array, { maxBytes, maxSide }: LogoLimits = LIMITS): Logo {
  if (bytes.length > maxBytes) throw new LogoError(`O logotipo tem ${bytes.length} bytes; o máximo é ${maxBytes}. Reduza a imagem.`);
  const logo = read(bytes, maxSide);
  if (logo.width > maxSide || logo.height > maxSide || logo.width === 0 || logo.height === 0)
    throw new LogoError(`O logotipo tem ${logo.width} × ${logo.height} pontos; o máximo é ${maxSide} × ${maxSide}. Reduza a imagem.`);
  return logo;
}

function read(bytes: Uint8Array, maxSide: number): Logo {
  if (bytes[0] === 0x89 && bytes[1] === 0x50) return readPng(bytes, maxSide);
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return readJpeg(bytes);
  throw new LogoError('O logotipo não é PNG nem JPEG. Grave a imagem em um desses formatos.');
}

/** A JPEG goes into the PDF as it is; only its frame header is read. */
function readJpeg(bytes: Uint8Array): Logo {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 2;
  while (at + 9 < bytes.length) {
    if (bytes[at] !== 0xff) break;
    const marker = bytes[at + 1] as number;
    if (marker === 0xff || marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) {
      at += marker === 0xff ? 1 : 2;
      continue;
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame) {
      const space = ['', '/DeviceGray', '', '/DeviceRGB', '/DeviceCMYK'][bytes[at + 9] as number];
      if (!space) break;
      // Programs that write CMYK into a JPEG write it inverted.
      const decode = space === '/DeviceCMYK' ? '/Decode[1 0 1 0 1 0 1 0]' : '';
      const dictionary = `/ColorSpace${space}/BitsPerComponent 8/Filter/DCTDecode${decode}`;
      return { height: view.getUint16(at + 5), width: view.getUint16(at + 7), dictionary, data: bytes };
    }
    at += 2 + view.getUint16(at + 2);
  }
  throw new LogoError('O arquivo JPEG do logotipo está danificado. Grave a imagem de novo.');
}
