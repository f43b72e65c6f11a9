/** The parts of an access key, as strings of fixed length (MOC 7.0, table 2-1). */
export interface Chave {
  text: string;
  cUF: string;
  aamm: string;
  /** 14 characters; a CPF has three zeros before it. */
  documento: string;
  modelo: string;
  serie: number;
  numero: number;
  tpEmis: string;
  cNF: string;
  cDV: string;
}

/** Reads a key by position; undefined when it has not the form of TChNFe. The check digit is not looked at. */
export function readChave(text: string): Chave | undefined {
  const parts = /^(\d{2})(\d{4})([0-9A-Z]{12}\d{2})(\d{2})(\d{3})(\d{9})(\d)(\d{8})(\d)$/.exec(text);
  if (!parts) return undefined;
  const [, cUF = '', aamm = '', documento = '', modelo = '', serie = '', numero = '', tpEmis = '', cNF = '', cDV = ''] = parts;
  return { text, cUF, aamm, documento, modelo, serie: Number(serie), numero: Number(numero), tpEmis, cNF, cDV };
}

/** Modulo 11 with weights 2..9 from the right over ASCII - 48 (NT Conjunta DFe 2025.001); remainder 0 or 1 gives 0. */
export function checkDigit(text: string, maxWeight = 9): string {
  let sum = 0;
  let weight = 2;
  for (let i = text.length - 1; i >= 0; i--) {
    sum += (text.charCodeAt(i) - 48) * weight;
    weight = weight === maxWeight ? 2 : weight + 1;
  }
  const rest = sum % 11;
  return String(rest < 2 ? 0 : 11 - rest);
}

/** Numeric and alphanumeric CNPJ; all characters equal is refused. */
export function isCnpj(text: string): boolean {
  if (!/^[0-9A-Z]{12}\d{2}$/.test(text) || /^(.)\1+$/.test(text)) return false;
  const first = checkDigit(text.slice(0, 12));
  return text.endsWith(first + checkDigit(text.slice(0, 12) + first));
}

export function isCpf(text: string): boolean {
  if (!/^\d{11}$/.test(text) || /^(.)\1+$/.test(text)) return false;
  const first = checkDigit(text.slice(0, 9), 11);
  return text.endsWith(first + checkDigit(text.slice(0, 9) + first, 11));
}

/** cNF that rejection 897 refuses (NT 2019.001): repeated or running digits, or the number of the note itself. */
export function isWeakCnf(cNF: string, numero: number): boolean {
  const digits = [...cNF].map(Number);
  const repeated = digits.every((d) => d === digits[0]);
  const running = digits.every((d, i) => i === 0 || d === ((digits[i - 1] ?? 0) + 1) % 10);
  return repeated || running || Number(cNF) === numero;
}
