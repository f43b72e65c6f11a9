import type { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readRoots } from '@malote/sefaz/chain';

/** The authorities that company certificates are held against; empty: nothing to hold them against. */
export type Raizes = readonly X509Certificate[];

/** Those of MALOTE_SEFAZ_CA_FILE. @throws Error, in Portuguese, when the file cannot be read or has no certificate */
export function readRaizes(file: string | undefined): Raizes {
  if (file === undefined) return [];
  let raizes: Raizes;
  try {
    raizes = readRoots(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new Error(`MALOTE_SEFAZ_CA_FILE=${file}: o arquivo não pôde ser lido como certificados PEM`, { cause });
  }
  if (raizes.length === 0) throw new Error(`MALOTE_SEFAZ_CA_FILE=${file}: o arquivo não tem nenhum certificado PEM`);
  return raizes;
}
