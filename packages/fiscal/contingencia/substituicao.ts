/**
 * Where the saga of a substituted document stands (SEFAZ.md 4.5; MOC 7.0 Anexo III 2.3.3): one of two notes of one sale must remain. Its
 * decisions are `decideSubstituicao`.
 * - `aguarda`: the substitute is not authorised yet, or the fate of the first is not known.
 * - `cancelar`: both are authorised; the first is being cancelled by the evento `eventoId`.
 * - `inutilizar`: SEFAZ never got the first; its number is being made void by `inutilizacaoId`.
 * - `concluida`: one of the two remains; `por` says how.
 * - `manual`: SEFAZ refuses what would end it; a person has to (`motivo`).
 */
export interface Substituicao {
  situacao: 'aguarda' | 'cancelar' | 'inutilizar' | 'concluida' | 'manual';
  desde: Date;
  /** 217 was answered then, long enough after the last transmission; asked once more an hour later. */
  ausenteEm?: Date;
  eventoId?: string;
  inutilizacaoId?: string;
  por?: 'cancelamento' | 'inutilizacao' | 'rejeicao' | 'substituta-recusada';
  motivo?: string;
}
