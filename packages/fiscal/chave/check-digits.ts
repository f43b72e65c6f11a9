/**
 * Check digits of CNPJ, CPF and chave de acesso.
 *
 * Since NT Conjunta DFe 2025.001 the first 12 positions of a CNPJ may hold letters (A–Z, upper case only). A character is worth
 * its ASCII code minus 48 (digits 0–9, A = 17 … Z = 42), in the CNPJ's own check digits and in the chave alike; check digits stay numeric.
 */

function characterValue(text: string, index: number): number {
  return text.charCodeAt(index) - 48;
}

/** Modulo 11 with weights 2 … `maxWeight` repeating from the right; a remainder of 0 or 1 gives 0. `text`: 0-9 and A-Z. */
export function modulo11(text: string, maxWeight: number): string {
  let sum = 0;
  let weight = 2;
  for (let i = text.length - 1; i >= 0; i--) {
    sum += characterValue(text, i) * weight;
    weight = weight === maxWeight ? 2 : weight + 1;
  }
  const remainder = sum % 11;
  return remainder < 2 ? '0' : String(11 - remainder);
}

/** The two check digits of a CNPJ. `base` is its first 12 positions; throws RangeError on another form. */
export function cnpjDv(base: string): string {
  if (!/^[0-9A-Z]{12}$/.test(base)) throw new RangeError('cnpjDv expects 12 characters of 0-9 and A-Z');
  const first = modulo11(base, 9);
  return first + modulo11(base + first, 9);
}

/** True for 14 characters without mask and with right check digits, numeric or alphanumeric. All zeros is no CNPJ (rejection 207). */
export function isCnpj(text: string): boolean {
  if (!/^[0-9A-Z]{12}[0-9]{2}$/.test(text) || text === '00000000000000') return false;
  return cnpjDv(text.slice(0, 12)) === text.slice(12);
}

/** True for 11 digits without mask and with right check digits. One digit repeated is never issued, though its check digits are right. */
export function isCpf(text: string): boolean {
  if (!/^[0-9]{11}$/.test(text) || /^(.)\1{10}$/.test(text)) return false;
  const first = modulo11(text.slice(0, 9), 12);
  return text.slice(9) === first + modulo11(text.slice(0, 9) + first, 12);
}

/** The check digit of a chave de acesso (MOC 7.0 table 2-1). `first43` is everything before it; throws RangeError on another form. */
export function chaveDv(first43: string): string {
  if (!/^[0-9]{6}[0-9A-Z]{12}[0-9]{25}$/.test(first43)) throw new RangeError('chaveDv expects the first 43 positions of a chave de acesso');
  return modulo11(first43, 9);
}
