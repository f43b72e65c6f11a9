import { isUf, type Uf } from '@malote/fiscal/model/uf';
import { kindOf } from './tss-json.ts';

/** Takes one fault, a whole sentence in Portuguese. */
export type Fault = (text: string) => void;

/** The fields of one object of a request, by name in any letter case. */
export interface Fields {
  /** What the messages call the object: `Linha 2`. */
  where: string;
  /** undefined: absent, or null. */
  get(name: string): unknown;
}

/** Names are compared without their case; one name twice is a fault, since it is not said which counts. */
export function fieldsOf(value: object, where: string, fault: Fault): Fields {
  const byName = new Map<string, unknown>();
  for (const [name, given] of Object.entries(value)) {
    const key = name.toLowerCase();
    if (byName.has(key)) fault(`${where}, campo ${shown(name)}: repetido com outra grafia; informe-o uma vez só.`);
    byName.set(key, given);
  }
  return { where, get: (name) => byName.get(name.toLowerCase()) ?? undefined };
}

/** Who a row or a request is about. `ie` as it was given, without the blanks around it. */
export interface Pessoa {
  tipopessoa: 1 | 2;
  documento: string;
  ie: string;
  uf: Uf;
}

/** Tells every fault of tipopessoa, cnpj or cpf, IE and UF; undefined when there is one. No check digits: the service never had that rule. */
export function readPessoa(fields: Fields, fault: Fault): Pessoa | undefined {
  const tipopessoa = readOneOrTwo(fields, 'tipopessoa', '1 (pessoa física) ou 2 (pessoa jurídica)', fault);
  const documento = readDocumento(fields, tipopessoa, fault);
  const ie = readIe(fields, fault);
  const uf = readUf(fields, fault);
  return tipopessoa && documento && ie && uf ? { tipopessoa, documento, ie, uf } : undefined;
}

/** A number that is 1 or 2. */
export function readOneOrTwo({ where, get }: Fields, name: string, rule: string, fault: Fault): 1 | 2 | undefined {
  const value = get(name);
  if (value === 1 || value === 2) return value;
  if (value === undefined) fault(`${where}, campo ${name}: não informado; use ${rule}.`);
  else if (typeof value !== 'number') fault(`${where}, campo ${name}: é ${kindOf(value)}; use o número ${rule}, sem aspas.`);
  else fault(`${where}, campo ${name}: ${shown(value)} não é um dos valores aceitos; use ${rule}.`);
  return undefined;
}

const DOCUMENTOS = {
  cpf: { tipopessoa: 1, size: 11, form: /^[0-9]{11}$/, rule: '11 dígitos' },
  cnpj: { tipopessoa: 2, size: 14, form: /^[0-9A-Z]{12}[0-9]{2}$/, rule: '12 dígitos ou letras maiúsculas e 2 dígitos' },
} as const;

function readDocumento(fields: Fields, tipopessoa: 1 | 2 | undefined, fault: Fault): string | undefined {
  const { where } = fields;
  const cnpj = readText(fields, 'cnpj', fault);
  const cpf = readText(fields, 'cpf', fault);
  // What is wanted follows from tipopessoa; where that says nothing, from what came.
  const name = tipopessoa === 1 || (tipopessoa === undefined && !cnpj && cpf) ? 'cpf' : 'cnpj';
  const [value, other] = name === 'cpf' ? [cpf, cnpj] : [cnpj, cpf];
  const otherName = name === 'cpf' ? 'cnpj' : 'cpf';
  if (other) {
    const rule = tipopessoa === undefined ? 'informe só um dos dois' : `com tipopessoa ${tipopessoa} informe só ${name}`;
    fault(`${where}, campo ${otherName}: ${rule}.`);
  }
  if (value === undefined) return undefined;
  const { size, form, rule } = DOCUMENTOS[name];
  if (value === '') {
    if (tipopessoa === undefined) fault(`${where}, campo cnpj: não informado; informe cnpj (14 caracteres) ou cpf (11).`);
    else fault(`${where}, campo ${name}: não informado; com tipopessoa ${tipopessoa} informe ${name}, ${size} caracteres.`);
  } else if (value.length !== size) {
    fault(`${where}, campo ${name}: ${shown(value)} tem ${characters(value)}; informe ${size}, sem máscara.`);
  } else if (!form.test(value)) fault(`${where}, campo ${name}: ${shown(value)} é inválido; informe ${rule}, sem máscara.`);
  else return other ? undefined : value;
  return undefined;
}

const IE_MAX = 18;

function readIe(fields: Fields, fault: Fault): string | undefined {
  const value = readText(fields, 'IE', fault);
  if (value === undefined) return undefined;
  const at = `${fields.where}, campo IE:`;
  if (value === '') fault(`${at} não informado; informe a inscrição estadual ou ISENTO.`);
  else if (value.length > IE_MAX) fault(`${at} ${shown(value)} tem ${characters(value)}; informe até ${IE_MAX}, ou ISENTO.`);
  else if (/^isento$/i.test(value) || (/^[0-9A-Za-z./ -]+$/.test(value) && /[0-9]/.test(value))) return value;
  else fault(`${at} ${shown(value)} é inválido; informe dígitos e letras (com ponto, barra ou hífen, se quiser), ou ISENTO.`);
  return undefined;
}

function readUf(fields: Fields, fault: Fault): Uf | undefined {
  const value = readText(fields, 'UF', fault);
  if (value === undefined) return undefined;
  const at = `${fields.where}, campo UF:`;
  if (value === '') fault(`${at} não informado; informe a sigla da UF, como SP.`);
  else if (isUf(value)) return value;
  else if (value.length !== 2) fault(`${at} ${shown(value)} tem ${characters(value)}; informe a sigla de 2 letras, como SP.`);
  else if (isUf(value.toUpperCase())) fault(`${at} ${shown(value)} deve vir em letras maiúsculas: ${value.toUpperCase()}.`);
  else fault(`${at} ${shown(value)} não é uma das 27 UFs.`);
  return undefined;
}

/** A text without the blanks around it, empty when absent; undefined when it is no text, which is a fault. */
export function readText({ where, get }: Fields, name: string, fault: Fault): string | undefined {
  const value = get(name);
  if (value === undefined) return '';
  if (typeof value === 'string') return value.trim();
  fault(`${where}, campo ${name}: é ${kindOf(value)}; informe um texto, entre aspas.`);
  return undefined;
}

const SHOWN_CHARS = 40;

/** A value as a message shows it. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nada';
  return text.length > SHOWN_CHARS ? `${text.slice(0, SHOWN_CHARS)}…` : text;
}

/** How long a value is, in words. */
export function characters({ length }: string): string {
  return length === 1 ? '1 caractere' : `${length} caracteres`;
}
