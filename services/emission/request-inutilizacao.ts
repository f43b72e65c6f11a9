import type { Handler } from '@malote/broker/consumer';
import { MODELOS } from '@malote/fiscal/model/modelo';
import type { RegistroAttempt } from '@malote/fiscal/registro/registro-state';
import { type AnyEnvelope, type Envelope, envelope } from '@malote/messages/envelope';
import { type Inutilizacao, inutilizacaoPayload } from '@malote/store/inutilizacao';
import { credentialOf, signedBytes, timeoutOf } from './call-sefaz.ts';
import { failedCall } from './failed-call.ts';
import { type CallFact, handleRegistro, type KnownRegistro, type RegistroDeps, type RegistroWork } from './handle-registro.ts';
import { type PrepareInutilizacaoDeps, prepareStoredInutilizacao } from './prepare-inutilizacao.ts';
import type { VoidedRanges } from './voided-ranges.ts';

export interface InutilizacaoDeps extends RegistroDeps, PrepareInutilizacaoDeps {
  voided: VoidedRanges;
}

/** Handles `inutilizacao.request`: checks, signs and sends one range, and keeps SEFAZ's word about it. SEFAZ cannot be asked for one. */
export function inutilizacaoHandler(deps: InutilizacaoDeps): Handler {
  const work = inutilizacaoWork(deps);
  return (received, { log }) => {
    const message = received as Envelope<'inutilizacao.request'>;
    return handleRegistro(message.payload.registroId, { message, log }, work, deps);
  };
}

function inutilizacaoWork(deps: InutilizacaoDeps): RegistroWork<Inutilizacao> {
  const { store, clock, nudge, voided } = deps;
  return {
    registros: store.inutilizacoes,
    traitsOf: () => ({ canConsult: false, hasEffect: false }),
    prepare: (asked) => prepareStoredInutilizacao(asked, deps),
    async target({ _id, modelo, autorizador }) {
      const { inutilizar } = MODELOS[modelo].services;
      if (!inutilizar || !autorizador) throw new Error(`inutilização ${_id} has no receiver`);
      return { autorizador, service: inutilizar.service };
    },
    call: (asked, attempt, known) => callInutilizacao(asked, attempt, known, deps),
    eventOf(asked, event, { id }) {
      const payload = { ...inutilizacaoPayload(asked), ...(asked.retorno ? { cStat: asked.retorno.cStat } : {}) };
      const facts = { id: clock.uuid(), at: clock.now(), traceparent: asked.trace, correlationId: asked._id, causationId: id };
      return envelope(`inutilizacao.${event}`, payload, facts) as AnyEnvelope;
    },
    onRest(asked) {
      voided.forget(asked);
      nudge(asked._id);
    },
  };
}

async function callInutilizacao(
  asked: Inutilizacao,
  { n, autorizador, ...times }: RegistroAttempt,
  known: KnownRegistro | undefined,
  deps: InutilizacaoDeps,
): Promise<CallFact> {
  const { clock, sefaz } = deps;
  const started = clock.monotonic();
  const durationMs = () => Math.round(clock.monotonic() - started);
  try {
    const credential = known?.credential ?? (await credentialOf(asked, deps));
    const signedXml = known?.signedXml ?? (await signedBytes(asked, deps));
    const { modelo, tpAmb: ambiente, uf } = asked;
    const about = { uf };
    const { retorno } = await sefaz.inutilizar({
      modelo,
      autorizador,
      ambiente,
      credential,
      signedXml,
      about,
      timeoutMs: timeoutOf(times),
    });
    return { kind: 'answered', n, retorno, durationMs: durationMs() };
  } catch (error) {
    return failedCall(error, n, durationMs());
  }
}
