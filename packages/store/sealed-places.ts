import { aad as certificadoAad } from './certificados.ts';
import { aad as cscAad } from './csc.ts';
import { aad as entidadeAad } from './entidades.ts';

/** Where sealed secrets are kept: a test compares this list with what a whole database holds. */
export interface SealedPlace {
  collection: string;
  /** The array that holds them, where a row has several. */
  array?: string;
  /** Of the sealed secret in the row, or in each element of `array`. */
  field: string;
  /** What the secrets of a row are bound to. */
  // biome-ignore lint/suspicious/noExplicitAny: each place knows the shape of its own rows
  aadOf(row: any): string;
}

/** The `keys rotate` of a secret that is in no place here would lose it with its master key. */
export const SEALED_PLACES: readonly SealedPlace[] = [
  { collection: 'certificados', field: 'sealed', aadOf: certificadoAad },
  { collection: 'csc', array: 'ativos', field: 'sealed', aadOf: cscAad },
  { collection: 'entidades', field: 'token', aadOf: entidadeAad },
];

/** `csc.ativos[].sealed`. */
export function placeName({ collection, array, field }: SealedPlace): string {
  return [collection, ...(array === undefined ? [] : [`${array}[]`]), field].join('.');
}
