import { eventoKind } from '@malote/fiscal/evento/kinds';
import { buildProcEvento } from '@malote/fiscal/evento/ret-evento';
import type { Evento } from '@malote/store/evento';
import Joi from 'joi';
import { EVENTO_EXAMPLE } from './examples/eventos.data.ts';
import { anchored, count } from './present-document.schema.ts';
import { eventosLocation } from './present-document.ts';
import { presentRegistro, registroKeys, STATUS_EVENTO, whereKeys, whereOf } from './present-registro.ts';

/** Where an event is found. */
export function eventoLocation({ empresa, tpAmb, chave, tpEvento, nSeqEvento }: Evento): string {
  return `${eventosLocation({ empresa, tpAmb, chave })}/${tpEvento}/${nSeqEvento}`;
}

/** What an event is called. */
export function descricaoOf({ modelo, tpEvento }: Pick<Evento, 'modelo' | 'tpEvento'>): string {
  return eventoKind(modelo, tpEvento)?.descEvento ?? `Evento ${tpEvento}`;
}

export function statusOfEvento({ state }: Pick<Evento, 'state'>): string {
  return STATUS_EVENTO[state];
}

/** The event object of the contract; `dataEvento` is the moment it was received until dhEvento is fixed. */
export function presentEvento(evento: Evento, procXml: string | undefined): Record<string, unknown> {
  return {
    ...whereOf(evento),
    chaveAcesso: evento.chave,
    codigoEvento: Number(evento.tpEvento),
    descricaoEvento: descricaoOf(evento),
    nSeqEvento: evento.nSeqEvento,
    dataEvento: evento.dhEvento ?? evento.createdAt.toISOString(),
    status: statusOfEvento(evento),
    ...presentRegistro(evento, procXml),
  };
}

type ReadConteudo = (ref: string) => Promise<Buffer | undefined>;

/** True when SEFAZ has registered it and the hub has its XML. */
export function hasProcEvento({ state, adotado, conteudo, retorno }: Evento): boolean {
  return state === 'registered' && (adotado !== undefined || (conteudo !== undefined && retorno?.retorno !== undefined));
}

/** The procEventoNFe: as SEFAZ gave it, or made of the signed bytes and its answer; undefined while there is none. */
export async function procEventoOf(evento: Evento, readConteudo: ReadConteudo): Promise<string | undefined> {
  if (!hasProcEvento(evento)) return undefined;
  const ref = evento.adotado ?? evento.conteudo ?? '';
  const stored = await readConteudo(ref);
  if (!stored) throw new Error(`content ${ref} of ${evento._id} is missing`);
  const text = stored.toString('utf8');
  return evento.adotado === undefined ? buildProcEvento(text, evento.retorno?.retorno ?? '') : text;
}

/** What presentEvento shows. */
export const eventoSchema = Joi.object({
  ...whereKeys,
  chaveAcesso: Joi.string().pattern(anchored('chaveAcesso')).required(),
  codigoEvento: Joi.number().integer().min(100_000).max(999_999).required().description('tpEvento, como número.'),
  descricaoEvento: Joi.string().required(),
  nSeqEvento: count().max(999).required(),
  dataEvento: Joi.string().required().description('dhEvento, como está no XML; antes da assinatura, quando o pedido chegou.'),
  status: Joi.string()
    .valid(...new Set(Object.values(STATUS_EVENTO)))
    .required(),
  ...registroKeys('procEventoNFe'),
})
  .meta({ component: 'Evento' })
  .example(EVENTO_EXAMPLE);

/** The list of a document's events: a bare array. */
export const eventosSchema = Joi.array().items(eventoSchema).example([EVENTO_EXAMPLE]);
