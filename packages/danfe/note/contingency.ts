import { textAt } from '@malote/fiscal/xml/parse';
import { dateTime, inOffsetOf } from './format.ts';
import type { Note } from './read-note.ts';

/** Sentences that the situation of a model 55 puts before all others (MOC 7.0 Anexo II 3.9, Anexo III; for the cancelled no norm). */
export function situationTexts(note: Note): string[] {
  const { situation, tpEmis } = note;
  const texts: string[] = [];
  if (situation.homologacao) texts.push('EMITIDA EM AMBIENTE DE HOMOLOGAÇÃO - SEM VALOR FISCAL');
  if (situation.kind === 'previa') texts.push('PRÉVIA DE DOCUMENTO AINDA NÃO EMITIDO - SEM VALOR FISCAL');
  if (situation.kind === 'rascunho') texts.push('DOCUMENTO SEM AUTORIZAÇÃO DE USO - SEM VALOR FISCAL');
  if (situation.kind === 'denegada') texts.push(`USO DENEGADO: ${note.prot?.cStat} - ${note.prot?.xMotivo ?? ''} - SEM VALOR FISCAL`);
  if (situation.kind === 'cancelada') texts.push(cancelledText(note));
  if (tpEmis === '5' || tpEmis === '2') {
    texts.push('DANFE em Contingência - impresso em decorrência de problemas técnicos');
    if (note.prot?.nProt) texts.push(`Protocolo de autorização de uso: ${protocolText(note)}`);
  }
  // Only of one that was registered: a draft says nothing of the kind.
  if (tpEmis === '4' && situation.kind !== 'rascunho' && situation.kind !== 'previa') texts.push(EPEC_RECEBIDA);
  return [...texts, ...contingencyEntry(note)];
}

export const EPEC_RECEBIDA = 'DANFE impresso em contingência - EPEC regularmente recebida pela Receita Federal do Brasil';

/** Protocolo and instant of the registered EPEC, in the emitter's time; '' once the note is authorised, or without one. */
export function epecText({ tpEmis, epec, prot, dhEmi }: Note): string {
  if (tpEmis !== '4' || prot !== undefined || epec === undefined) return '';
  const when = dateTime(inOffsetOf(epec.dhRegistro, dhEmi));
  return epec.nProt ? [epec.nProt, when].filter((part) => part !== '').join('   ') : `registrado em ${when}`;
}

/** When and why the contingency began; MOC wants both printed. */
function contingencyEntry({ inf, tpEmis }: Note): string[] {
  const [dhCont, xJust] = [textAt(inf, 'ide/dhCont'), textAt(inf, 'ide/xJust')];
  if (dhCont === undefined && xJust === undefined) return [];
  const where = tpEmis === '6' ? ' SVC-AN' : tpEmis === '7' ? ' SVC-RS' : '';
  return [`Contingência${where} desde ${dateTime(dhCont)}. Justificativa: ${xJust ?? ''}`];
}

/** Number and instant of the authorisation, in the emitter's time. */
export function protocolText({ prot, dhEmi }: Note): string {
  if (prot === undefined) return '';
  return [prot.nProt ?? '', dateTime(inOffsetOf(prot.dhRecbto, dhEmi))].filter((part) => part !== '').join('   ');
}

export function cancelledText({ cancelamento, dhEmi }: Note): string {
  const ret = cancelamento?.ret;
  const when = dateTime(inOffsetOf(ret?.dhRegEvento ?? cancelamento?.dhEvento, dhEmi));
  const proof = ret?.nProt ? ` - Protocolo de cancelamento: ${ret.nProt}   ${when}` : '';
  const reason = cancelamento === undefined ? undefined : textAt(cancelamento.det, 'xJust');
  return `NOTA FISCAL CANCELADA${proof}${reason ? ` - Justificativa: ${reason}` : ''}`;
}
