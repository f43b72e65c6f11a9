import type { DocumentState } from '../emission/lifecycle-state.ts';
import type { Fault } from '../fault.ts';
import { type InutilizacaoFaultCode, inutilizacaoFault } from './fault-codes.ts';
import { numbersText } from './numbers-text.ts';
import type { PedidoInutilizacao } from './read-inutilizacao.ts';

/** A number of the range that the hub holds something of. */
export interface NumeroConhecido {
  numero: number;
  state: DocumentState;
  /** every tpEmis with which the number was ever signed, its present one included */
  tpEmis: readonly string[];
  /** bytes of it were ever on their way to SEFAZ */
  transmitido: boolean;
  chave?: string;
}

export interface FaixaInutilizada {
  numeroInicial: number;
  numeroFinal: number;
}

export interface InutilizacaoRuleFacts {
  pedido: Pick<PedidoInutilizacao, 'numeroInicial' | 'numeroFinal'>;
  /** what the hub holds of the range */
  numeros: readonly NumeroConhecido[];
  /** ranges of the same série that are registered as void already, the asked one aside */
  inutilizadas?: readonly FaixaInutilizada[];
  /** numbers that the last consult by key found at SEFAZ */
  naSefaz?: readonly number[];
}

/** FS-DA, EPEC and offline: the number stands on paper that somebody holds, whatever became of the document here. */
const PRINTED_TP_EMIS: ReadonlySet<string> = new Set(['4', '5', '9']);

/** What the hub knows of a number; `perdido`: nothing came of it, as far as is known. */
export type SituacaoNumero = 'usado' | 'incerto' | 'em-processamento' | 'contingencia' | 'perdido';

/** Why a number must not be made void, or `perdido` when it may (after a last consult, if it was ever sent). */
export function situacaoOf({ state, tpEmis, transmitido }: Omit<NumeroConhecido, 'numero' | 'chave'>): SituacaoNumero {
  if (state === 'authorized' || state === 'cancelled' || state === 'denied') return 'usado';
  if (tpEmis.some((tp) => PRINTED_TP_EMIS.has(tp))) return 'contingencia';
  if (state === 'rejected' || state === 'invalid') return 'perdido';
  if (state === 'received' || (state === 'signed' && !transmitido)) return 'em-processamento';
  return 'incerto';
}

const REFUSALS: Readonly<Record<Exclude<SituacaoNumero, 'perdido'>, readonly [InutilizacaoFaultCode, string]>> = {
  usado: ['INU-030', 'têm nota autorizada, cancelada ou denegada. Retire-os da faixa'],
  incerto: ['INU-031', 'têm transmissão de resultado ainda desconhecido. Aguarde a recuperação e peça de novo'],
  contingencia: ['INU-032', 'já foram usados em contingência (tpEmis 4, 5 ou 9) e não podem ser inutilizados: transmita essas notas'],
  'em-processamento': ['INU-033', 'têm nota em processamento neste hub. Aguarde o resultado'],
};

/** Refuses what must not be made void; the faults name the numbers. `[]` when nothing the hub knows stands against it. */
export function checkInutilizacaoRules({ pedido, numeros, inutilizadas = [], naSefaz = [] }: InutilizacaoRuleFacts): Fault[] {
  const { numeroInicial, numeroFinal } = pedido;
  const inRange = (n: number) => n >= numeroInicial && n <= numeroFinal;
  const faults: Fault[] = [];
  const refuse = (code: InutilizacaoFaultCode, found: readonly number[], why: string) => {
    if (found.length === 0) return;
    faults.push(inutilizacaoFault(code, 'infInut/nNFIni', `Números ${numbersText(found)} ${why}.`));
  };
  for (const [situacao, [code, why]] of Object.entries(REFUSALS)) {
    const found = numeros.filter((n) => inRange(n.numero) && situacaoOf(n) === situacao).map(({ numero }) => numero);
    refuse(code, found, why);
  }
  refuse('INU-036', naSefaz.filter(inRange), 'existem na SEFAZ, que os conhece pela chave. Retire-os da faixa');
  for (const range of inutilizadas) {
    if (range.numeroInicial > numeroFinal || range.numeroFinal < numeroInicial) continue;
    const message = `A faixa ${range.numeroInicial} a ${range.numeroFinal} já está inutilizada. Peça só os números que faltam.`;
    faults.push(inutilizacaoFault('INU-035', 'infInut/nNFIni', message));
  }
  return faults;
}

/** Why a document whose number lies in a registered inutilização is not emitted. */
export function numeroInutilizadoFault(numero: number, { numeroInicial, numeroFinal }: FaixaInutilizada, path: string): Fault {
  const message = `O número ${numero} está inutilizado (faixa ${numeroInicial} a ${numeroFinal}). Emita com o próximo número livre.`;
  return inutilizacaoFault('INU-034', path, message);
}
