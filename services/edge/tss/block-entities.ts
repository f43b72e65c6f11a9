import type { Auditoria } from '@malote/store/auditoria';
import { type Bloqueio, type LinhaResultado, pedidoId } from '@malote/store/bloqueios';
import type { Entidades } from '@malote/store/entidades';
import { bodyOf, contaOf, type Exchange, quemOf, sessionOf } from '../exchange.ts';
import { type AskWorkerDeps, askWorker } from './ask-worker.ts';
import { type PedidoBloqueio, readBloqueio } from './read-bloqueio.ts';
import { readTssJson } from './tss-json.ts';

export interface BlockDeps extends AskWorkerDeps {
  entidades: Pick<Entidades, 'findById' | 'openToken'>;
  auditoria: Pick<Auditoria, 'append'>;
  now(): Date;
}

/** The whole answer of RestAtBlqEnt. */
interface Answer {
  result: Omit<LinhaResultado, 'tokenDe'>[];
  error: string | null;
}

/** A TOKEN is shown by the request that issued it, and by its GET for a caller who could not wait; later RestGetToken tells it. */
const TOKEN_SHOWN_MS = 10 * 60_000;

/** POST RestAtBlqEnt: blocks and frees the entities of each row; 202 when the worker needs longer than the contract's 10 s. */
export function createBlockEntities(deps: BlockDeps): (exchange: Exchange) => Promise<void> {
  return async (exchange) => {
    const asked = read(bodyOf(exchange).bytes);
    if (!asked.ok) return void refuse(exchange, 400, asked.error);
    const { contrato, rows } = asked;
    const pedido = await askWorker(deps, exchange, { kind: 'bloqueio', ...(contrato ? { contrato } : {}), rows });
    const blocks = rows.filter(({ parametro }) => parametro === 1).length;
    await deps.auditoria.append({
      ...{ conta: contaOf(exchange), quem: quemOf(exchange), acao: 'entidade.bloqueio', alvo: pedidoId(pedido), resultado: 'ok' },
      detalhe: `bloquear ${blocks}, liberar ${rows.length - blocks}${contrato ? `, contrato ${contrato}` : ''}`,
    });
    await answer(deps, exchange, pedido);
  };
}

/** GET of a request that was answered with 202: the same answer. */
export function createShowBlock(deps: BlockDeps): (exchange: Exchange) => Promise<void> {
  return async (exchange) => {
    const { pedido: id = '' } = exchange.params;
    const pedido = await deps.bloqueios.findById({ conta: contaOf(exchange), id: id.toLowerCase() });
    if (pedido?.kind !== 'bloqueio') return void refuse(exchange, 404, 'Requisição desconhecida; os resultados são guardados por 90 dias.');
    await answer(deps, exchange, pedido);
  };
}

function read(body: Uint8Array): PedidoBloqueio {
  const json = readTssJson(body);
  return json.ok ? readBloqueio(json.value) : json;
}

async function answer(deps: BlockDeps, exchange: Exchange, pedido: Bloqueio): Promise<void> {
  const { res } = exchange;
  if (pedido.state !== 'done') {
    const location = `/rest/RestAtBlqEnt/${pedidoId(pedido)}`;
    res.location(location).status(202);
    return void res.json({ result: [], error: `Requisição recebida e ainda em processamento; consulte ${location}.` } satisfies Answer);
  }
  // Only of a request that would give too many rows.
  if (pedido.recusa) return refuse(exchange, 400, pedido.recusa.message);
  const { conta, _id, createdAt, result = [] } = pedido;
  const administers = sessionOf(exchange).escopos.includes('administracao');
  const mayShow = administers && deps.now().getTime() - createdAt.getTime() < TOKEN_SHOWN_MS;
  const rows = result.map(async ({ tokenDe, ...row }) => {
    if (tokenDe === undefined || !mayShow) return row;
    const entidade = await deps.entidades.findById({ conta, id: tokenDe });
    // Another request may have renewed it since.
    const Token = entidade?.tokenPor?.pedido === _id ? deps.entidades.openToken(entidade) : undefined;
    return Token === undefined ? row : { ...row, Token };
  });
  res.json({ result: await Promise.all(rows), error: null } satisfies Answer);
}

function refuse({ res }: Exchange, status: 400 | 404, error: string): void {
  res.status(status).json({ result: [], error } satisfies Answer);
}
