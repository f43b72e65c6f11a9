import type { Answer, CallContext } from './authorize.ts';
import { isUf } from './autorizadores.ts';
import { textAt } from './dom.ts';
import { EPEC } from './epec.ts';
import { type EventResult, registrationTime, resultOf, retEnvEvento } from './event-answers.ts';
import { type EventFacts, readEvents } from './event-document.ts';
import { formFault, lateness, noteFault } from './event-rules.ts';
import { checkSchema, describe, readMessage } from './message.ts';
import { motivo } from './motivos.ts';
import { checkSigned } from './signed-by.ts';
import { Refusal } from './soap.ts';
import type { Verdict } from './verdict.ts';

/**
 * NFeRecepcaoEvento4: reads the lot, checks each event as SEFAZ does and registers it; 128 with one retEvento for each. Resolves when what
 * it tells is on the disk.
 * @throws Refusal for what concerns the lot
 */
export async function receiveEvents(payload: string, context: CallContext): Promise<Answer> {
  const lote = readMessage(payload, context.service);
  if (context.checkSchema) checkSchema(payload, context.service, context.checkSchema);
  const events = readEvents(payload);
  if (events.length === 0 || events.length > 20) throw new Refusal('215', '[Elemento: envEvento/evento]');
  const idLote = textAt(lote, 'idLote');
  const results: EventResult[] = [];
  for (const event of events) results.push(await receive(event, context));
  const [first] = results;
  const head = { idLote, tpAmb: context.ambiente, cOrgao: first?.cOrgao ?? '', cStat: '128', xMotivo: motivo('128') };
  return { retorno: retEnvEvento(head, results), cStat: first?.cStat ?? '', xMotivo: first?.xMotivo ?? '' };
}

async function receive(event: EventFacts, context: CallContext): Promise<EventResult> {
  const { db, ambiente, now, autorizador } = context;
  const refused = formFault(event, context) ?? schemaFault(event, context) ?? signatureFault(event, context) ?? noteFault(event, context);
  const late = refused ?? lateness(event, context);
  const orgaoTime = registrationTime(now, event.cOrgao);
  const note = db.findChave(ambiente, event.chNFe);
  if (late && late.cStat !== '155' && late.cStat !== '135') {
    // What a 573 or a 218 speaks of was registered: it is not told before it is on the disk.
    await db.flushed();
    return refusal(event, context, late, orgaoTime);
  }
  const cStat = late?.cStat ?? (event.tpEvento === EPEC ? '124' : '135');
  const dest = note?.summary?.dest;
  const evento = await db.registerEvent(autorizador, {
    ambiente,
    cOrgao: event.cOrgao,
    chave: event.chNFe,
    tpEvento: event.tpEvento,
    nSeqEvento: event.nSeqEvento,
    autor: event.autor,
    xEvento: event.kind?.xEvento ?? '',
    ...(dest ? { dest } : {}),
    at: now.toISOString(),
    dhRegEvento: orgaoTime,
    cStat,
    xMotivo: cStat === '155' ? 'Cancelamento homologado fora de prazo' : motivo(cStat),
    xml: event.xml,
  });
  return resultOf(evento);
}

function refusal(event: EventFacts, { ambiente, autorizador }: CallContext, { cStat, detail }: Verdict, dhRegEvento: string): EventResult {
  const { chave, tpEvento, nSeqEvento, kind } = event;
  // An órgão that is none is not told back: the answer would break its own schema.
  const cOrgao = isUf(event.cOrgao) || ['91', '92'].includes(event.cOrgao) ? event.cOrgao : autorizador.home;
  const facts = { chave: chave?.text, tpEvento, xEvento: kind?.xEvento, nSeqEvento, dhRegEvento };
  return { tpAmb: ambiente, cOrgao, cStat, xMotivo: motivo(cStat, detail), ...facts };
}

/** The event's own schema: the lot has passed the generic one. */
function schemaFault(event: EventFacts, { checkSchema: check }: CallContext): Verdict | undefined {
  if (!check) return undefined;
  const alone = `<envEvento xmlns="http://www.portalfiscal.inf.br/nfe" versao="1.00"><idLote>1</idLote>${event.xml}</envEvento>`;
  // That of the EPEC is AN's: for an NFC-e the generic one, which the lot has passed, is all there is.
  const [fault] = event.chave?.modelo === '65' && event.tpEvento === EPEC ? [] : check(alone, 'envEvento', event.tpEvento);
  return fault && { cStat: '493', detail: describe(fault) };
}

function signatureFault(event: EventFacts, context: CallContext): Verdict | undefined {
  if (!context.checkSchema) return undefined;
  const otherBase = event.kind?.autor === 'destinatario' ? '631' : '213';
  const { cStat } = checkSigned(event.inf, event.autor, context, otherBase);
  return cStat === undefined ? undefined : { cStat };
}
