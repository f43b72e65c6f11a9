import type { Modelo } from '../model/modelo.ts';
import { EVENTO_DATA } from './data/eventos.data.ts';
import type { EventoFaultCode } from './fault-codes.ts';

/** A field of detEvento that the hub fills in when the caller leaves it out. */
export type Preenchido = 'cOrgaoAutor' | 'tpAutor' | 'verAplic' | 'nProt' | 'nProtEvento';

/** A field of the JSON form of an event, and what it becomes in detEvento. */
export interface CampoJson {
  nome: string;
  tag: string;
  opcional?: true;
  /** an array, one element each */
  lista?: true;
  /** an object: its fields become the children */
  filhos?: readonly CampoJson[];
  /** a CNPJ or CPF, inside its own element */
  pessoa?: true;
  /** true or false, written 1 or 0 */
  logico?: true;
  /** an attribute of the element around it */
  atributo?: true;
  /** may be left out when `imagem` (base64) is given: the hash of chave and image is then made here (NT 2021.001) */
  imagem?: true;
  /** how many a number is written with; a text stays as it is */
  decimais?: number;
}

/** What code has to know of one event of one model: see data/eventos.data.ts. */
export interface EventoKind {
  tpEvento: string;
  modelos: readonly Modelo[];
  descEvento: string;
  /** other spellings that the XSD takes */
  descricoes?: readonly string[];
  /** who registers it: the authoriser of the document, the national environment or SVRS */
  orgao: 'UF' | 'AN' | 'SVRS';
  /** cOrgao where it is not the UF of the key */
  cOrgao?: '91' | '92';
  autor: 'emitente' | 'destinatario' | 'outro';
  /** written where the request has none; `parte`: 1 when the emitter of the key signs, else 2 */
  tpAutor?: '1' | '2' | '8' | 'parte';
  maxSeq: number;
  /** name in JSON */
  tipo?: string;
  /** a registered one cancels the document */
  cancela?: true;
  /** registered events that SEFAZ refuses it for; `salvo` takes one of them back */
  bloqueadoPor?: readonly { tpEvento: string; salvo?: string; code: EventoFaultCode; motivo: string }[];
  /** field of detEvento with the key of the note that takes the place of this one (NT 2018.004) */
  substitui?: string;
  /** only at the normal authoriser, never at an SVC */
  soNormal?: true;
  /** the events that it undoes: it carries the protocolo of one of them */
  desfaz?: readonly string[];
  /** its nSeqEvento is that of the event it undoes, so the request has to say it (NT 2025.002) */
  seqDoDesfeito?: true;
  /** comes before its note is authorised, and is made by the hub itself (EPEC) */
  previo?: true;
  /** false: the tax authority's own, or no longer taken */
  enviavel: boolean;
  /** false: belongs to a service that is not there yet */
  suportado: boolean;
  versao: '1.00';
  /** order of the fields of detEvento in the XSD, as far as one that is filled in needs it */
  campos: readonly string[];
  preenche: readonly Preenchido[];
  /** texts that the XSD fixes; `se`: only when that field of detEvento has that value */
  fixos?: readonly { tag: string; texto: string; se?: { tag: string; valor: string } }[];
  json?: readonly CampoJson[];
}

const BY_CODE = new Map(EVENTO_DATA.flatMap((kind) => kind.modelos.map((modelo) => [`${modelo}.${kind.tpEvento}`, kind])));
const BY_TIPO = new Map(
  EVENTO_DATA.flatMap((kind) => (kind.tipo ? kind.modelos.map((modelo): [string, EventoKind] => [`${modelo}.${kind.tipo}`, kind]) : [])),
);

/** Every row, for tables and tests. */
export const EVENTO_KINDS: readonly EventoKind[] = EVENTO_DATA;

/** The event of a model by its code; undefined when the model has none such. */
export function eventoKind(modelo: string, tpEvento: string): EventoKind | undefined {
  return BY_CODE.get(`${modelo}.${tpEvento}`);
}

/** The event of a model by its name in JSON (`cancelamento`) or by its code. */
export function kindOfTipo(modelo: string, tipo: string): EventoKind | undefined {
  return BY_TIPO.get(`${modelo}.${tipo}`) ?? eventoKind(modelo, tipo);
}
