import { IRREGULARES } from './data/municipios.data.ts';
import { type Uf, ufByCodigo } from './uf.ts';

/** Whether an IBGE code can be that of a municipality of a UF, and why not. */
export type MunicipioFault = 'forma' | 'uf' | 'digito';

/**
 * What is wrong with an IBGE code of a municipality (`3550308`) in a UF; undefined for what can be one. The last of its seven digits is
 * a check digit (modulo 10, weights 1 and 2 in turn), which nine published codes have wrong. Whether such a municipality exists is not asked.
 */
export function municipioFault(codigo: string, uf: Uf): MunicipioFault | undefined {
  if (!/^[0-9]{7}$/.test(codigo)) return 'forma';
  if (ufByCodigo(codigo.slice(0, 2)) !== uf) return 'uf';
  return codigo.endsWith(municipioDv(codigo.slice(0, 6))) || Object.hasOwn(IRREGULARES, codigo) ? undefined : 'digito';
}

/** The check digit of the first six digits of an IBGE code. Throws RangeError on another form. */
export function municipioDv(base: string): string {
  if (!/^[0-9]{6}$/.test(base)) throw new RangeError('municipioDv expects 6 digits');
  const sum = [...base].reduce((total, digit, index) => {
    const product = Number(digit) * (index % 2 === 0 ? 1 : 2);
    return total + (product > 9 ? product - 9 : product);
  }, 0);
  return String((10 - (sum % 10)) % 10);
}
