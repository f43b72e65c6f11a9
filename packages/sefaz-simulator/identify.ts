import { readChave } from './chave.ts';
import { numberOfChave } from './document.ts';

/** Of which document a request speaks, for matching faults and for the call log; fields that are not there are left out. */
export interface CallIdentity {
  cnpj?: string;
  serie?: number;
  numero?: number;
  chave?: string;
}

/** Looks for the key (Id of infNFe, or chNFe) in the text as it came, before any check: broken requests are logged too. */
export function identify(body: string): CallIdentity {
  const text = /\bId\s*=\s*["']NFe([0-9A-Z]{44})["']/.exec(body)?.[1] ?? /<chNFe>([0-9A-Z]{44})<\/chNFe>/.exec(body)?.[1];
  const chave = text === undefined ? undefined : readChave(text);
  if (!chave) return {};
  const { emitente, serie, numero } = numberOfChave(chave, '');
  return { cnpj: emitente, serie, numero, chave: chave.text };
}
