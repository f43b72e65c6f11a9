import { type DocumentIdentity, documentId } from '@malote/fiscal/emission/identity';
import { mayBeThere, type OutroDocumento } from '@malote/fiscal/emission/lifecycle-state';
import type { Documento } from '@malote/store/documento';
import type { Documentos } from '@malote/store/documentos';
import Joi from 'joi';
import { layoutQuery } from '../layout-query.ts';
import { anchored } from '../present-document.schema.ts';
import { locationOf, statusOf } from '../present-document.ts';
import { Problem } from '../problems.ts';

/** Query of the post of a document. */
export const emitQuery = layoutQuery.append<{ layout: 'sefaz' | 'oobj'; substitui?: string }>({
  substitui: Joi.string()
    .pattern(anchored('chaveAcesso'))
    .empty('')
    .description('Chave da nota de destino desconhecido em cujo lugar esta é emitida (`acao: reemitir-com-novo-numero`).'),
});

export type SubstituicaoDeps = Pick<Documentos, 'findByChave' | 'findById'>;

/**
 * The document that a posted one takes the place of. It must be of the same company, and its fate must still be unknown, or the sale would be
 * there twice (MOC 7.0 Anexo III 2.3.3); once the substitute is stored, repeating its post asks nothing any more. @throws Problem
 */
export async function substituidaOf(
  deps: SubstituicaoDeps,
  { conta, chave, identity }: { conta: string; chave: string; identity: DocumentIdentity },
): Promise<OutroDocumento> {
  const { emitente, tpAmb, modelo } = identity;
  const first = await deps.findByChave({ conta, chave, tpAmb });
  if (first?.conta !== conta || first.emitente !== emitente || first.modelo !== modelo) {
    throw new Problem('documento-desconhecido', 'Não há documento desta empresa com a chave do parâmetro substitui.');
  }
  const id = documentId(identity);
  const stored = await deps.findById(id);
  if (stored?.conta !== conta || stored.substitui?.documentoId !== first._id) checkMayBeSubstituted(first, id);
  return { documentoId: first._id, chave };
}

function checkMayBeSubstituted(first: Documento, id: string): void {
  const refuse = (why: string): never => {
    throw new Problem('substituicao-nao-admitida', `A nota ${first.chave} não admite substituta: ${why}.`, {
      headers: { Location: locationOf(first) },
    });
  };
  if (first._id === id) refuse('a substituta precisa de outro número');
  if (first.substituidaPor && first.substituidaPor.documentoId !== id) refuse('ela já tem uma (veja substituidaPor)');
  const unknownFate = first.state === 'uncertain' || (first.state === 'signed' && mayBeThere(first));
  if (!unknownFate) refuse(`o status dela é "${statusOf(first)}", e só se substitui uma nota de destino desconhecido`);
}
