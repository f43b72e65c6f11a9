import { BASE_FONTS } from './fonts.ts';
import type { Logo } from './logo.ts';
import { type Canvas, finishPage, PT } from './pages.ts';

export interface DocumentInfo {
  title: string;
  subject: string;
  keywords: string;
  /** dhEmi of the document or dhEvento of the event: the only time in the file, so that the same document gives the same bytes. */
  created?: string | undefined;
}

/** PDF 1.5 with the pages of the canvas. */
export function writePdf(canvas: Canvas, info: DocumentInfo): Uint8Array {
  const chunks: Uint8Array[] = [];
  const offsets: number[] = [];
  let length = 0;
  const put = (piece: string | Uint8Array): void => {
    const bytes = typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece;
    chunks.push(bytes);
    length += bytes.length;
  };
  const object = (number: number, ...pieces: (string | Uint8Array)[]): void => {
    offsets[number] = length;
    put(`${number} 0 obj\n`);
    for (const piece of pieces) put(piece);
    put('\nendobj\n');
  };
  const stream = (number: number, dictionary: string, data: Uint8Array): void =>
    object(number, `<<${dictionary}/Length ${data.length}>>stream\n`, data, '\nendstream');

  const [catalog, pageTree, information, resources] = [1, 2, 3, 4];
  let next = 5;
  const take = (): number => next++;
  const fonts = [...canvas.fonts].sort().map((font) => ({ font, number: take() }));
  const image = canvas.logo === undefined ? undefined : take();
  const mask = canvas.logo?.alpha === undefined ? undefined : take();
  const pages = canvas.pages.map((page) => ({ page, number: take(), content: take() }));

  put('%PDF-1.5\n%\xe2\xe3\xcf\xd3\n');
  object(catalog, `<</Type/Catalog/Pages ${pageTree} 0 R/Lang(pt-BR)/ViewerPreferences<</DisplayDocTitle true/PrintScaling/None>>>>`);
  object(pageTree, `<</Type/Pages/Count ${pages.length}/Kids[${pages.map(({ number }) => `${number} 0 R`).join(' ')}]>>`);
  object(information, infoDictionary(info));
  const fontNames = fonts.map(({ font, number }) => `/${font} ${number} 0 R`).join('');
  object(resources, `<</Font<<${fontNames}>>${image === undefined ? '' : `/XObject<</Logo ${image} 0 R>>`}>>`);
  for (const { font, number } of fonts)
    object(number, `<</Type/Font/Subtype/Type1/BaseFont/${BASE_FONTS[font]}/Encoding/WinAnsiEncoding>>`);
  if (canvas.logo !== undefined && image !== undefined) writeLogo(canvas.logo, image, mask, stream);
  for (const { page, number, content } of pages) {
    const box = `${round(page.widthMm * PT)} ${round(page.heightMm * PT)}`;
    object(number, `<</Type/Page/Parent ${pageTree} 0 R/MediaBox[0 0 ${box}]/Resources ${resources} 0 R/Contents ${content} 0 R>>`);
    stream(content, '/Filter/FlateDecode', finishPage(page));
  }
  const start = length;
  const lines = offsets.slice(1).map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`);
  put(`xref\n0 ${offsets.length}\n0000000000 65535 f \n${lines.join('')}`);
  put(`trailer\n<</Size ${offsets.length}/Root ${catalog} 0 R/Info ${information} 0 R>>\nstartxref\n${start}\n%%EOF\n`);
  return Buffer.concat(chunks, length);
}

const round = (value: number): number => Math.round(value * 100) / 100;

function writeLogo(
  logo: Logo,
  image: number,
  mask: number | undefined,
  stream: (number: number, dictionary: string, data: Uint8Array) => void,
): void {
  const size = `/Type/XObject/Subtype/Image/Width ${logo.width}/Height ${logo.height}`;
  stream(image, `${size}${logo.dictionary}${mask === undefined ? '' : `/SMask ${mask} 0 R`}`, logo.data);
  if (mask !== undefined && logo.alpha !== undefined)
    stream(mask, `${size}/ColorSpace/DeviceGray/BitsPerComponent 8/Filter/FlateDecode`, logo.alpha);
}

function infoDictionary({ title, subject, keywords, created }: DocumentInfo): string {
  const date = created === undefined ? undefined : pdfDate(created);
  const entries = `/Title ${textString(title)}/Subject ${textString(subject)}/Keywords ${textString(keywords)}/Creator(Malote)/Producer(Malote)`;
  return `<<${entries}${date === undefined ? '' : `/CreationDate(${date})`}>>`;
}

/** UTF-16, so that every letter of a name arrives. */
function textString(text: string): string {
  if (/^[ -'*-[\]-~]*$/.test(text)) return `(${text})`;
  return `<FEFF${Buffer.from(text, 'utf16le').swap16().toString('hex')}>`;
}

/** `2026-11-21T10:00:00-03:00` as PDF writes it. */
function pdfDate(text: string): string | undefined {
  const match = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)([+-])(\d\d):(\d\d)$/.exec(text);
  if (!match) return undefined;
  const [year, month, day, hour, minute, second, sign, hours, minutes] = match.slice(1);
  return `D:${year}${month}${day}${hour}${minute}${second}${sign}${hours}'${minutes}'`;
}
