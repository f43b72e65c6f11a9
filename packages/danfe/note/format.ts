import { parseDateTime } from '@malote/fiscal/emission/date-time';

/**
 * `1234.5000` as `1.234,50`: dot for thousands, at least `min` decimals and at most those that the XML carries without its last zeros.
 * Works on the text: a price has up to 21 digits. What is no number is given back as it is.
 */
export function decimal(value: string | undefined, min = 2): string {
  if (value === undefined || value === '') return '';
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(value.trim());
  if (!match) return value;
  const [, sign = '', whole = '', fraction = ''] = match;
  let end = fraction.length;
  while (end > min && fraction.charCodeAt(end - 1) === 48) end--;
  const decimals = fraction.slice(0, end).padEnd(min, '0');
  return `${sign}${thousands(whole)}${decimals === '' ? '' : `,${decimals}`}`;
}

function thousands(whole: string): string {
  const digits = whole.replace(/^0+(?=\d)/, '');
  return digits.length <= 3 ? digits : digits.replace(/\B(?=(\d{3})+$)/g, '.');
}

/** nNF as 999.999.999. */
export function numero(value: string | undefined): string {
  if (value === undefined || value === '') return '';
  const nine = value.padStart(9, '0');
  return `${nine.slice(0, -6)}.${nine.slice(-6, -3)}.${nine.slice(-3)}`;
}

export const serie = (value: string | undefined): string => (value ?? '').padStart(3, '0');

/** CNPJ (letters too) or CPF with its mask, by the tag it came from. */
export function cnpj(value: string | undefined): string {
  return value?.length === 14
    ? `${value.slice(0, 2)}.${value.slice(2, 5)}.${value.slice(5, 8)}/${value.slice(8, 12)}-${value.slice(12)}`
    : (value ?? '');
}

export function cpf(value: string | undefined): string {
  return value?.length === 11 ? `${value.slice(0, 3)}.${value.slice(3, 6)}.${value.slice(6, 9)}-${value.slice(9)}` : (value ?? '');
}

/** Groups of four: 11 of the key, 9 of the data of FS-DA. */
export const inFours = (value: string): string => value.replace(/(.{4})(?=.)/g, '$1 ');

export const cep = (value: string | undefined): string =>
  value?.length === 8 ? `${value.slice(0, 2)}.${value.slice(2, 5)}-${value.slice(5)}` : (value ?? '');

export function fone(value: string | undefined): string {
  if (value === undefined || !/^\d{10,11}$/.test(value)) return value ?? '';
  return `(${value.slice(0, 2)}) ${value.slice(2, -4)}-${value.slice(-4)}`;
}

/** `2026-11-21…` as 21/11/2026. */
export function date(value: string | undefined): string {
  const match = /^(\d{4})-(\d\d)-(\d\d)/.exec(value ?? '');
  return match ? `${match[3]}/${match[2]}/${match[1]}` : (value ?? '');
}

/** The hour as it is written, in its own offset. */
export const time = (value: string | undefined): string => /T(\d\d:\d\d:\d\d)/.exec(value ?? '')?.[1] ?? '';

export const dateTime = (value: string | undefined): string => [date(value), time(value)].filter((part) => part !== '').join(' ');

/**
 * An instant written in the offset of another, mostly dhEmi: SEFAZ may answer an emitter of AC in the time of RS (manual of the DANFE
 * NFC-e, 3.1.7). Given back as it is when either has no offset.
 */
export function inOffsetOf(value: string | undefined, reference: string | undefined): string | undefined {
  const instant = value === undefined ? undefined : parseDateTime(value);
  const offset = /([+-])(\d\d):(\d\d)$/.exec(reference ?? '');
  if (instant === undefined || !offset) return value;
  const minutes = (Number(offset[2]) * 60 + Number(offset[3])) * (offset[1] === '-' ? -1 : 1);
  return new Date(instant.getTime() + minutes * 60_000).toISOString().slice(0, 19) + offset[0];
}
