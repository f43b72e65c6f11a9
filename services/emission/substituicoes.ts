import { decideSubstituicao, type PassoDaSubstituicao, type Substituicao } from '@malote/fiscal/contingencia/substituicao';
import { eventoXmlFromJson } from '@malote/fiscal/evento/json-evento';
import { eventoKind } from '@malote/fiscal/evento/kinds';
import type { PrazoEvento } from '@malote/fiscal/evento/prazos';
import { readEvento } from '@malote/fiscal/evento/read-evento';
import { inutilizacaoXmlFromJson } from '@malote/fiscal/inutilizacao/json-inutilizacao';
import { readInutilizacao } from '@malote/fiscal/inutilizacao/read-inutilizacao';
import { parseXml } from '@malote/fiscal/xml/parse';
import type { AnyEnvelope } from '@malote/messages/envelope';
import type { Clock } from '@malote/runtime/clock';
import type { Logger } from '@malote/runtime/logger';
import type { Metrics } from '@malote/runtime/metrics';
import type { Store } from '@malote/store/connect';
import type { Evento } from '@malote/store/evento';
import type { Inutilizacao } from '@malote/store/inutilizacao';
import type { AcceptedRegistro } from '@malote/store/registro';
import type { Substituida } from '@malote/store/substituicoes';

export interface SubstituicoesDeps {
  store: Pick<Store, 'substituicoesAbertas' | 'documentos' | 'eventos' | 'inutilizacoes'>;
  clock: Clock;
  log: Logger;
  metrics: Metrics;
  publish: (message: AnyEnvelope) => Promise<unknown>;
  /** Rows of the limits of events, an operator's own among them. */
  prazos: readonly PrazoEvento[];
}

/** Both 15 to 255 characters, as SEFAZ asks. */
const JUSTIFICATIVA_CANCELAMENTO = 'Nota sem resposta da SEFAZ, substituida por outra emitida em contingencia';
const JUSTIFICATIVA_INUTILIZACAO = 'Nota nunca recebida pela SEFAZ, substituida por outra emitida em contingencia';

/**
 * The sweep that brings each substitution to its end, so that one note of the sale remains (decideSubstituicao): asks for the cancelamento of the
 * first or the inutilização of its number and follows them. Every step is decided from what is stored and may be taken twice: an evento and an
 * inutilização are found again by what they are about. One that fails does not keep the others from their step. Answers nothing done.
 */
export function substituicoesSweep(deps: SubstituicoesDeps): () => Promise<number> {
  const { store, log, metrics } = deps;
  const ended = metrics.counter('contingencia_substituicoes_total', 'Substitutions that came to their end, by how', ['fim']);
  return async () => {
    for await (const primeira of store.substituicoesAbertas()) {
      try {
        const after = await step(primeira, deps);
        if (after?.situacao === 'concluida') ended.inc({ fim: after.por ?? 'concluida' });
        if (after?.situacao === 'manual') ended.inc({ fim: 'manual' });
      } catch (error) {
        log.error({ err: error, doc: primeira._id }, 'a substitution did not go on, tried again');
      }
    }
    return 0;
  };
}

/** The next step of one, and what is then stored of it; undefined when there was none, or somebody else was first. */
async function step(primeira: Substituida, deps: SubstituicoesDeps): Promise<Substituicao | undefined> {
  const { store, clock, log, prazos } = deps;
  const { substituicao } = primeira;
  const substituta = await store.documentos.findById(primeira.substituidaPor.documentoId);
  const evento = substituicao.eventoId && (await store.eventos.findById(substituicao.eventoId));
  const inutilizacao = substituicao.inutilizacaoId && (await store.inutilizacoes.findById(substituicao.inutilizacaoId));
  const passo = decideSubstituicao(
    {
      ...{ primeira, substituta, prazos },
      ...(evento ? { evento: { ...outcomeOf(evento), tpEvento: evento.tpEvento } } : {}),
      ...(inutilizacao ? { inutilizacao: outcomeOf(inutilizacao) } : {}),
    },
    clock.now(),
  );
  if (passo.do === 'nothing') return undefined;
  const after = passo.do === 'store' ? passo.substituicao : await ask(primeira, passo, deps);
  if (!after || !(await store.documentos.transition(primeira, { substituicao: after }))) return undefined;
  const level = after.situacao === 'manual' ? 'error' : 'info';
  log[level]({ doc: primeira._id, substituta: substituta?._id, ...after }, 'substitution went on');
  return after;
}

function outcomeOf({ state, retorno, faults }: Pick<Evento | Inutilizacao, 'state' | 'retorno' | 'faults'>) {
  if (state === 'registered') return { fim: 'registrado' } as const;
  if (state !== 'rejected' && state !== 'invalid' && state !== 'conflict') return { fim: 'aberto' } as const;
  const said = retorno ? `${retorno.cStat} ${retorno.xMotivo}` : undefined;
  return { fim: 'recusado', motivo: said ?? faults[0]?.message } as const;
}

/** Stores the request as a POST would. What somebody asked for himself is followed in its place. */
async function ask(
  primeira: Substituida,
  passo: Extract<PassoDaSubstituicao, { do: 'cancel' | 'void' }>,
  deps: SubstituicoesDeps,
): Promise<Substituicao | undefined> {
  const accepted = passo.do === 'cancel' ? await cancel(primeira, passo, deps) : await voidNumber(primeira, deps);
  if (accepted.message) await deps.publish(accepted.message);
  const { _id } = accepted.registro;
  const { substituicao } = primeira;
  return passo.do === 'cancel'
    ? { ...substituicao, situacao: 'cancelar', eventoId: _id }
    : { ...substituicao, situacao: 'inutilizar', inutilizacaoId: _id };
}

async function cancel(
  primeira: Substituida,
  passo: Extract<PassoDaSubstituicao, { do: 'cancel' }>,
  { store }: SubstituicoesDeps,
): Promise<AcceptedRegistro<Evento>> {
  const { conta, modelo, chave = '', trace: traceparent } = primeira;
  const kind = eventoKind(modelo, passo.tpEvento);
  const more = passo.tpEvento === '110112' ? { chaveSubstituta: passo.chNFeRef } : {};
  const body = { tipo: passo.tpEvento, justificativa: JUSTIFICATIVA_CANCELAMENTO, ...more };
  const made = eventoXmlFromJson(body, { modelo, chave });
  const read = made.ok ? readEvento(parseXml(made.xml), 'sefaz') : made;
  if (!made.ok || !read.ok || !kind) throw new Error(`evento ${passo.tpEvento} of ${primeira._id} cannot be made`);
  const entrada = Buffer.from(made.xml);
  return store.eventos.accept({ conta, documento: primeira, pedido: read.pedido, kind, layout: 'sefaz', entrada, traceparent });
}

async function voidNumber(primeira: Substituida, { store }: SubstituicoesDeps): Promise<AcceptedRegistro<Inutilizacao>> {
  const { conta, empresa, emitente, tpAmb, modelo, uf, serie, numero, dhEmi, trace: traceparent } = primeira;
  const range = { uf, ano: dhEmi.slice(2, 4), serie, numeroInicial: numero, numeroFinal: numero };
  const made = inutilizacaoXmlFromJson({ ...range, justificativa: JUSTIFICATIVA_INUTILIZACAO }, { emitente, tpAmb, modelo });
  const read = made.ok ? readInutilizacao(parseXml(made.xml)) : made;
  if (!made.ok || !read.ok) throw new Error(`inutilização of ${primeira._id} cannot be made`);
  const entrada = Buffer.from(made.xml);
  return store.inutilizacoes.accept({ conta, empresa, pedido: read.pedido, layout: 'sefaz', entrada, traceparent });
}
