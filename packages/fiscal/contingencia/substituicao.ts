import { parseDateTime } from '../emission/date-time.ts';
import type { Lifecycle } from '../emission/lifecycle-state.ts';
import { PRAZOS, type PrazoEvento, prazoOf } from '../evento/prazos.ts';
import type { Modelo } from '../model/modelo.ts';
import type { Uf } from '../model/uf.ts';

/**
 * Where the saga of a substituted document stands (SEFAZ.md 4.5; MOC 7.0 Anexo III 2.3.3): one of two notes of one sale must remain. Its
 * decisions are `decideSubstituicao`.
 * - `aguarda`: the substitute is not authorised yet, or the fate of the first is not known.
 * - `cancelar`: both are authorised; the first is being cancelled by the evento `eventoId`.
 * - `inutilizar`: SEFAZ never got the first; its number is being made void by `inutilizacaoId`.
 * - `concluida`: one of the two remains; `por` says how.
 * - `manual`: SEFAZ refuses what would end it; a person has to (`motivo`).
 */
export interface Substituicao {
  situacao: 'aguarda' | 'cancelar' | 'inutilizar' | 'concluida' | 'manual';
  desde: Date;
  /** 217 was answered then, long enough after the last transmission; asked once more an hour later. */
  ausenteEm?: Date;
  eventoId?: string;
  inutilizacaoId?: string;
  por?: 'cancelamento' | 'inutilizacao' | 'rejeicao' | 'substituta-recusada';
  motivo?: string;
}

/** What became of the evento or the inutilização that was asked for; `aberto`: nothing yet. `motivo`: cStat and xMotivo, or the fault. */
export interface RegistroDaSaga {
  fim: 'aberto' | 'registrado' | 'recusado';
  motivo?: string | undefined;
}

/** The two notes of one sale as stored, and what was asked for already. */
export interface FatosDaSubstituicao {
  primeira: Pick<Lifecycle, 'state' | 'retorno'> & { substituicao: Substituicao; modelo: Modelo; uf: Uf };
  /** undefined: announced in `substituidaPor` and not there yet */
  substituta: Pick<Lifecycle, 'state' | 'pendenteDesde' | 'chave' | 'tpEmis'> | undefined;
  /** the evento of `substituicao.eventoId`; undefined when it is not stored */
  evento?: (RegistroDaSaga & { tpEvento: string }) | undefined;
  /** the inutilização of `substituicao.inutilizacaoId`; undefined when it is not stored */
  inutilizacao?: RegistroDaSaga | undefined;
  /** rows of the limits of events (evento/prazos); an operator's own behind the project's */
  prazos?: readonly PrazoEvento[];
}

/**
 * What is done now. `cancel` and `void`: ask for it, and keep its id (`eventoId`, `inutilizacaoId`) with the situação `cancelar` or
 * `inutilizar`; asking twice must be harmless. `store`: nothing but this is written. The saga is over at `concluida` and `manual`.
 */
export type PassoDaSubstituicao =
  | { do: 'nothing' }
  | { do: 'cancel'; tpEvento: '110111' }
  | { do: 'cancel'; tpEvento: '110112'; chNFeRef: string }
  | { do: 'void' }
  | { do: 'store'; substituicao: Substituicao };

const NOTHING: PassoDaSubstituicao = { do: 'nothing' };
const CANCELAMENTO = '110111';
const POR_SUBSTITUICAO = '110112';
/** The event is signed, queued and sent within this: later than the window it would only be refused. */
const FOLGA_MS = 2 * 60_000;

/**
 * The next step of the saga, from what is stored alone, so that it may be asked at any time and again after any crash. The first is never
 * transmitted again. Nothing is cancelled before the substitute is authorised: 110111 inside its window, else (NFC-e) 110112 with the
 * substitute's key; one refused 110111 is followed by 110112. A first that SEFAZ never got is made void. NT 2018.004; MOC 7.0 Anexo III 2.3.3.
 */
export function decideSubstituicao(facts: FatosDaSubstituicao, now: Date): PassoDaSubstituicao {
  const { primeira } = facts;
  const { substituicao, state, retorno } = primeira;
  if (substituicao.situacao === 'concluida' || substituicao.situacao === 'manual') return NOTHING;
  switch (state) {
    case 'received':
    case 'signed':
    case 'issued':
    case 'uncertain':
      return NOTHING;
    case 'cancelled':
      return concluida(substituicao, 'cancelamento');
    case 'authorized':
      return onBothKnown(facts, now);
    case 'rejected':
      return retorno ? concluida(substituicao, 'rejeicao') : onNeverReceived(facts);
    case 'invalid':
    case 'denied':
      return concluida(substituicao, 'rejeicao');
    case 'conflict':
      return manual(substituicao, 'O número da primeira nota está na SEFAZ com outra chave ou outro conteúdo.');
    default:
      return state satisfies never;
  }
}

/** The first is authorised: it goes as soon as the substitute is, too. */
function onBothKnown(facts: FatosDaSubstituicao, now: Date): PassoDaSubstituicao {
  const { primeira, substituta } = facts;
  const { substituicao } = primeira;
  switch (substituta?.state) {
    case 'authorized':
      return cancel(facts, now);
    case 'rejected':
    case 'invalid':
      // Handed over: it is corrected and sent again. Otherwise it was never issued, and the first stands.
      return substituta.pendenteDesde ? NOTHING : concluida(substituicao, 'substituta-recusada');
    case 'denied':
      return concluida(substituicao, 'substituta-recusada');
    case 'cancelled':
      return manual(substituicao, 'A substituta foi cancelada e a primeira nota está autorizada: cancele-a também, se a venda não existe.');
    case 'conflict':
      return manual(substituicao, 'O número da substituta está na SEFAZ com outra chave ou outro conteúdo.');
    default:
      return NOTHING;
  }
}

function cancel(facts: FatosDaSubstituicao, now: Date): PassoDaSubstituicao {
  const { evento, primeira, substituta } = facts;
  const { substituicao } = primeira;
  if (!evento || !substituicao.eventoId)
    return inWindow(facts, CANCELAMENTO, now) ? { do: 'cancel', tpEvento: CANCELAMENTO } : late(facts, now);
  if (evento.fim === 'aberto') return NOTHING;
  if (evento.fim === 'registrado') return concluida(substituicao, 'cancelamento');
  const motivo = evento.motivo ?? 'sem motivo informado';
  const another = evento.tpEvento === CANCELAMENTO && primeira.modelo === '65' && inWindow(facts, POR_SUBSTITUICAO, now);
  if (another && substituta?.chave) return { do: 'cancel', tpEvento: POR_SUBSTITUICAO, chNFeRef: substituta.chave };
  return manual(substituicao, `O cancelamento da primeira nota foi recusado (${motivo}). As duas notas da venda estão autorizadas.`);
}

/** The window of 110111 is over. Of an NF-e it is tried all the same: many UFs take a late one (155). */
function late(facts: FatosDaSubstituicao, now: Date): PassoDaSubstituicao {
  const { primeira, substituta } = facts;
  if (primeira.modelo !== '65' || !substituta?.chave) return { do: 'cancel', tpEvento: CANCELAMENTO };
  if (inWindow(facts, POR_SUBSTITUICAO, now)) return { do: 'cancel', tpEvento: POR_SUBSTITUICAO, chNFeRef: substituta.chave };
  return manual(
    primeira.substituicao,
    'O prazo do cancelamento por substituição (110112) terminou com as duas notas da venda autorizadas.',
  );
}

/** True without a row of the event or a time of authorisation: SEFAZ decides then. */
function inWindow({ primeira, prazos = PRAZOS }: FatosDaSubstituicao, tpEvento: string, now: Date): boolean {
  const { modelo, uf, retorno } = primeira;
  const autorizada = parseDateTime(retorno?.dhRecbto ?? '');
  if (!autorizada) return true;
  const prazo = prazoOf(prazos, { uf, modelo, tpEvento, dia: now.toISOString().slice(0, 10) });
  return !prazo || now.getTime() + FOLGA_MS <= autorizada.getTime() + prazo.minutos * 60_000;
}

function onNeverReceived({ primeira, inutilizacao }: FatosDaSubstituicao): PassoDaSubstituicao {
  const { substituicao } = primeira;
  if (!inutilizacao || !substituicao.inutilizacaoId) return { do: 'void' };
  if (inutilizacao.fim === 'aberto') return NOTHING;
  if (inutilizacao.fim === 'registrado') return concluida(substituicao, 'inutilizacao');
  const motivo = inutilizacao.motivo ?? 'sem motivo informado';
  return manual(substituicao, `A inutilização do número da primeira nota foi recusada (${motivo}).`);
}

function concluida(substituicao: Substituicao, por: NonNullable<Substituicao['por']>): PassoDaSubstituicao {
  return { do: 'store', substituicao: { ...substituicao, situacao: 'concluida', por } };
}

function manual(substituicao: Substituicao, motivo: string): PassoDaSubstituicao {
  return { do: 'store', substituicao: { ...substituicao, situacao: 'manual', motivo } };
}
