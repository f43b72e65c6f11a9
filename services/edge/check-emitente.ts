import { chaveEntidade } from '@malote/fiscal/model/chave-entidade';
import type { Uf } from '@malote/fiscal/model/uf';
import { Problem } from './problems.ts';
import type { Session } from './sessions.ts';

/** An establishment, as its documents name it. */
export interface Emitente {
  conta: string;
  /** CNPJ or CPF. */
  documento: string;
  uf: Uf;
  /** As written; empty for none. */
  ie: string;
}

/** Undefined: not blocked. */
export type IsBlocked = (emitente: Emitente) => Promise<{ contrato?: string } | undefined>;

/**
 * Throws the 403 of a customer that the contract system has blocked (RestAtBlqEnt), and of an entity that calls for another establishment than
 * its own. Only new emissions and events ask; reading never does.
 */
export async function checkEmitente(isBlocked: IsBlocked, { entidade }: Pick<Session, 'entidade'>, emitente: Emitente): Promise<void> {
  if (entidade && chaveEntidade({ ...entidade, uf: entidade.uf as Uf }) !== chaveEntidade(emitente)) {
    const own = `${entidade.documento}, IE ${entidade.ie}, ${entidade.uf}`;
    throw new Problem('escopo-insuficiente', `O TOKEN é da entidade de ${own}; o documento é de outra IE ou UF.`);
  }
  const blocked = await isBlocked(emitente);
  if (!blocked) return;
  const { contrato } = blocked;
  const { documento, uf, ie } = emitente;
  const which = `${documento}, IE ${ie || 'ISENTO'}, ${uf}`;
  const by = contrato ? ` pelo contrato ${contrato}` : '';
  throw new Problem(
    'cliente-bloqueado',
    `Cliente bloqueado${by} (${which}): documentos e eventos novos não são aceitos. As consultas continuam; o que já foi aceito termina.`,
    contrato ? { contrato } : {},
  );
}
