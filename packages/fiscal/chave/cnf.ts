/**
 * cNF: the 8 random digits of the chave de acesso.
 *
 * NT 2019.001 (rejection 897) refuses a cNF equal to the document's number and the fixed list below.
 */

const LENGTH = 8;

function isRepeatedOrSequential(cNF: string): boolean {
  const digits = [...cNF].map(Number);
  const step = ((digits[1] ?? 0) - (digits[0] ?? 0) + 10) % 10;
  if (step !== 0 && step !== 1) return false;
  return digits.every((d, i) => i === 0 || d === ((digits[i - 1] ?? 0) + step) % 10);
}

/** True when SEFAZ refuses this cNF: not 8 digits, equal to the number, one digit repeated, or ascending (12345678, 90123456 …). */
export function isWeakCnf(cNF: string, numero: number): boolean {
  if (!/^[0-9]{8}$/.test(cNF)) return true;
  return Number(cNF) === numero || isRepeatedOrSequential(cNF);
}

/**
 * A cNF from random bytes given by the caller (at least 8; the same bytes give the same cNF). Never weak for `numero`.
 * Store it before signing: a retry has to rebuild the same chave.
 */
export function cNfFromRandom(random: Uint8Array, numero: number): string {
  if (random.length < 8) throw new RangeError('cNfFromRandom needs at least 8 random bytes');
  const view = new DataView(random.buffer, random.byteOffset, random.byteLength);
  let candidate = Number(view.getBigUint64(0) % 100_000_000n);
  let cNF = String(candidate).padStart(LENGTH, '0');
  while (isWeakCnf(cNF, numero)) {
    candidate = (candidate + 1) % 100_000_000;
    cNF = String(candidate).padStart(LENGTH, '0');
  }
  return cNF;
}
