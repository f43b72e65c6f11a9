import type { Handler } from '@malote/broker/consumer';
import { EPEC_TRAITS } from '@malote/fiscal/contingencia/epec';
import { consultAllowedAt } from '@malote/fiscal/emission/back-off';
import type { AttemptOf } from '@malote/fiscal/emission/lifecycle-state';
import { findEvento } from '@malote/fiscal/evento/ret-evento';
import { MODELOS } from '@malote/fiscal/model/modelo';
import type { RegistroAttempt } from '@malote/fiscal/registro/registro-state';
import { type AnyEnvelope, type Envelope, envelope } from '@malote/messages/envelope';
import { type Evento, eventoPayload } from '@malote/store/evento';

import { applyEvento } from './apply-evento.ts';
import { credentialOf, signedBytes, timeoutOf } from './call-sefaz.ts';
import { failedCall } from './failed-call.ts';
import { type CallFact, handleRegistro, type KnownRegistro, type RegistroDeps, type RegistroWork } from './handle-registro.ts';
import { kindOf, type PrepareEventoDeps, prepareStoredEvento } from './prepare-evento.ts';
import { applyEpec, epecHindrance } from './registrar-epec.ts';

export interface EventoDeps extends RegistroDeps, PrepareEventoDeps {}

/** Handles `evento.register`: signs, sends and finds out the fate of one evento, and gives its document the state that follows. */
export function eventoHandler(deps: EventoDeps): Handler {
  const work = eventoWork(deps);
  return (received, { log }) => {
    const message = received as Envelope<'evento.register'>;
    return handleRegistro(message.payload.registroId, { message, log }, work, deps);
  };
}

function eventoWork(deps: EventoDeps): RegistroWork<Evento> {
  const { store, clock, nudge } = deps;
  const documentoOf = async ({ _id, documentoId }: Evento) => {
    const documento = await store.documentos.findById(documentoId);
    if (!documento) throw new Error(`documento ${documentoId} of evento ${_id} does not exist`);
    return documento;
  };
  return {
    registros: store.eventos,
    traitsOf(evento) {
      const { previo, cancela } = kindOf(evento);
      return previo ? EPEC_TRAITS : { canConsult: true, hasEffect: cancela === true };
    },
    hindrance: async (evento) => (kindOf(evento).previo ? epecHindrance(evento, deps) : undefined),
    prepare: (evento) => prepareStoredEvento(evento, deps),
    async target(evento, kind) {
      const { services } = MODELOS[evento.modelo];
      const operation = kind === 'consult' ? services.consult : isOwnEpec(evento) ? services.epec : services.register;
      if (!operation || !evento.autorizador) throw new Error(`evento ${evento._id} has no receiver`);
      // What the national environment or SVRS registers is shown by the authoriser that holds the note.
      const elsewhere = kind === 'consult' && kindOf(evento).orgao !== 'UF';
      const holder = elsewhere ? (await documentoOf(evento)).autorizador : undefined;
      return { autorizador: holder ?? evento.autorizador, service: operation.service };
    },
    call: (evento, attempt, known) => callEvento(evento, attempt, known, deps),
    async consultAllowedAt(evento) {
      // SEFAZ counts by key, whoever asks: for the note itself, for another of its eventos, in an earlier round.
      const documento = await documentoOf(evento);
      const all = [documento, ...documento.rodadas, ...(await store.eventos.listOf(evento)).flatMap((each) => [each, ...each.rodadas])];
      const attempts = all.flatMap<AttemptOf<string>>((each) => each.attempts);
      return consultAllowedAt(attempts, clock.now());
    },
    applyEffect: (evento, cause) => (kindOf(evento).previo ? applyEpec(evento, cause, deps) : applyEvento(evento, cause, deps)),
    eventOf(evento, event, { id }) {
      const { chave, tpEvento, retorno, trace, documentoId } = evento;
      const payload = { ...eventoPayload(evento), chave, tpEvento, ...(retorno ? { cStat: retorno.cStat } : {}) };
      const facts = { id: clock.uuid(), at: clock.now(), traceparent: trace, correlationId: documentoId, causationId: id };
      return envelope(`evento.${event}`, payload, facts) as AnyEnvelope;
    },
    async onRest(evento, cause) {
      const { _id, documentoId } = evento;
      // A registration is an effect of its own (applyEffect).
      if (kindOf(evento).previo && evento.state !== 'registered') await applyEpec(evento, cause, deps);
      nudge(_id);
      nudge(documentoId);
    },
  };
}

async function callEvento(evento: Evento, attempt: RegistroAttempt, known: KnownRegistro | undefined, deps: EventoDeps): Promise<CallFact> {
  const { n } = attempt;
  const { clock, sefaz, store } = deps;
  const started = clock.monotonic();
  const durationMs = () => Math.round(clock.monotonic() - started);
  const { chave, tpEvento, nSeqEvento, autor, modelo, tpAmb, emitente, uf } = evento;
  try {
    const credential = known?.credential ?? (await credentialOf(evento, deps));
    const epec = isOwnEpec(evento);
    const common = { modelo, autorizador: attempt.autorizador, ambiente: tpAmb, credential, timeoutMs: timeoutOf(attempt) };
    // That service says nothing of how the authoriser of the notes does.
    const target = { ...common, ...(epec ? {} : { about: { uf } }) };
    if (attempt.kind === 'register') {
      const signedXml = known?.signedXml ?? (await signedBytes(evento, deps));
      const who = { chave, tpEvento, nSeqEvento };
      const { retorno } = await sefaz.registerEvento({ ...target, signedXml, idLote: idLoteOf(evento, n), who, epec });
      return { kind: 'answered', n, retorno, durationMs: durationMs() };
    }
    const { retorno } = await sefaz.consult({ ...target, chave });
    const shown = findEvento(retorno, { tpEvento, nSeqEvento, autor });
    if (shown.kind !== 'found' || !shown.proc) return { kind: 'answered', n, retorno: shown, durationMs: durationMs() };
    const adotado = await store.conteudos.put(Buffer.from(shown.proc), { emitente, aamm: chave.slice(2, 6) });
    return { kind: 'answered', n, retorno: shown, durationMs: durationMs(), adotado };
  } catch (error) {
    return failedCall(error, n, durationMs());
  }
}

/** The EPEC of an NFC-e, which goes to a service of its own. */
function isOwnEpec(evento: Evento): boolean {
  const { previo, orgao } = kindOf(evento);
  return previo === true && orgao === 'UF';
}

/** Up to 15 digits, new for every transmission: numbers of the note, of the evento and of the attempt. */
function idLoteOf({ documentoId, nSeqEvento }: Evento, n: number): string {
  const digits = (value: number, length: number) => String(value).padStart(length, '0').slice(-length);
  return `${Number(documentoId.slice(-9))}${digits(nSeqEvento, 2)}${digits(n, 4)}`;
}
