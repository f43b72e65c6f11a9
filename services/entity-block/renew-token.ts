import type { Bloqueio } from '@malote/store/bloqueios';
import type { Entidades } from '@malote/store/entidades';
import type { Outcome } from './block-entities.ts';

const TRIES = 5;

/** Gives an entity a new TOKEN; the old one signs in no more. A request that comes after a later one's leaves that one's TOKEN in force. */
export async function renewToken(pedido: Bloqueio & { entidade: string }, { entidades }: { entidades: Entidades }): Promise<Outcome> {
  const { _id, conta, seq } = pedido;
  for (let tries = 0; tries < TRIES; tries += 1) {
    const entidade = await entidades.findById({ conta, id: pedido.entidade });
    if (!entidade) return { recusa: { codigo: 'entidade-desconhecida', message: 'Entidade nao encontrada.' } };
    if ((entidade.tokenPor?.seq ?? 0) >= seq) return { entidadeId: entidade._id };
    const set = { ...entidades.newToken(entidade), tokenPor: { pedido: _id, linha: 0, seq } };
    const changed = await entidades.change([{ _id: entidade._id, version: entidade.version, set, historico: [] }]);
    if (changed === 1) return { entidadeId: entidade._id };
  }
  throw new Error('the entity of this request was changed by somebody else again and again');
}
