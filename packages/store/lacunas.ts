import { mayBeThere } from '@malote/fiscal/emission/lifecycle-state';
import { type Lacunas, lacunas, type NumeroDaSerie } from '@malote/fiscal/inutilizacao/lacunas';
import { isRefused } from '@malote/fiscal/registro/registro-state';
import type { Documento, DocumentoModel } from './documento.ts';
import type { Documentos, NumberRange } from './documentos.ts';
import { idOf } from './find-documento.ts';
import type { Inutilizacoes, RangeState } from './inutilizacao.ts';

export interface ReadLacunasDeps {
  inRange: Documentos['inRange'];
  inutilizacoes: Pick<Inutilizacoes, 'overlapping'>;
}

/** The gaps of a range of numbers, and what they were read from. */
export interface LacunasLidas extends Lacunas {
  /** by number */
  documentos: Documento[];
  /** whatever their state */
  inutilizacoes: RangeState[];
}

/** The gaps between used numbers of the range. `hoje`: today in the emitter's zone, `2026-11-21`. */
export async function readLacunas({ inRange, inutilizacoes }: ReadLacunasDeps, range: NumberRange, hoje: string): Promise<LacunasLidas> {
  const [documentos, asked] = await Promise.all([inRange(range), inutilizacoes.overlapping(range)]);
  // One that is under way keeps its numbers from being proposed again.
  const inutilizadas = asked.filter(({ state }) => !isRefused(state));
  const { de, ate } = range;
  return { ...lacunas({ de, ate, numeros: documentos.map(numeroOf), inutilizadas, hoje }), documentos, inutilizacoes: asked };
}

/** What decides whether the number of a document is used, lost, or uncertain. */
export function numeroOf(documento: Documento): NumeroDaSerie {
  const { numero, state, tpEmis, tpEmisInformado, chave, rodadas, dhEmi } = documento;
  // The 35th position of a key is its tpEmis: of each round the number was ever signed in.
  const signed = [chave, ...rodadas.map((rodada) => rodada.chave)].flatMap((key) => key?.charAt(34) ?? []);
  // Posted as contingency it may have been printed before it came here, signed or not.
  return {
    ...{ numero, state, tpEmis: [...new Set([tpEmisInformado, ...(tpEmis ? [tpEmis] : []), ...signed])] },
    transmitido: mayBeThere(documento) || rodadas.some(mayBeThere),
    aamm: dhEmi.slice(2, 4) + dhEmi.slice(5, 7),
  };
}

export type Serie = Omit<NumberRange, 'de' | 'ate'>;

/** Every série in which an emitter has a document of a model, over all UFs: one step of the primary key for each. */
export async function seriesOf(model: DocumentoModel, where: Pick<Serie, 'emitente' | 'tpAmb' | 'modelo'>): Promise<Serie[]> {
  const prefix = `${where.emitente}.${where.tpAmb}.${where.modelo}.`;
  const found: Serie[] = [];
  for (let after = prefix; ; ) {
    const next = { _id: { $gt: after, $lt: `${prefix}~` } as never };
    const row = await model.collection.findOne(next, { sort: { _id: 1 }, projection: { cUF: 1, serie: 1 } });
    if (!row) return found;
    const serie = { ...where, cUF: row.cUF as string, serie: row.serie as number };
    found.push(serie);
    after = idOf({ ...serie, numero: 999_999_999 });
  }
}
