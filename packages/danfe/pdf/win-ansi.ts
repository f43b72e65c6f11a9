/** WinAnsi codes 128 to 159, the only ones that differ from Unicode; '' where there is no glyph. */
const HIGH = [
  '€',
  '',
  '‚',
  'ƒ',
  '„',
  '…',
  '†',
  '‡',
  'ˆ',
  '‰',
  'Š',
  '‹',
  'Œ',
  '',
  'Ž',
  '',
  '',
  '‘',
  '’',
  '“',
  '”',
  '•',
  '–',
  '—',
  '˜',
  '™',
].concat(['š', '›', 'œ', '', 'ž', 'Ÿ']);
const TO_BYTE = new Map(HIGH.flatMap((char, i): [string, number][] => (char === '' ? [] : [[char, 128 + i]])));

const NEEDS_WORK = /[^ -~\xa0-\xff]/;

/**
 * `text` with one character (0–255) per WinAnsi code, as the standard fonts of PDF want it. A letter outside WinAnsi loses its accent or,
 * when there is no base letter in it, becomes '?': it must not vanish. Line breaks and tabs become spaces.
 */
export function toWinAnsi(text: string): string {
  if (!NEEDS_WORK.test(text)) return text;
  let out = '';
  for (const char of text.normalize('NFC')) out += winAnsiChar(char);
  return out;
}

function winAnsiChar(char: string): string {
  const code = char.codePointAt(0) as number;
  if (code < 32 || code === 127) return code === 0x0a || code === 0x0d || code === 0x09 ? ' ' : '';
  if (code < 127 || (code >= 160 && code <= 255)) return char;
  const byte = TO_BYTE.get(char);
  if (byte !== undefined) return String.fromCharCode(byte);
  if (code >= 128 && code < 160) return '';
  if (char === '−' || char === '‐' || char === '‑') return '-';
  const base = char.normalize('NFKD').replace(/\p{M}/gu, '');
  if (base !== char && /^[ -~]+$/.test(base)) return base;
  return /\p{Zs}/u.test(char) ? ' ' : /\p{M}|\p{Cf}/u.test(char) ? '' : '?';
}
