import { isCnpj, isCpf } from '@malote/fiscal/chave/check-digits';
import type { Uf } from '@malote/fiscal/model/uf';
import { isUf } from '@malote/fiscal/model/uf';
import { characters, type Fields, fieldsOf, shown } from './tss-fields.ts';
import { kindOf } from './tss-json.ts';

/** What both methods of WSTSSSETUP name an entity by. `ie`: empty for none. */
export interface SetupKey {
  documento: string;
  ie: string;
  uf: Uf;
}

export interface Setup extends SetupKey {
  companyName: string;
  branchName: string;
  countyCode: string;
  digitalCertificate: Buffer;
  password: string;
}

export type ReadSetup<T> = { ok: true; setup: T } | { ok: false; error: string };

/** Thrown and caught here: the service tells the first offending parameter only. */
class Offending extends Error {}

/** The JSON of POST WSTSSSETUP, or the first offending parameter, in the order in which the service lists them. */
export function readSetup(json: Record<string, unknown>): ReadSetup<Setup> {
  return told(() => {
    const fields = fieldsOf(json, 'Requisição', refuse);
    const key = readKey(fields);
    const companyName = required(fields, 'companyName', 'informe a razão social');
    const branchName = text(fields, 'branchName');
    const countyCode = required(fields, 'countyCode', 'informe o código IBGE do município, 7 dígitos');
    const typeCert = fields.get('typeCert');
    if (typeof typeCert === 'string' && typeCert.trim().toUpperCase() === 'A3') {
      refuse("O parâmetro 'typeCert' é A3, que este hub não suporta: só certificados A1 (arquivo PFX em 'digitalCertificate').");
    }
    const digitalCertificate = readPfx(required(fields, 'digitalCertificate', 'informe o PFX em base64'));
    // As it is: blanks may be part of a password.
    const password = fields.get('password');
    if (password === undefined || password === '') refuse(missing('password', 'informe a senha do PFX'));
    if (typeof password !== 'string') throw new Offending(notText('password', password));
    if (text(fields, 'typeCert').toUpperCase() !== 'A1' && typeCert !== undefined) {
      refuse(`O parâmetro 'typeCert' ${shown(typeCert)} é inválido: use A1.`);
    }
    text(fields, 'url');
    return { ...key, companyName, branchName, countyCode, digitalCertificate, password };
  });
}

/** The query of GET WSTSSSETUP: only what names the entity is looked at. */
export function readSetupQuery(query: Record<string, unknown>): ReadSetup<SetupKey> {
  return told(() => {
    const fields = fieldsOf(query, 'Requisição', refuse);
    const type = fields.get('registrationType');
    // Everything in a query is a text.
    const numbered = typeof type === 'string' && /^[0-9]{1,9}$/.test(type.trim()) ? Number(type) : type;
    return readKey({ ...fields, get: (name) => (name === 'registrationType' ? numbered : fields.get(name)) });
  });
}

function told<T>(read: () => T): ReadSetup<T> {
  try {
    return { ok: true, setup: read() };
  } catch (error) {
    if (error instanceof Offending) return { ok: false, error: error.message };
    throw error;
  }
}

function readKey(fields: Fields): SetupKey {
  const type = fields.get('registrationType');
  const rule = 'use 1 (CNPJ) ou 2 (CPF)';
  if (type === undefined || type === '') refuse(missing('registrationType', rule));
  if (typeof type !== 'number') refuse(`O parâmetro 'registrationType' é ${kindOf(type)}: ${rule}, como número.`);
  if (type !== 1 && type !== 2) refuse(`O parâmetro 'registrationType' ${shown(type)} é inválido: ${rule}.`);
  const [name, size, isValid] = type === 1 ? (['CNPJ', 14, isCnpj] as const) : (['CPF', 11, isCpf] as const);
  const documento = required(fields, 'registrationNumber', `informe o ${name}, ${size} caracteres sem máscara`);
  if (documento.length !== size) {
    refuse(`O parâmetro 'registrationNumber' ${shown(documento)} tem ${characters(documento)}: o ${name} tem ${size}, sem máscara.`);
  }
  if (!isValid(documento)) refuse(`O parâmetro 'registrationNumber' ${shown(documento)} não é um ${name} válido: confira os dígitos.`);
  const ie = text(fields, 'ie');
  if (ie.length > 18 || (ie !== '' && !/^isento$/i.test(ie) && !/^(?=.*[0-9])[0-9A-Za-z./ -]+$/.test(ie))) {
    refuse(`O parâmetro 'ie' ${shown(ie)} é inválido: informe até 18 dígitos e letras, ou ISENTO.`);
  }
  const uf = required(fields, 'uf', 'informe a sigla da UF, como SP');
  if (!isUf(uf)) throw new Offending(`O parâmetro 'uf' ${shown(uf)} é inválido: informe uma das 27 siglas, em maiúsculas.`);
  return { documento, ie, uf };
}

function readPfx(base64: string): Buffer {
  const packed = base64.replace(/\s+/g, '');
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(packed) || packed.replace(/=+$/, '').length % 4 === 1) {
    refuse("O parâmetro 'digitalCertificate' não é base64: codifique o arquivo PFX inteiro.");
  }
  return Buffer.from(packed, 'base64');
}

function text({ get }: Fields, name: string): string {
  const value = get(name);
  if (value === undefined) return '';
  if (typeof value !== 'string') throw new Offending(notText(name, value));
  return value.trim();
}

function required(fields: Fields, name: string, rule: string): string {
  const value = text(fields, name);
  if (value === '') refuse(missing(name, rule));
  return value;
}

const missing = (name: string, rule: string) => `O parâmetro '${name}' não foi informado: ${rule}.`;
const notText = (name: string, value: unknown) => `O parâmetro '${name}' é ${kindOf(value)}: informe um texto, entre aspas.`;

function refuse(error: string): never {
  throw new Offending(error);
}
