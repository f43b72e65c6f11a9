import { UF_DATA } from './data/uf.data.ts';

export type Uf = keyof typeof UF_DATA;

export interface UfInfo {
  /** IBGE code of the UF, 2 digits */
  cUF: string;
  name: string;
  /** IANA zone of the capital; AM (south-west) and PE (Fernando de Noronha) have municipalities in another one */
  timezone: string;
}

export const UFS: Readonly<Record<Uf, UfInfo>> = UF_DATA;

const BY_CODIGO = new Map<string, Uf>(Object.entries(UFS).map(([uf, info]) => [info.cUF, uf as Uf]));

export function isUf(text: string): text is Uf {
  return Object.hasOwn(UFS, text);
}

/** The UF of an IBGE code (`'35'` → `'SP'`); undefined when there is none. */
export function ufByCodigo(cUF: string): Uf | undefined {
  return BY_CODIGO.get(cUF);
}

/** The IBGE code of a UF (`'SP'` → `'35'`). */
export function codigoUf(uf: Uf): string {
  return UFS[uf].cUF;
}
