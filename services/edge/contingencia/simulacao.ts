import { readSimulacao } from '@malote/administration/contingencia';
import { envelope } from '@malote/messages/envelope';
import type { Store } from '@malote/store/connect';
import { answerList } from '../conditional.ts';
import { contaOf, type Exchange } from '../exchange.ts';
import { jsonBodyOf } from '../json-body.ts';
import { rowsOf, writePage } from '../pages.ts';
import { Problem } from '../problems.ts';
import { drillsOf, presentDrill, presentDrilled, resumoOf } from './present-simulacao.ts';
import { checkNotOff, command, factsOf, type OrderDeps, whoOf } from './situacao.ts';

export interface SimulacaoDeps extends OrderDeps {
  drillDocuments: Store['drillDocuments'];
  listEmpresas(conta: string): Promise<{ _id: string }[]>;
}

type Handler = (exchange: Exchange) => Promise<void>;

const SIMULACOES = '/api/conta/contingencia/simulacao';

/** POST of a drill: begins one, or ends it (0 minutes). */
export function createDrill(deps: SimulacaoDeps): Handler {
  return async (exchange) => {
    const { minutos, ...where } = readSimulacao(jsonBodyOf(exchange));
    const key = { conta: contaOf(exchange), ...where, ambiente: 'hom' } as const;
    if (minutos > 0) await checkNotOff(deps.politicas, key);
    const message = (pedidoId: string) =>
      envelope('contingency.drill', { ...key, pedidoId, minutos, quem: whoOf(exchange) }, factsOf(deps, exchange, pedidoId));
    const detalhe = minutos > 0 ? `${minutos} min` : 'encerrar';
    const { pedidoId, row, applied } = await command(deps, exchange, key, { message, acao: 'contingencia.simular', detalhe });
    const begun = row && drillsOf([row]).find(({ drill }) => drill.id === pedidoId);
    const unknown = { id: pedidoId, ...where, ambiente: 'hom', desde: null, ate: null, emCurso: false, modo: null, quem: whoOf(exchange) };
    const { res } = exchange;
    res.set('Location', minutos > 0 ? `${SIMULACOES}/${pedidoId}` : SIMULACOES);
    res.status(applied ? 200 : 202).json(begun ? presentDrill(begun, deps.clock.now()) : unknown);
  };
}

/** GET of the account's drills, the latest first. */
export function createListDrills({ contingencias, clock }: Pick<SimulacaoDeps, 'contingencias' | 'clock'>): Handler {
  return async (exchange) => {
    const drills = drillsOf(await contingencias.list(contaOf(exchange)));
    answerList(exchange, { simulacoes: drills.map((drill) => presentDrill(drill, clock.now())) });
  };
}

/** GET of one, with what happened to each note that came while it ran. */
export function createShowDrill(deps: Omit<SimulacaoDeps, 'publish' | 'waits'>): Handler {
  return async (exchange) => {
    const conta = contaOf(exchange);
    const found = drillsOf(await deps.contingencias.list(conta)).find(({ drill }) => drill.id === exchange.params.simulacao);
    if (!found) throw new Problem('simulacao-desconhecida', 'Não há simulação com esta identificação nesta conta.');
    const { modelo, uf } = found.row;
    const empresas = (await deps.listEmpresas(conta)).map(({ _id }) => _id);
    const documentos = await deps.drillDocuments({ conta, empresas, modelo, uf, de: found.drill.desde, ate: found.drill.ate });
    const { skip, limit } = rowsOf(exchange.query.pagina as number);
    const page = writePage(documentos.length, documentos.slice(skip, skip + limit).map(presentDrilled));
    answerList(exchange, { ...presentDrill(found, deps.clock.now()), resumo: resumoOf(documentos), ...page });
  };
}
