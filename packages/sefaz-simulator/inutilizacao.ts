import type { Answer, CallContext } from './authorize.ts';
import { isUf, localTime } from './autorizadores.ts';
import { isCnpj } from './chave.ts';
import { at, type Element, textAt } from './dom.ts';
import { type RangeText, retInutNFe } from './inutilizacao-answers.ts';
import { checkSchema, readMessage } from './message.ts';
import { motivo } from './motivos.ts';
import { checkSigned } from './signed-by.ts';
import { Refusal } from './soap.ts';
import type { Verdict } from './verdict.ts';

const MOST = 10_000;

interface Request {
  inf: Element;
  text: RangeText;
  tpAmb: string;
  cUF: string;
  xJust: string;
  serie: number;
  from: number;
  to: number;
}

/**
 * NFeInutilizacao4 (MOC 5.3): 102 for a range of numbers that no note has and that was not voided before. Resolves when what it tells
 * is on the disk.
 * @throws Refusal for an unreadable message
 */
export async function inutilize(payload: string, context: CallContext): Promise<Answer> {
  const root = readMessage(payload, context.service);
  if (context.checkSchema) checkSchema(payload, context.service, context.checkSchema);
  const request = readRequest(root);
  if (!request) throw new Refusal('215', '[Elemento: inutNFe/infInut]');
  const refused = fault(request, context);
  if (refused) {
    await context.db.flushed();
    return answer(request, context, refused.cStat, motivo(refused.cStat, refused.detail));
  }
  const { db, autorizador, ambiente, now } = context;
  const { text, cUF, serie, from, to, xJust } = request;
  const series = { ambiente, cUF, emitente: text.cnpj, modelo: text.modelo, serie };
  const times = { at: now.toISOString(), dhRecbto: localTime(now, cUF) };
  const { nProt } = await db.voidRange(autorizador, { ...series, numeroInicial: from, numeroFinal: to, ano: text.ano, xJust, ...times });
  return answer(request, context, '102', motivo('102'), nProt);
}

function readRequest(root: Element): Request | undefined {
  const inf = at(root, 'infInut');
  if (!inf) return undefined;
  const field = (name: string) => textAt(inf, name);
  const text: RangeText = {
    ano: field('ano'),
    cnpj: field('CNPJ'),
    modelo: field('mod'),
    serie: field('serie'),
    numeroInicial: field('nNFIni'),
    numeroFinal: field('nNFFin'),
  };
  const [serie, from, to] = [text.serie, text.numeroInicial, text.numeroFinal].map(Number) as [number, number, number];
  return { inf, text, tpAmb: field('tpAmb'), cUF: field('cUF'), xJust: field('xJust'), serie, from, to };
}

/** The rules in the order they are tried; the number range is looked at last. */
function fault(request: Request, context: CallContext): Verdict | undefined {
  const { text, cUF, from, to } = request;
  const { autorizador, ambiente, now } = context;
  if (request.tpAmb !== ambiente) return { cStat: '252' };
  if (!autorizador.ufs.has(cUF)) return { cStat: '250' };
  if (text.modelo !== autorizador.modelo) return { cStat: autorizador.modelo === '55' ? '450' : '775' };
  if (Number(text.ano) > Number(localTime(now, cUF).slice(2, 4))) return { cStat: '453' };
  if (Number(text.ano) < 6) return { cStat: '454' };
  if (!isCnpj(text.cnpj)) return { cStat: '207' };
  if (request.inf.getAttribute('Id') !== idOf(request)) return { cStat: '502' };
  const signed = context.checkSchema ? checkSigned(request.inf, text.cnpj, context) : undefined;
  if (signed?.cStat) return { cStat: signed.cStat };
  if (from > to) return { cStat: '224' };
  if (to - from + 1 > MOST) return { cStat: '201' };
  return numberFault(request, context);
}

function numberFault({ text, cUF, serie, from, to }: Request, { db, ambiente }: CallContext): Verdict | undefined {
  const series = { ambiente, cUF, emitente: text.cnpj, modelo: text.modelo, serie };
  const before = db.voided(series, from, to);
  const same = before.find((range) => range.numeroInicial === from && range.numeroFinal === to);
  if (same) return { cStat: '563', detail: `[nProt:${same.nProt}]` };
  if (before.length > 0) return { cStat: '256' };
  const { emitente, modelo } = series;
  const used = db.list(
    (n) =>
      n.ambiente === ambiente &&
      n.cUF === cUF &&
      n.emitente === emitente &&
      n.modelo === modelo &&
      n.serie === serie &&
      n.numero >= from &&
      n.numero <= to,
  );
  return used.length > 0 ? { cStat: '241' } : undefined;
}

function idOf({ text, cUF, serie, from, to }: Request): string {
  const nine = (number: number) => String(number).padStart(9, '0');
  return `ID${cUF}${text.ano}${text.cnpj}${text.modelo}${String(serie).padStart(3, '0')}${nine(from)}${nine(to)}`;
}

function answer(request: Request, context: CallContext, cStat: string, xMotivo: string, nProt?: string): Answer {
  const cUF = isUf(request.cUF) ? request.cUF : context.autorizador.home;
  const head = { tpAmb: context.ambiente, cStat, xMotivo, cUF, dhRecbto: localTime(context.now, cUF) };
  return { retorno: retInutNFe(head, request.text, nProt), cStat, xMotivo };
}
