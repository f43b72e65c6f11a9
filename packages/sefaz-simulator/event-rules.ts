import { type Autorizador, isUf } from './autorizadores.ts';
import { checkDigit, isCnpj, isCpf } from './chave.ts';
import type { Autorizacao, Database } from './database.ts';
import type { Deadlines } from './deadlines.ts';
import { EPEC, epecFault } from './epec.ts';
import type { EventFacts } from './event-document.ts';
import type { EventKind } from './event-kinds.data.ts';
import { substitutionFault } from './event-substitution.ts';
import type { Service } from './services.ts';
import type { Verdict } from './verdict.ts';

export interface EventRuleContext {
  autorizador: Autorizador;
  service: Service;
  ambiente: string;
  now: Date;
  db: Database;
  deadlines: Deadlines;
}

const MINUTE = 60_000;
const AN = '91';
const SVRS = '92';
const CONCLUSIVE = ['210200', '210220', '210240'];
const CANCELLATIONS = ['110111', '110112'];

/** Who registers this kind for this model: of an NFC-e always the state (ECONF: NT 2024.002; EPEC: NT 2014.003). */
const orgaoOf = ({ orgao }: EventKind, modelo: string): EventKind['orgao'] => (modelo === '65' ? 'UF' : orgao);

/** The rules that need no note, in the order they are tried; before the signature. */
export function formFault(e: EventFacts, { autorizador, ambiente, now, service }: EventRuleContext): Verdict | undefined {
  const { kind, chave, autor } = e;
  if (e.tpAmb !== ambiente) return { cStat: '252' };
  if (!kind || !chave) return { cStat: '491' };
  if (e.verEvento !== '1.00') return { cStat: '492' };
  if (kind.autor === 'fisco') return { cStat: '576' };
  if (e.tpEvento === '110110' && (chave.modelo === '65' || autorizador.modelo === '65')) return { cStat: '784' };
  const wrongKey = keyFault(e, now);
  if (wrongKey) return { cStat: wrongKey };
  if (chave.modelo === '65' && autorizador.modelo === '55') return { cStat: '450' };
  if (chave.modelo === '55' && autorizador.modelo === '65') return { cStat: '775' };
  if (!kind.modelos.includes(chave.modelo)) return { cStat: '491' };
  // At the service of its own, which takes nothing else.
  const ownService = service.name === 'RecepcaoEPEC';
  if (ownService !== (e.tpEvento === EPEC && chave.modelo === '65')) return { cStat: '491' };
  if (autorizador.kind === 'svc' && !CANCELLATIONS.includes(e.tpEvento)) return { cStat: '586' };
  const orgao = orgaoOf(kind, chave.modelo);
  const here = { AN: autorizador.kind === 'an', SVRS: autorizador.name === 'SVRS', UF: autorizador.kind !== 'an' }[orgao];
  if (!here || e.cOrgao !== { AN, SVRS, UF: chave.cUF }[orgao]) return { cStat: '657' };
  // SVRS registers for other states too: events of notes without emit/IE (NT 2026.007), seen when the note is known.
  if (orgao === 'UF' && !autorizador.ufs.has(chave.cUF) && autorizador.name !== 'SVRS') return { cStat: '249' };
  if (autor.length === 14 && !isCnpj(autor)) return { cStat: '489' };
  if (autor.length === 11 && !isCpf(autor)) return { cStat: '490' };
  if (e.id !== `ID${e.tpEvento}${chave.text}${String(e.nSeqEvento).padStart(2, '0')}`) return { cStat: '572' };
  if (e.nSeqEvento > kind.maxSeq) return { cStat: '594' };
  return undefined;
}

function keyFault({ chave }: EventFacts, now: Date): string | undefined {
  if (!chave) return '491';
  const yy = Number(chave.aamm.slice(0, 2));
  const mm = Number(chave.aamm.slice(2));
  if (!isUf(chave.cUF)) return '614';
  if (yy < 6 || yy > now.getUTCFullYear() % 100) return '615';
  if (mm < 1 || mm > 12) return '616';
  if (!isCnpj(chave.documento) && !isCpf(chave.documento.replace(/^000/, ''))) return '617';
  if (chave.modelo !== '55' && chave.modelo !== '65') return '618';
  if (chave.numero === 0) return '619';
  return checkDigit(chave.text.slice(0, 43)) === chave.cDV ? undefined : '236';
}

/** The rules that compare the event with its note and with the events before it; undefined = to be registered. */
export function noteFault(e: EventFacts, c: EventRuleContext): Verdict | undefined {
  const { db, ambiente, autorizador } = c;
  if (e.tpEvento === EPEC) return epecFault(e, c);
  const note = db.findChave(ambiente, e.chNFe);
  const unknown = { cStat: '494', detail: `[chNFe:${e.chNFe}]` };
  if (!note) return unknown;
  // Each SVC cancels what it authorised itself, until the notes are shared.
  if (autorizador.kind === 'svc' && note.autorizador !== autorizador.name) return unknown;
  const orgao = e.kind && orgaoOf(e.kind, note.modelo);
  const atSvrs = note.summary?.semIe === true && !(note.serie >= 890 && note.serie <= 919);
  if (orgao === 'UF' && atSvrs && autorizador.name !== 'SVRS') return { cStat: '188' };
  if (orgao === 'UF' && !atSvrs && !autorizador.ufs.has(note.cUF)) return { cStat: '249' };
  if (e.kind?.autor === 'emitente' && e.autor !== note.emitente) return { cStat: '574' };
  const dest = note.summary?.dest;
  if (e.kind?.autor === 'destinatario' && dest !== undefined && e.autor !== dest) return { cStat: '575' };
  const same = db.findEvent(ambiente, e.chNFe, e.tpEvento, e.nSeqEvento);
  if (same) return { cStat: '573', detail: `[nProt:${same.nProt}]` };
  return stateFault(e, note) ?? dateFault(e, note, c) ?? historyFault(e, note, c);
}

function stateFault(e: EventFacts, note: Autorizacao): Verdict | undefined {
  if (['100', '120', '150'].includes(note.cStat)) return undefined;
  const cancelled = note.cStat === '101' || note.cStat === '151';
  if (cancelled && CANCELLATIONS.includes(e.tpEvento)) return { cStat: '218', detail: `[nRec:${note.nRec}]` };
  if (e.tpEvento === '210210') return { cStat: '650' };
  return { cStat: e.tpEvento === '210220' ? '651' : '580' };
}

function dateFault(e: EventFacts, note: Autorizacao, { now }: EventRuleContext): Verdict | undefined {
  const dhEmi = note.summary?.dhEmi;
  if (dhEmi !== undefined && e.dhEvento < Date.parse(dhEmi)) return { cStat: '577' };
  if (e.dhEvento > now.getTime() + 5 * MINUTE) return { cStat: '578' };
  // dhEvento has no fractions of a second, and neither has the dhRecbto that it is compared with.
  if (note.tpEmis === '1' && e.dhEvento < Math.floor(Date.parse(note.at) / 1_000) * 1_000) return { cStat: '579' };
  return undefined;
}

function historyFault(e: EventFacts, note: Autorizacao, c: EventRuleContext): Verdict | undefined {
  const events = c.db.eventsOf(c.ambiente, e.chNFe);
  const has = (...codes: string[]) => events.some(({ tpEvento }) => codes.includes(tpEvento));
  if (CANCELLATIONS.includes(e.tpEvento)) {
    if (e.nProt !== note.nProt) return { cStat: '222' };
    if (has('210200')) return { cStat: '221' };
    if (delivered(events)) return { cStat: '826' };
  }
  if (e.tpEvento === '210210' && has(...CONCLUSIVE)) return { cStat: '655' };
  if (e.tpEvento === '110112') {
    const fault = substitutionFault(e, note, c);
    if (fault) return fault;
  }
  if (e.kind?.cancela) {
    const target = events.find(({ nProt }) => nProt === e.nProtEvento);
    if (!target) return { cStat: events.some((other) => e.kind?.cancela?.some((p) => other.tpEvento.startsWith(p))) ? '460' : '459' };
    if (!e.kind.cancela.some((prefix) => target.tpEvento.startsWith(prefix))) return { cStat: '636' };
    if (e.tpEventoAut !== '' && e.tpEventoAut !== target.tpEvento) return { cStat: '636' };
    if (target.autor !== e.autor) return { cStat: '1113' };
  }
  return undefined;
}

/** A 110130 that no 110131 took back. */
function delivered(events: readonly { tpEvento: string }[]): boolean {
  const count = (code: string) => events.filter(({ tpEvento }) => tpEvento === code).length;
  return count('110130') > count('110131');
}

/** Too late: refused, or taken as late (155, a cancellation in a tolerant state). */
export function lateness(e: EventFacts, c: EventRuleContext): Verdict | undefined {
  const note = c.db.findChave(c.ambiente, e.chNFe);
  const deadline = note && c.deadlines.of({ tpEvento: e.tpEvento, modelo: note.modelo, cUF: note.cUF });
  if (!note || !deadline) return undefined;
  const minutes = (c.now.getTime() - Date.parse(note.at)) / MINUTE;
  if (minutes <= deadline.minutes) return undefined;
  const cancellation = CANCELLATIONS.includes(e.tpEvento);
  const tolerated = deadline.late === 'accept' && minutes <= (deadline.lateMinutes ?? Number.POSITIVE_INFINITY);
  if (tolerated) return { cStat: cancellation ? '155' : '135' };
  return cancellation ? { cStat: '501' } : { cStat: '596', detail: `[prazo: ${inWords(deadline.minutes)}]` };
}

const inWords = (minutes: number): string => (minutes % 1_440 === 0 ? `${minutes / 1_440} dias` : `${minutes} minutos`);
