import { textAt, type XmlElement } from '@malote/fiscal/xml/parse';
import { cnpj, cpf } from './format.ts';

/** CNPJ, CPF or a foreigner's number as it is printed; '' when there is none. */
export function documentOf(person: XmlElement | undefined): string {
  if (person === undefined) return '';
  const [cnpjValue, cpfValue] = [textAt(person, 'CNPJ'), textAt(person, 'CPF')];
  if (cnpjValue) return cnpj(cnpjValue);
  return cpfValue ? cpf(cpfValue) : (textAt(person, 'idEstrangeiro') ?? '');
}

/** Street, number and what completes it. */
export function streetOf(address: XmlElement | undefined): string {
  if (address === undefined) return '';
  const get = (tag: string) => textAt(address, tag) ?? '';
  return [[get('xLgr'), get('nro')].filter((part) => part !== '').join(', '), get('xCpl')].filter((part) => part !== '').join(' - ');
}

/** The town; abroad with its country. */
export function townOf(address: XmlElement | undefined): string {
  if (address === undefined) return '';
  const town = textAt(address, 'xMun') ?? '';
  const country = textAt(address, 'UF') === 'EX' ? (textAt(address, 'xPais') ?? '') : '';
  return [town, country].filter((part) => part !== '').join(' - ');
}
