import { readChave } from './chave.ts';
import { numberOfChave } from './document.ts';

/** Of which document a request speaks, for matching faults and for the call log; fields that are not there are left out. */
export interface CallIdentity {
  /** IBGE code of the state: of the key, or the one whose status is asked. */
  cUF?: string;
  tpEmis?: string;
  cnpj?: string;
  serie?: number;
  numero?: number;
  chave?: string;
  /** Of an event. */
  tpEvento?: string;
  nSeqEvento?: number;
  /** Last number of a range to void; `numero` is the first. */
  numeroFinal?: number;
}

/**
 * Looks for the key (Id of infNFe, or chNFe), the event and the range in the text as it came, before any check: broken requests are logged
 * too. Of a lot of events it is the first one.
 */
export function identify(body: string): CallIdentity {
  const field = (name: string, form = '\\d{1,9}') => new RegExp(`<${name}>(${form})</${name}>`).exec(body)?.[1];
  if (/<infInut[\s>]/.test(body)) return rangeOf(field);
  const text = /\bId\s*=\s*["']NFe([0-9A-Z]{44})["']/.exec(body)?.[1] ?? field('chNFe', '[0-9A-Z]{44}');
  const chave = text === undefined ? undefined : readChave(text);
  const asked = /<consStatServ[\s>]/.test(body) ? field('cUF', '\\d{2}') : undefined;
  if (!chave) return asked === undefined ? {} : { cUF: asked };
  const { cUF, tpEmis, emitente, serie, numero } = numberOfChave(chave, '');
  const note = { cUF, tpEmis, cnpj: emitente, serie, numero, chave: chave.text };
  const tpEvento = /<infEvento[\s>]/.test(body) ? field('tpEvento', '\\d{6}') : undefined;
  const nSeqEvento = field('nSeqEvento');
  return tpEvento === undefined ? note : { ...note, tpEvento, ...(nSeqEvento === undefined ? {} : { nSeqEvento: Number(nSeqEvento) }) };
}

function rangeOf(field: (name: string, form?: string) => string | undefined): CallIdentity {
  const cnpj = field('CNPJ', '[0-9A-Z]{14}') ?? field('CPF', '\\d{11}');
  const [serie, numero, numeroFinal] = ['serie', 'nNFIni', 'nNFFin'].map((name) => field(name));
  if (cnpj === undefined || serie === undefined || numero === undefined || numeroFinal === undefined) return {};
  return { cnpj, serie: Number(serie), numero: Number(numero), numeroFinal: Number(numeroFinal) };
}
