import { isSettled } from '@malote/fiscal/emission/lifecycle-state';
import type { Contingencia, SimulacaoContingencia } from '@malote/store/contingencias';
import type { Documento } from '@malote/store/documento';
import { ambienteOf, locationOf, statusOf } from '../present-document.ts';

/** A drill and whose it is. */
export interface Drill {
  row: Pick<Contingencia, 'modelo' | 'uf'>;
  drill: SimulacaoContingencia;
}

/** What became of a note of a drill. */
export const RESULTADOS = {
  svc: 'autorizada na SVC',
  'contingencia-autorizada': 'emitida em contingência e autorizada depois',
  'contingencia-pendente': 'emitida em contingência, a transmitir',
  'contingencia-recusada': 'emitida em contingência e recusada na transmissão',
  substituida: 'substituída por outra nota',
  normal: 'autorizada normalmente',
  recusada: 'recusada',
  'em-andamento': 'em andamento',
} as const;

export type Resultado = keyof typeof RESULTADOS;

/** Every drill of an account's rows, the latest first. */
export function drillsOf(rows: readonly Contingencia[]): Drill[] {
  const drills = rows
    .filter(({ conta }) => conta !== '*')
    .flatMap((row) => [...(row.simulacoes ?? []), ...(row.simulacao ? [row.simulacao] : [])].map((drill) => ({ row, drill })));
  // One that has ended may stand in both places.
  const byId = new Map(drills.map((each) => [each.drill.id, each]));
  return [...byId.values()].sort((a, b) => b.drill.desde.getTime() - a.drill.desde.getTime());
}

export function presentDrill({ row: { modelo, uf }, drill: { id, desde, ate, modo, quem } }: Drill, now: Date) {
  const span = { desde: desde.toISOString(), ate: ate.toISOString() };
  return { id, modelo, uf, ambiente: 'hom', ...span, emCurso: ate > now, modo: modo ?? null, quem };
}

/** What became of a note so far. */
function resultadoOf(documento: Pick<Documento, 'state' | 'tpEmis' | 'contingencia' | 'pendenteDesde' | 'substituidaPor'>): Resultado {
  const { state, tpEmis, contingencia, pendenteDesde, substituidaPor } = documento;
  if (substituidaPor) return 'substituida';
  if (state === 'authorized' || state === 'cancelled') {
    if (tpEmis === '6' || tpEmis === '7') return 'svc';
    return contingencia?.emitidaEm ? 'contingencia-autorizada' : 'normal';
  }
  if (pendenteDesde) return isSettled(state) ? 'contingencia-recusada' : 'contingencia-pendente';
  return isSettled(state) ? 'recusada' : 'em-andamento';
}

/** How many notes came to what. */
export function resumoOf(documentos: readonly Documento[]): Record<Resultado, number> {
  const none = Object.fromEntries(Object.keys(RESULTADOS).map((resultado) => [resultado, 0])) as Record<Resultado, number>;
  for (const documento of documentos) none[resultadoOf(documento)] += 1;
  return none;
}

/** A row of the report. */
export function presentDrilled(documento: Documento) {
  const { empresa, tpAmb, modelo, ano, serie, numero, chave, tpEmis, contingencia, createdAt } = documento;
  const resultado = resultadoOf(documento);
  return {
    ...{ ambiente: ambienteOf(tpAmb), empresa, codModelo: modelo, ano, serie, numero, chaveAcesso: chave ?? null },
    ...{ status: statusOf(documento), tipoEmissao: tpEmis ?? null, resultado, descricao: RESULTADOS[resultado] },
    ...{ recebidaEm: createdAt.toISOString(), emitidaEm: contingencia?.emitidaEm?.toISOString() ?? null },
    documento: locationOf(documento),
  };
}
