import { NFCE_URL_DATA } from './data/nfce-urls.data.ts';
import type { Uf } from './uf.ts';

/** The public addresses of an NFC-e, as a UF publishes them. */
export interface NfceUrls {
  /** Base of the QR code, with http or https, without `?p=`. SEFAZ compares it, the scheme included (rule ZX02-20, rejection 395). */
  qrCode: string;
  /** Where a consumer types the chave: printed and written as it is, often without a scheme (rejection 878). */
  urlChave: string;
}

/**
 * The addresses of a UF on a day (`YYYY-MM-DD`, local date of dhEmi), QR versions 2 and 3 alike. The list of ENCAT prints no scheme for AM
 * and MA: the one here is inferred, which is one reason why a company may have its own addresses.
 */
export function nfceUrls(uf: Uf, ambiente: '1' | '2', dia: string): NfceUrls {
  const periods = NFCE_URL_DATA[uf][ambiente];
  const { qrCode, urlChave } = periods.findLast(({ desde }) => desde <= dia) ?? (periods[0] as NfceUrls);
  return { qrCode, urlChave };
}

/** What is wrong with addresses that somebody typed, in Portuguese; undefined when the XSD takes them (leiauteNFe 4.00, qrCode and urlChave). */
export function nfceUrlsFault({ qrCode, urlChave }: NfceUrls): string | undefined {
  if (!/^(https?|HTTPS?):\/\/[^\s?|<>&\]]+$/.test(qrCode) || qrCode.length > 200) {
    return `o endereço do QR Code "${qrCode.slice(0, 60)}" deve começar com http:// ou https:// e terminar antes de "?p="`;
  }
  if (!/^[^\s<>&\]]{21,85}$/.test(urlChave)) {
    return `a urlChave "${urlChave.slice(0, 60)}" deve ter de 21 a 85 caracteres, sem espaços`;
  }
  return undefined;
}
