import { codigoUf, ufOf } from './autorizadores.ts';
import { InputError, object, only, text } from './json-input.ts';

/** Código de Segurança do Contribuinte: what a company and its SEFAZ share to hash the QR code of version 2. */
export interface Csc {
  /** CNPJ (14), CPF (11) or the root of a CNPJ (8); every company when absent. */
  cnpj?: string;
  /** Initials of the state; every state when absent. */
  uf?: string;
  ambiente?: string;
  /** Without leading zeros, as the QR code carries it. */
  id: string;
  csc: string;
  /** Known, but taken back by the company (463). */
  revoked?: boolean;
}

export interface CscRegistry {
  /** A later one of the same company, state, environment and id takes the place of the earlier. @throws InputError */
  add(input: unknown): Csc;
  /** The codes themselves are not told. */
  list(): (Omit<Csc, 'csc'> & { csc: string })[];
  clear(): number;
  /** Those of a company in a state; the most particular ones first. */
  of(company: { emitente: string; cUF: string; ambiente: string }): Csc[];
}

export function createCscRegistry(): CscRegistry {
  const entries = new Map<string, Csc>();
  return {
    add(input) {
      const csc = readCsc(input);
      entries.set([csc.cnpj, csc.uf, csc.ambiente, csc.id].join('|'), csc);
      return masked(csc);
    },
    list: () => [...entries.values()].map(masked),
    clear() {
      const { size } = entries;
      entries.clear();
      return size;
    },
    of({ emitente, cUF, ambiente }) {
      const uf = ufOf(cUF);
      const fits = (csc: Csc) =>
        (csc.cnpj === undefined ||
          csc.cnpj === emitente ||
          (csc.cnpj.length === 8 && emitente.length === 14 && emitente.startsWith(csc.cnpj))) &&
        (csc.uf === undefined || csc.uf === uf) &&
        (csc.ambiente === undefined || csc.ambiente === ambiente);
      const particularity = (csc: Csc) => (csc.cnpj?.length ?? 0) * 4 + (csc.uf ? 2 : 0) + (csc.ambiente ? 1 : 0);
      return [...entries.values()].filter(fits).sort((a, b) => particularity(b) - particularity(a));
    },
  };
}

/** @throws InputError */
export function readCsc(input: unknown): Csc {
  const body = object(input, 'a CSC');
  only(body, ['cnpj', 'uf', 'ambiente', 'id', 'csc', 'revoked']);
  const id = text(body.id, 'id', /^\d{1,6}$/, 'up to six digits');
  const csc: Csc = {
    id: String(Number(id)),
    csc: text(body.csc, 'csc', /^[\x21-\x7e]{1,64}$/, 'printable characters without blanks, at most 64'),
  };
  if (body.cnpj !== undefined)
    csc.cnpj = text(body.cnpj, 'cnpj', /^([0-9A-Z]{8}|[0-9A-Z]{12}\d{2}|\d{11})$/, 'a CNPJ, its root of 8, or a CPF');
  if (body.uf !== undefined) csc.uf = text(body.uf, 'uf', /^[A-Z]{2}$/, 'the initials of a state');
  if (csc.uf !== undefined && !codigoUf(csc.uf)) throw new InputError(`uf "${csc.uf}" is no state`);
  if (body.ambiente !== undefined) csc.ambiente = text(body.ambiente, 'ambiente', /^[12]$/, '"1" or "2"');
  if (body.revoked !== undefined) csc.revoked = body.revoked === true;
  return csc;
}

const masked = (csc: Csc): Csc => ({ ...csc, csc: `…${csc.csc.length > 8 ? csc.csc.slice(-4) : ''}` });
