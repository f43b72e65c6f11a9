import { readTable } from './tables.ts';

const TEXTS = new Map(readTable('cstat').map((row) => [row.cStat ?? '', row.xMotivo ?? '']));

/** Codes whose text stands alone; every other one of the table is written with `Rejeição: ` before it. */
const NOT_REJECTIONS = new Set(
  ['100', '101', '102', '103', '104', '105', '106', '107', '108', '109', '110', '111', '112', '113', '114', '120'].concat([
    '124',
    '128',
    '135',
    '136',
    '137',
    '138',
    '150',
    '151',
    '155',
  ]),
);

/**
 * xMotivo of `cStat` as SEFAZ writes it, at most 255 characters of Latin-1 (TMotivo). `detail` stands in place of the text's own
 * brackets, or is added: `[chNFe:…][nRec:…]`.
 */
export function motivo(cStat: string, detail = ''): string {
  const known = TEXTS.get(cStat) ?? 'Código não catalogado';
  const text = (NOT_REJECTIONS.has(cStat) ? known : `Rejeição: ${known}`).replace(/\s*\[.*$/, '');
  return toMotivo(detail ? `${text} ${detail}` : text);
}

/** Any text brought into the pattern and length of TMotivo. */
export function toMotivo(text: string): string {
  const latin = text
    .replace(/[–—]/g, '-')
    .replace(/[“”]/g, '"')
    .replace(/\s+/g, ' ')
    .replace(/[^ -ÿ]/g, '?')
    .trim();
  return latin.slice(0, 255).trimEnd() || '-';
}
