import type { Escopo } from '@malote/store/credenciais';
import { Problem } from './problems.ts';
import type { Session } from './sessions.ts';

/** Documents, previews and ranges of numbers. */
export const EMITS: readonly Escopo[] = ['emissao'];
/** Events; each kind then asks for its own: escoposOfEvento. */
export const ASKS_EVENTOS: readonly Escopo[] = ['emissao', 'recebimento'];
/** Manifestação do destinatário: the reaction to a document that was received (NT 2020.001). */
const MANIFESTACOES = new Set(['210200', '210210', '210220', '210240']);

/** Who may ask for an event of this type. */
export const escoposOfEvento = (tpEvento: string): readonly Escopo[] => (MANIFESTACOES.has(tpEvento) ? ['recebimento'] : EMITS);

/** Whatever a credential emits or receives, it may also look at. */
export const READS: readonly Escopo[] = ['leitura', 'emissao', 'recebimento'];
/** Companies, certificates, CSC, entities. */
export const ADMINISTERS: readonly Escopo[] = ['administracao'];
export const READS_ADMINISTRATION: readonly Escopo[] = ['administracao', 'leitura'];

/** Throws the 403 when the session has none of the scopes. */
export function requireEscopo({ escopos }: Pick<Session, 'escopos'>, wanted: readonly Escopo[] | undefined): void {
  if (!wanted || wanted.some((escopo) => escopos.includes(escopo))) return;
  const missing = `Esta chamada exige o escopo ${wanted.join(' ou ')}`;
  throw new Problem('escopo-insuficiente', `${missing}; a credencial desta chamada tem ${escopos.join(', ') || 'nenhum'}.`);
}
