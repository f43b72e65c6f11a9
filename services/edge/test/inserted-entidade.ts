import { chaveEntidade, type Estabelecimento } from '@malote/fiscal/model/chave-entidade';
import { systemClock } from '@malote/runtime/clock';
import type { Entidade } from '@malote/store/entidades';
import type { RunningEdge } from './running-edge.ts';

type Given = { conta: string } & Estabelecimento & Pick<Entidade, 'entidade'> & Partial<Entidade>;

/** An entity as the worker would have stored it. `ie` canonical. */
export async function insertEntidade(
  { store }: Pick<RunningEdge, 'store'>,
  { conta, documento, uf, ie = 'ISENTO', ...more }: Given,
): Promise<Entidade> {
  const now = systemClock.now();
  const chave = chaveEntidade({ documento, uf, ie });
  const entidade: Entidade = {
    ...{ _id: `${conta}.${chave}.${more.entidade}`, schema: 1, version: 1, conta, documento, uf, ie, chave },
    ...{ bloqueada: false, pedido: `${conta}.0`, seqInicial: 1, seq: 1, historico: [], createdAt: now, updatedAt: now },
    ...more,
  };
  if (!(await store.entidades.insert(entidade))) throw new Error(`there is an entity ${entidade._id} already`);
  return entidade;
}
