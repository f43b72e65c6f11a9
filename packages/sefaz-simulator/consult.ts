import { retConsSitNFe } from './answers.ts';
import type { Answer, CallContext } from './authorize.ts';
import { isUf, localTime } from './autorizadores.ts';
import { sameBase } from './certificate.ts';
import { type Chave, checkDigit, isCnpj, isCpf, readChave } from './chave.ts';
import type { Autorizacao } from './database.ts';
import { numberOfChave } from './document.ts';
import { textAt } from './dom.ts';
import { procEvento } from './event-answers.ts';
import { checkSchema, readMessage } from './message.ts';
import { motivo } from './motivos.ts';
import { Refusal } from './soap.ts';

/**
 * NFeConsultaProtocolo4 (MOC 5.4): the protocol of the key, 217 when the number is unknown to this authoriser, 562, 561 or 613
 * when the number belongs to a note of another key; with every event of the note as a procEventoNFe. Resolves when what it tells is on the disk.
 * @throws Refusal for an unreadable message
 */
export async function consult(payload: string, context: CallContext): Promise<Answer> {
  const message = readMessage(payload, context.service);
  if (context.checkSchema) checkSchema(payload, context.service, context.checkSchema);
  const chave = readChave(textAt(message, 'chNFe'));
  if (!chave) throw new Refusal('215', '[Elemento: consSitNFe/chNFe]');
  const refused = refuse(textAt(message, 'tpAmb'), chave, context);
  if (refused) return answer(context, chave, refused, motivo(refused));

  const note = context.db.findNumber(context.autorizador.name, numberOfChave(chave, context.ambiente));
  if (!note) return answer(context, chave, '217', motivo('217'));
  await context.db.flushed();
  if (note.chave === chave.text) return answer(context, chave, note.cStat, note.xMotivo, note);
  return differing(context, chave, note);
}

/** Rules J01 to J02g. */
function refuse(tpAmb: string, chave: Chave, { ambiente, autorizador, now }: CallContext): string | undefined {
  const yy = Number(chave.aamm.slice(0, 2));
  const mm = Number(chave.aamm.slice(2));
  if (tpAmb !== ambiente) return '252';
  if (!isUf(chave.cUF)) return '614';
  // SVRS answers for notes of other states too: those without emit/IE (NT 2026.007).
  if (!autorizador.ufs.has(chave.cUF) && autorizador.name !== 'SVRS') return '226';
  if (checkDigit(chave.text.slice(0, 43)) !== chave.cDV) return '236';
  if (yy < 6 || yy > now.getUTCFullYear() % 100) return '615';
  if (mm < 1 || mm > 12) return '616';
  if (!isCnpj(chave.documento) && !isCpf(chave.documento.replace(/^000/, ''))) return '617';
  if (chave.modelo !== '55' && chave.modelo !== '65') return '618';
  if (chave.numero === 0) return '619';
  return undefined;
}

/** Rules J04 to J06. The key of the note that has the number is told only to its own company (NT 2010.007). */
function differing(context: CallContext, asked: Chave, note: Autorizacao): Answer {
  const stored = readChave(note.chave);
  if (stored?.cNF !== asked.cNF) {
    const mine = sameBase(context.transmitter, note.emitente);
    return answer(context, asked, '562', motivo('562', mine ? `[chNFe:${note.chave}]` : ''));
  }
  const cStat = stored.aamm.slice(2) === asked.aamm.slice(2) ? '613' : '561';
  return answer(context, asked, cStat, motivo(cStat));
}

function answer(context: CallContext, chave: Chave, cStat: string, xMotivo: string, note?: Autorizacao): Answer {
  const cUF = isUf(chave.cUF) ? chave.cUF : context.autorizador.home;
  const head = { tpAmb: context.ambiente, cStat, xMotivo, cUF, dhRecbto: localTime(context.now, cUF) };
  // A cancelled note keeps the protocol of its authorisation; only the answer's own cStat tells the cancellation.
  const authorised = note?.cStat === '101' || note?.cStat === '151' ? { cStat: '100', xMotivo: motivo('100') } : {};
  const protocol = note && { ...note, ...authorised, tpAmb: context.ambiente };
  const events = note ? context.db.eventsOf(context.ambiente, note.chave).map(procEvento) : [];
  return { retorno: retConsSitNFe(head, chave.text, protocol, events), cStat, xMotivo };
}
