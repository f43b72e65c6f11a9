import { modulo11 } from '@malote/fiscal/chave/check-digits';
import { codigoUf, isUf } from '@malote/fiscal/model/uf';
import { at, children, textAt, type XmlElement } from '@malote/fiscal/xml/parse';

/** The 36 characters "Dados da NF-e" of the second bar code in contingency with security paper (MOC 7.0 Anexo III 2.1). */
export function fsDaCode(inf: XmlElement): string {
  const uf = textAt(inf, 'dest/enderDest/UF') ?? textAt(inf, 'emit/enderEmit/UF') ?? '';
  const abroad = uf === 'EX';
  const id = abroad ? '' : (textAt(inf, 'dest/CNPJ') ?? textAt(inf, 'dest/CPF') ?? '');
  const cents = (textAt(inf, 'total/ICMSTot/vNF') ?? '0.00').replace('.', '');
  const groups = children(inf, 'det').map((det) => at(det, 'imposto/ICMS')?.children[0]);
  const has = (tag: string) => groups.some((group) => group !== undefined && Number(textAt(group, tag) ?? 0) > 0);
  const code = [
    isUf(uf) ? codigoUf(uf) : '99',
    textAt(inf, 'ide/tpEmis') ?? '5',
    id.padStart(14, '0'),
    cents.padStart(14, '0'),
    has('vICMS') ? '1' : '2',
    has('vICMSST') ? '1' : '2',
    (textAt(inf, 'ide/dhEmi') ?? '').slice(8, 10).padStart(2, '0'),
  ].join('');
  // Letters, for which no norm exists yet, count as they do in the key.
  return code + modulo11(code, 9);
}
