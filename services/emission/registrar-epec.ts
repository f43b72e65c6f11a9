import { buildEpec, TP_EVENTO_EPEC } from '@malote/fiscal/contingencia/epec';
import { awaitsEpec } from '@malote/fiscal/emission/contingency';
import { decide } from '@malote/fiscal/emission/lifecycle';
import type { Fact, LifecycleEvent, RetornoRecord } from '@malote/fiscal/emission/lifecycle-state';
import type { DecisionProtections } from '@malote/fiscal/emission/protections';
import { eventoKind } from '@malote/fiscal/evento/kinds';
import { readEvento } from '@malote/fiscal/evento/read-evento';
import type { Fault } from '@malote/fiscal/fault';
import { isRefused } from '@malote/fiscal/registro/registro-state';
import { decodeXml, parseXml } from '@malote/fiscal/xml/parse';
import { type AnyEnvelope, envelope } from '@malote/messages/envelope';
import { hasSubscriber } from '@malote/messages/routes';
import type { Clock } from '@malote/runtime/clock';
import type { Logger } from '@malote/runtime/logger';
import type { Store } from '@malote/store/connect';
import type { Documento } from '@malote/store/documento';
import { payloadOf } from '@malote/store/documentos';
import type { Evento } from '@malote/store/evento';

export interface EpecDeps {
  store: Store;
  clock: Clock;
  publish: (message: AnyEnvelope) => Promise<unknown>;
  protections: DecisionProtections;
}

/** A note whose EPEC is under way is woken when it ends; this often it looks by itself. */
const LOOK_AGAIN_MS = 2 * 60_000;

/**
 * What the EPEC of a signed note has come to: registered, refused, or under way, after it was asked for if it was not yet. The evento is a
 * registro of its own, with its own attempts; asking twice asks once, since its identity is the note's.
 */
export async function registrarEpec(documento: Documento, deps: EpecDeps): Promise<Fact> {
  const { store, clock } = deps;
  const waiting: Fact = { kind: 'held', until: new Date(clock.now().getTime() + LOOK_AGAIN_MS) };
  const known = await epecOf(documento, store);
  if (known && isOf(known, documento)) return factOf(known) ?? waiting;
  const novo = await novoEpec(documento, deps);
  if (!novo.ok) return { kind: 'refused', as: 'rejected', faults: novo.faults };
  const { outcome, registro, message } = await store.eventos.accept(novo.evento);
  if (outcome === 'conflict') return { kind: 'refused', as: 'rejected', faults: [numberTaken(registro)] };
  if (message) await deps.publish(message);
  return factOf(registro) ?? waiting;
}

/** Tells the note how its EPEC ended. May run twice, and does nothing for a note that waits for another one or for none. */
export async function applyEpec(
  evento: Evento,
  cause: { id: string; log: Logger },
  { store, clock, publish, protections }: EpecDeps,
): Promise<void> {
  const fact = factOf(evento);
  if (!fact) return;
  for (;;) {
    const documento = await store.documentos.findById(evento.documentoId);
    if (!documento) throw new Error(`documento ${evento.documentoId} of evento ${evento._id} does not exist`);
    if (!awaitsEpec(documento) || !isOf(evento, documento)) return;
    const { change, event } = decide(documento, fact, clock.now(), protections);
    if (!change) return;
    const message = event && eventMessage(event, documento, { id: clock.uuid(), at: clock.now(), causationId: cause.id });
    const after = await store.documentos.transition(documento, change, message ? { message } : {});
    if (!after) continue;
    if (message) await publish(message);
    cause.log.info({ chave: documento.chave, state: after.state, nProt: after.contingencia?.epec?.nProt }, event ?? 'EPEC applied');
    return;
  }
}

/** The evento is about these very bytes: not about an earlier round of the number, which another EPEC was refused for. */
function isOf(evento: Evento, { chave, contingencia }: Documento): boolean {
  if (evento.chave !== chave || isWithdrawn(evento)) return false;
  const { epecDesde } = contingencia ?? {};
  return !isRefused(evento.state) || epecDesde === undefined || evento.updatedAt >= epecDesde;
}

/** The EPEC of a note, or of an earlier round of its number. */
export async function epecOf({ conta, _id }: Documento, { eventos }: Pick<Store, 'eventos'>): Promise<Evento | undefined> {
  return (await eventos.listOf({ conta, documentoId: _id })).find(({ tpEvento }) => tpEvento === TP_EVENTO_EPEC);
}

/**
 * Why an EPEC that was never sent is not to be sent: its note is issued otherwise, or about to be. Whoever begins to send it has read the note
 * after the evento; whoever withdraws it has marked the note before he reads the evento: one of the two sees the other.
 */
export async function epecHindrance(evento: Evento, { store }: Pick<EpecDeps, 'store'>): Promise<Fault | undefined> {
  const documento = await store.documentos.findById(evento.documentoId);
  const awaited = documento && awaitsEpec(documento) && documento.chave === evento.chave && !documento.contingencia?.epecRetirado;
  return awaited ? undefined : RETIRADO;
}

/** It was never sent, and its note is issued otherwise. */
export function isWithdrawn({ state, faults }: Evento): boolean {
  return state === 'rejected' && faults.some(({ code }) => code === RETIRADO.code);
}

export const RETIRADO: Fault = {
  code: 'epec-retirado',
  path: '',
  message: 'O EPEC não chegou a ser enviado: a nota é emitida de outra forma, com o mesmo número. Nada é preciso fazer.',
  norm: 'MOC 7.0 Anexo III',
};

/** Undefined while its fate is open. */
function factOf({ state, retorno, faults, dhEvento = '' }: Evento): Fact | undefined {
  switch (state) {
    case 'registered': {
      const { nProt, dhRegistro = dhEvento } = retorno ?? {};
      return { kind: 'epec-registered', epec: { ...(nProt ? { nProt } : {}), dhRegistro } };
    }
    case 'rejected':
    case 'invalid':
    case 'conflict': {
      // Refused before anything was sent: the number is free.
      if (!retorno) return { kind: 'refused', as: 'rejected', faults };
      const { class: klass, cStat, xMotivo } = retorno;
      // Of a conflict nobody knows whether an earlier transmission was registered: the number stays taken.
      const told: RetornoRecord = { class: state === 'conflict' ? 'duplicate' : klass, cStat, xMotivo };
      return { kind: 'epec-refused', retorno: told, faults };
    }
    default:
      return undefined;
  }
}

async function novoEpec(
  documento: Documento,
  { store }: EpecDeps,
): Promise<{ ok: true; evento: Parameters<Store['eventos']['accept']>[0] } | { ok: false; faults: Fault[] }> {
  const { _id, conta, modelo, conteudo, trace, responderAte } = documento;
  const kind = eventoKind(modelo, TP_EVENTO_EPEC);
  if (!kind || (modelo !== '55' && modelo !== '65')) throw new Error(`modelo ${modelo} has no EPEC`);
  const bytes = conteudo && (await store.conteudos.get(conteudo));
  if (!bytes) throw new Error(`signed bytes ${conteudo} of ${_id} are missing`);
  const built = buildEpec(parseXml(decodeXml(bytes)), modelo);
  if (!built.ok) return built;
  const read = readEvento(parseXml(built.xml), 'sefaz');
  if (!read.ok) throw new Error(`the EPEC of ${_id} cannot be read: ${JSON.stringify(read.faults)}`);
  const entrada = Buffer.from(built.xml);
  const evento = {
    ...({ conta, documento, pedido: read.pedido, kind, layout: 'sefaz', entrada, traceparent: trace } as const),
    ...(responderAte ? { responderAte } : {}),
  };
  return { ok: true, evento };
}

function numberTaken({ chave }: Evento): Fault {
  return {
    code: 'epec-de-outra-chave',
    path: '',
    message: `O número já tem um EPEC, da chave ${chave}: transmita a nota desse EPEC, ou emita esta com outro número.`,
    norm: 'NT 2014.001, rejeição 485',
  };
}

function eventMessage(
  event: LifecycleEvent,
  documento: Documento,
  facts: { id: string; at: Date; causationId: string },
): AnyEnvelope | undefined {
  const { chave, trace, _id } = documento;
  const payload = { ...payloadOf(documento), ...(chave ? { chave } : {}) };
  const message = envelope(event, payload, { ...facts, traceparent: trace, correlationId: _id }) as AnyEnvelope;
  return hasSubscriber(message) ? message : undefined;
}
