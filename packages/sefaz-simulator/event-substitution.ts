import { checkDigit, readChave } from './chave.ts';
import type { Autorizacao, Database } from './database.ts';
import type { EventFacts } from './event-document.ts';
import type { Verdict } from './verdict.ts';

const TWO_HOURS = 2 * 3_600_000;

/**
 * Cancelamento por substituição (110112, NT 2018.004): the note was issued on-line, the substitute (chNFeRef) off-line (920), is
 * authorised (912, 913) and sells the same to the same recipient within two hours (914 to 919).
 */
export function substitutionFault(
  e: EventFacts,
  note: Autorizacao,
  { db, ambiente }: { db: Database; ambiente: string },
): Verdict | undefined {
  const chave = readChave(e.chNFeRef);
  if (!chave || checkDigit(chave.text.slice(0, 43)) !== chave.cDV) return { cStat: '910', detail: '(DV)' };
  const field = keyDifference(chave, note);
  if (field) return { cStat: '911', detail: `(${field})` };
  if (note.tpEmis !== '1' || chave.tpEmis !== '9') return { cStat: '920' };
  const substitute = db.findChave(ambiente, chave.text);
  if (!substitute) return { cStat: '912' };
  if (!['100', '120', '150'].includes(substitute.cStat)) return { cStat: '913' };
  const [a, b] = [note.summary, substitute.summary];
  // Of a note that was put there by the admin API nothing more is known.
  if (a?.dhEmi === undefined || b?.dhEmi === undefined) return undefined;
  if (Math.abs(Date.parse(b.dhEmi) - Date.parse(a.dhEmi)) > TWO_HOURS) return { cStat: '914' };
  if (a.vNF !== b.vNF) return { cStat: '915' };
  if (a.vICMS !== b.vICMS) return { cStat: '916' };
  if (a.dest !== b.dest) return { cStat: '917' };
  if (a.itens !== b.itens) return { cStat: '918' };
  return a.digestItens === b.digestItens ? undefined : { cStat: '919' };
}

function keyDifference(chave: { cUF: string; documento: string; modelo: string; text: string }, note: Autorizacao): string | undefined {
  if (chave.text === note.chave) return 'chNFeRef';
  if (chave.cUF !== note.cUF) return 'cUF';
  if (chave.documento !== note.emitente.padStart(14, '0')) return 'CNPJ';
  return chave.modelo === '65' ? undefined : 'mod';
}
