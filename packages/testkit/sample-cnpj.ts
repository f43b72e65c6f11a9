/** Check digits of CNPJ: modulo 11 over ASCII − 48, weights 2..9 from the right (NT Conjunta DFe 2025.001). */
function checkDigits(base: string): string {
  let digits = '';
  for (let round = 0; round < 2; round++) {
    const text = base + digits;
    let sum = 0;
    for (let i = 0; i < text.length; i++) sum += (text.charCodeAt(text.length - 1 - i) - 48) * (2 + (i % 8));
    const rest = sum % 11;
    digits += rest < 2 ? '0' : String(11 - rest);
  }
  return digits;
}

/** The n-th valid numeric CNPJ of the headquarters form (`NNNNNNNN0001DD`), other roots for other n. */
export function sampleCnpj(n: number): string {
  const base = `${String(10_000_000 + n).padStart(8, '0')}0001`;
  return base + checkDigits(base);
}

/** A branch (`0001` is the headquarters) of the n-th numeric CNPJ: what signs with the certificate of its headquarters. */
export function sampleBranchCnpj(n: number, branch: number): string {
  const base = `${String(10_000_000 + n).padStart(8, '0')}${String(branch).padStart(4, '0')}`;
  return base + checkDigits(base);
}

/** The n-th valid alphanumeric CNPJ (root `AA` + number in base 36). */
export function sampleAlphanumericCnpj(n: number): string {
  const base = `AA${(36 ** 5 + n).toString(36).toUpperCase().padStart(6, '0')}0001`;
  return base + checkDigits(base);
}

/** The n-th valid CPF, for producers that issue with a CPF. */
export function sampleCpf(n: number): string {
  let text = String(100_000_000 + n);
  for (const first of [10, 11]) {
    let sum = 0;
    for (let i = 0; i < first - 1; i++) sum += Number(text[i]) * (first - i);
    const rest = (sum * 10) % 11;
    text += rest === 10 ? '0' : String(rest);
  }
  return text;
}
