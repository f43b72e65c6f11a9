import type { DocumentState } from '../emission/lifecycle-state.ts';
import { ALERTA_DIA, MAX_NUMEROS, VERMELHO_DIA } from './data/limits.data.ts';
import { type FaixaInutilizada, situacaoOf } from './rules.ts';

/** What the hub holds of a number. */
export interface NumeroDaSerie {
  numero: number;
  state: DocumentState;
  /** every tpEmis with which the number was ever signed, its present one included */
  tpEmis: readonly string[];
  transmitido: boolean;
  /** AAMM of the emission, where it is known */
  aamm?: string;
}

/** `livre`: nothing is known of it. The others say why it is in the list, or why it is not proposed. */
export type SituacaoLacuna = 'livre' | 'rejeitada' | 'invalida' | 'incerta' | 'em-processamento' | 'contingencia';

/** Numbers in a row of which the same is known. */
export interface FaixaLacuna extends FaixaInutilizada {
  situacao: SituacaoLacuna;
  /** may be proposed to be made void */
  proponivel: boolean;
}

export type NivelLacuna = 'normal' | 'alerta' | 'vermelho';

export interface FaixaProposta extends FaixaInutilizada {
  /** AA of the request */
  ano: string;
  /** last day, `2026-12-10` */
  ate: string;
  nivel: NivelLacuna;
}

export interface Lacunas {
  faixas: FaixaLacuna[];
  propostas: FaixaProposta[];
  /** the worst of the proposals */
  nivel: NivelLacuna;
}

const NIVEIS: readonly NivelLacuna[] = ['normal', 'alerta', 'vermelho'];

/**
 * The numbers of one série, between `de` and `ate`, that lie between used ones and are not used: what is known of them, and what may be made void.
 * Never proposed: a number whose fate is uncertain, under way, or that was ever signed with tpEmis 4, 5 or 9. A gap belongs to the month
 * of the next used number; its last day is the 10th of the month after it.
 */
export function lacunas(facts: {
  de: number;
  ate: number;
  /** in any order; only those between `de` and `ate` count */
  numeros: readonly NumeroDaSerie[];
  inutilizadas: readonly FaixaInutilizada[];
  /** today in the emitter's zone, `2026-11-21` */
  hoje: string;
}): Lacunas {
  const { de, ate, hoje } = facts;
  const known = facts.numeros.filter(({ numero }) => numero >= de && numero <= ate).sort((a, b) => a.numero - b.numero);
  const marks = [...voided(facts.inutilizadas, de, ate), ...known.map(markOf)].sort(
    (a, b) => a.numeroInicial - b.numeroInicial || b.numeroFinal - a.numeroFinal,
  );
  const bounds = marks.filter(({ limita }) => limita);
  const [first, last] = [bounds[0], bounds.at(-1)];
  const faixas: FaixaLacuna[] = [];
  const propostas: FaixaProposta[] = [];
  if (!first || !last) return { faixas, propostas, nivel: 'normal' };

  let next = first.numeroInicial;
  let open: FaixaInutilizada | undefined;
  const add = (range: FaixaInutilizada, situacao: SituacaoLacuna) => {
    const proponivel = PROPONIVEL.has(situacao);
    const before = faixas.at(-1);
    if (before && before.situacao === situacao && before.numeroFinal === range.numeroInicial - 1) before.numeroFinal = range.numeroFinal;
    else faixas.push({ ...range, situacao, proponivel });
    if (!proponivel) return;
    if (open && open.numeroFinal === range.numeroInicial - 1) open.numeroFinal = range.numeroFinal;
    else {
      close();
      open = { ...range };
    }
  };
  const pending: FaixaInutilizada[] = [];
  const close = () => {
    if (open) pending.push(open);
    open = undefined;
  };
  const settle = (aamm: string | undefined) => {
    close();
    for (const range of pending.splice(0)) propostas.push(...split(range).map((part) => ({ ...part, ...deadline(aamm, hoje) })));
  };
  for (const mark of marks) {
    if (mark.numeroFinal < next || mark.numeroInicial > last.numeroFinal) continue;
    if (mark.numeroInicial > next) add({ numeroInicial: next, numeroFinal: mark.numeroInicial - 1 }, 'livre');
    if (mark.situacao) add({ numeroInicial: mark.numeroInicial, numeroFinal: mark.numeroFinal }, mark.situacao);
    // A range that is void says nothing of the month: the next used number does.
    if (mark.limita && mark.aamm) settle(mark.aamm);
    else if (mark.limita) close();
    next = mark.numeroFinal + 1;
  }
  settle(undefined);
  const worst = Math.max(0, ...propostas.map(({ nivel }) => NIVEIS.indexOf(nivel)));
  return { faixas, propostas, nivel: NIVEIS[worst] ?? 'normal' };
}

const PROPONIVEL: ReadonlySet<SituacaoLacuna> = new Set<SituacaoLacuna>(['livre', 'rejeitada', 'invalida']);

interface Mark extends FaixaInutilizada {
  /** undefined: used, or void already */
  situacao?: SituacaoLacuna;
  /** the number was used, or may have been: there is a gap only between two of these */
  limita: boolean;
  aamm?: string;
}

function markOf(numero: NumeroDaSerie): Mark {
  const range = { numeroInicial: numero.numero, numeroFinal: numero.numero, aamm: numero.aamm };
  const situacao = situacaoOf(numero);
  switch (situacao) {
    case 'usado':
      return { ...range, limita: true };
    case 'perdido':
      return { ...range, limita: false, situacao: numero.state === 'invalid' ? 'invalida' : 'rejeitada' };
    case 'incerto':
      return { ...range, limita: true, situacao: 'incerta' };
    default:
      return { ...range, limita: true, situacao };
  }
}

function voided(ranges: readonly FaixaInutilizada[], de: number, ate: number): Mark[] {
  return ranges
    .filter(({ numeroInicial, numeroFinal }) => numeroFinal >= de && numeroInicial <= ate)
    .map(({ numeroInicial, numeroFinal }) => ({
      numeroInicial: Math.max(numeroInicial, de),
      numeroFinal: Math.min(numeroFinal, ate),
      limita: true,
    }));
}

function split({ numeroInicial, numeroFinal }: FaixaInutilizada): FaixaInutilizada[] {
  const parts: FaixaInutilizada[] = [];
  for (let from = numeroInicial; from <= numeroFinal; from += MAX_NUMEROS) {
    parts.push({ numeroInicial: from, numeroFinal: Math.min(from + MAX_NUMEROS - 1, numeroFinal) });
  }
  return parts;
}

/** Year, last day and alarm of a gap of the month AAMM (without one: this month). */
function deadline(aamm: string | undefined, hoje: string): Pick<FaixaProposta, 'ano' | 'ate' | 'nivel'> {
  const ano = aamm?.slice(0, 2) ?? hoje.slice(2, 4);
  const month = Number(aamm?.slice(2) ?? hoje.slice(5, 7));
  const year = 2000 + Number(ano) + (month === 12 ? 1 : 0);
  const dueMonth = `${year}-${String((month % 12) + 1).padStart(2, '0')}`;
  const day = (n: number) => `${dueMonth}-${String(n).padStart(2, '0')}`;
  const nivel = hoje >= day(VERMELHO_DIA) ? 'vermelho' : hoje >= day(ALERTA_DIA) ? 'alerta' : 'normal';
  return { ano, ate: day(VERMELHO_DIA), nivel };
}
