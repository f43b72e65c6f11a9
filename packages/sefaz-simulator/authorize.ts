import type { X509Certificate } from 'node:crypto';
import { type AnswerHead, type Protocol, retEnviNFe } from './answers.ts';
import { type Autorizador, localTime } from './autorizadores.ts';
import type { CscRegistry } from './csc.ts';
import type { Database } from './database.ts';
import type { Deadlines } from './deadlines.ts';
import { type NotaFacts, notasOf, readNota, summaryOf } from './document.ts';
import { textAt } from './dom.ts';
import { epecOfNoteFault } from './epec.ts';
import { checkSchema, readMessage, type SchemaCheck } from './message.ts';
import { motivo } from './motivos.ts';
import { firstBroken } from './nota-rules.ts';
import { checkQrCode } from './qr-code.ts';
import type { Service } from './services.ts';
import { checkSigned, type Signed } from './signed-by.ts';
import { Refusal } from './soap.ts';
import type { SvcSwitches } from './svc.ts';

/** What a service works with; one per call. */
export interface CallContext {
  autorizador: Autorizador;
  ambiente: string;
  service: Service;
  now: Date;
  db: Database;
  csc: CscRegistry;
  deadlines: Deadlines;
  svc: SvcSwitches;
  /** Undefined in fast mode: neither schema nor signature is checked. */
  checkSchema: SchemaCheck | undefined;
  /** Authorities whose certificates may sign. */
  trusted: readonly X509Certificate[];
  /** CNPJ or CPF of the TLS client certificate. */
  transmitter: string;
}

/** The XML of a retorno and the cStat that decides (that of the protocol when there is one). */
export interface Answer {
  retorno: string;
  cStat: string;
  xMotivo: string;
}

/**
 * NFeAutorizacao4, synchronous (NT 2025.001): reads the lot, checks it as SEFAZ does and authorises its one note. Resolves when
 * the authorisation, and any that a 204 or 539 speaks of, is on the disk.
 * @throws Refusal for what concerns the lot and not the note
 */
export async function authorize(payload: string, context: CallContext): Promise<Answer> {
  const lote = readMessage(payload, context.service);
  const nfes = notasOf(lote);
  if (context.checkSchema) checkSchema(payload, context.service, context.checkSchema, notesText(payload));
  const [nfe] = nfes;
  const nota = nfe && readNota(nfe);
  if (!nota?.chave) throw new Refusal('225', '[Elemento: enviNFe/NFe/infNFe]');
  checkLote(nfes.length, textAt(lote, 'indSinc'), context.autorizador.modelo);
  // NT 2013.007: an SVC that the state has not switched on takes no note; its status, consult and event services stay open.
  if (svcState(nota.cUF, context) === 'off') throw new Refusal('114');

  const signed = signatureOf(payload, nota, context);
  const cStat = signed.cStat ?? firstBroken(nota, context);
  if (cStat) return answer(context, nota, { cStat, xMotivo: motivo(cStat), digVal: signed.digest });
  const qr = checkQrCode(nota, { ...context, digest: signed.digest, certificate: signed.certificate });
  if (qr) return answer(context, nota, { cStat: qr.cStat, xMotivo: motivo(qr.cStat, qr.detail), digVal: signed.digest });
  const epec = epecOfNoteFault(nota, context);
  if (epec) {
    // What it speaks of was registered: it is not told before it is on the disk.
    await context.db.flushed();
    return answer(context, nota, { cStat: epec.cStat, xMotivo: motivo(epec.cStat, epec.detail), digVal: signed.digest });
  }
  return register(context, nota, signed.digest);
}

function svcState(cUF: string, { autorizador, ambiente, svc, now }: CallContext): string | undefined {
  return autorizador.kind === 'svc' && autorizador.ufs.has(cUF)
    ? svc.of({ autorizador: autorizador.name, cUF, ambiente }, now).state
    : undefined;
}

/** The lot rules: one note, and then synchronous. */
function checkLote(count: number, indSinc: string, modelo: string): void {
  if (count === 1 && indSinc !== '1') throw new Refusal('452');
  if (count === 1) return;
  if (modelo === '65') throw new Refusal('961');
  if (indSinc === '1') throw new Refusal('764');
  throw new Refusal('999', '[O simulador nao oferece a resposta assincrona: envie um lote com uma NF-e e indSinc=1]');
}

function signatureOf(payload: string, nota: NotaFacts, context: CallContext): Signed {
  // Fast mode has no schema and trusts the digest that the note carries.
  if (!context.checkSchema) return { digest: /<DigestValue>([^<]+)</.exec(payload)?.[1] ?? '' };
  return checkSigned(nota.inf, nota.emitente, context);
}

/** What another send of the key of a stored note gets when that note is no longer simply authorised. */
const AFTERWARDS: Record<string, string> = { '101': '218', '151': '218', '110': '205' };

/** A note issued off line that comes more than 24 h after its emission is authorised "out of time" (150). */
const isLate = ({ tpEmis, dhEmi }: NotaFacts, now: Date) => tpEmis === '9' && now.getTime() - Date.parse(dhEmi) > 24 * 3_600_000;

/** MOC rule 2B08: the number decides, in this authoriser's own database; the same key is 204, another one 539. */
async function register(context: CallContext, nota: NotaFacts, digVal: string): Promise<Answer> {
  const { db, autorizador, ambiente, now } = context;
  const { cUF, emitente, modelo, serie, numero, tpEmis } = nota;
  const number = { ambiente, cUF, emitente, modelo, serie, numero, tpEmis };
  const existing = db.findNumber(autorizador.name, number);
  const chave = nota.chave?.text ?? '';
  if (existing) {
    await db.flushed();
    const same = existing.chave === chave;
    const detail = same ? `[nRec:${existing.nRec}]` : `[chNFe:${existing.chave}][nRec:${existing.nRec}]`;
    const cStat = same ? (AFTERWARDS[existing.cStat] ?? '204') : '539';
    return answer(context, nota, { cStat, xMotivo: motivo(cStat, detail), digVal });
  }
  if (db.voided(number, numero, numero).some((range) => range.autorizador === autorizador.name)) {
    await db.flushed();
    return answer(context, nota, { cStat: '206', xMotivo: motivo('206'), digVal });
  }
  const cStat = isLate(nota, now) ? '150' : '100';
  const accepted = { cStat, xMotivo: motivo(cStat) };
  const at = now.toISOString();
  const summary = summaryOf(nota);
  const note = await db.authorize(autorizador, { ...number, ...accepted, chave, digVal, at, dhRecbto: localTime(now, cUF), summary });
  return answer(context, nota, { ...accepted, digVal, nProt: note.nProt });
}

function answer(context: CallContext, nota: NotaFacts, result: { cStat: string; xMotivo: string; digVal: string; nProt?: string }): Answer {
  const dhRecbto = localTime(context.now, nota.cUF);
  const head: AnswerHead = { tpAmb: context.ambiente, cStat: '104', xMotivo: motivo('104'), cUF: nota.cUF, dhRecbto };
  const protocol: Protocol = {
    tpAmb: context.ambiente,
    chave: nota.chave?.text ?? '',
    dhRecbto,
    ...result,
    digVal: result.digVal || undefined,
  };
  return { retorno: retEnviNFe(head, protocol), cStat: result.cStat, xMotivo: result.xMotivo };
}

/** Each NFe of the lot as it stands in the text, with the namespace that it inherits. */
function notesText(payload: string): string[] {
  const lotNamespace = /^<enviNFe[^>]*?(\sxmlns="[^"]*")/.exec(payload)?.[1] ?? '';
  const notes = payload.match(/<NFe[\s>][\s\S]*?<\/NFe>/g) ?? [];
  return notes.map((note) => (/^<NFe[^>]*\sxmlns=/.test(note) ? note : note.replace('<NFe', `<NFe${lotNamespace}`)));
}
