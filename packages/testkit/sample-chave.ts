export interface ChaveParts {
  cUF: string;
  /** Year and month, `2611`. */
  aamm: string;
  /** CNPJ or CPF. */
  documento: string;
  modelo: string;
  serie: string;
  numero: string;
  tpEmis: string;
  cNF: string;
}

/** The chave de acesso of these parts; its digit is modulo 11 over ASCII − 48, weights 2..9 from the right (NT Conjunta DFe 2025.001). */
export function sampleChave({ cUF, aamm, documento, modelo, serie, numero, tpEmis, cNF }: ChaveParts): string {
  const base = cUF + aamm + documento.padStart(14, '0') + modelo + serie.padStart(3, '0') + numero.padStart(9, '0') + tpEmis + cNF;
  let sum = 0;
  for (let i = 0; i < base.length; i++) sum += (base.charCodeAt(base.length - 1 - i) - 48) * (2 + (i % 8));
  const rest = sum % 11;
  return base + (rest < 2 ? '0' : String(11 - rest));
}
