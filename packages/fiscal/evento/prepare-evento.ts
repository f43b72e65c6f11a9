import type { Layout } from '../emission/identity.ts';
import type { Fault } from '../fault.ts';
import { fieldEdit } from '../xml/field-edit.ts';
import { normalize } from '../xml/normalize.ts';
import { child, textAt, type XmlDocument, type XmlElement } from '../xml/parse.ts';
import { type Edit, escapeText, splice } from '../xml/splice.ts';
import { eventoFault } from './fault-codes.ts';
import type { EventoKind, Preenchido } from './kinds.ts';
import { EVENTO_NAMESPACE, type LocatedEvento, locateEvento } from './locate-evento.ts';

export interface PrepareEventoRequest {
  /** the request as received */
  doc: XmlDocument;
  layout: Layout;
  kind: EventoKind;
  /** of the document */
  chave: string;
  tpAmb: '1' | '2';
  /** CNPJ or CPF of who signs */
  autor: string;
  cOrgao: string;
  nSeqEvento: number;
  /** with its offset; a given one is kept (see rules.ts) */
  dhEvento: string;
  /** protocolo of the document, for the kinds whose detEvento has nProt */
  nProt?: string;
  /** protocolo of the event that this one undoes, where the request does not name it */
  nProtEvento?: string;
  /** IBGE code of the author's UF; default that of the key */
  cOrgaoAutor?: string;
  /** at most 20 characters; default `Malote` */
  verAplic?: string;
}

/** `xml` starts with `<evento`: UTF-8, official namespace, no prefixes, nothing between tags, ready to be signed; `dhEvento` is what stands in it. */
export type PrepareEventoResult = { ok: true; xml: string; versao: string; dhEvento: string } | { ok: false; faults: Fault[] };

/** Order of infEvento in every leiaute of the events of NF-e. */
const INF_ORDER = ['cOrgao', 'tpAmb', 'CNPJ', 'CPF', 'chNFe', 'dhEvento', 'tpEvento', 'nSeqEvento', 'verEvento', 'detEvento'];

/** Id of infEvento: `ID`, tpEvento, chave and nSeqEvento with two digits (54 characters). */
export function eventoId(facts: { tpEvento: string; chave: string; nSeqEvento: number }): string {
  return `ID${facts.tpEvento}${facts.chave}${String(facts.nSeqEvento).padStart(2, '0')}`;
}

/**
 * Completes an unsigned event: Id, versao, cOrgao, tpAmb, author, chNFe, dhEvento, nSeqEvento, verEvento, descEvento and what else the row of
 * its kind says. What the caller wrote in detEvento stays byte for byte; what contradicts the facts is a fault. Never throws for a bad request.
 */
export function prepareEvento(request: PrepareEventoRequest): PrepareEventoResult {
  const located = locateEvento(request.doc, request.layout);
  if (Array.isArray(located)) return { ok: false, faults: located };
  const { kind } = request;
  const { evento, inf, det } = located;
  const faults = contradictions(located, request);
  const dhEvento = textAt(inf, 'dhEvento')?.trim() || request.dhEvento;
  const fixed = fixedFields({ ...request, dhEvento });
  const edits: Edit[] = [];
  const replaced = new Set<XmlElement>();
  const attributes = new Map([
    [evento, { versao: kind.versao }],
    [inf, { Id: eventoId({ ...request, tpEvento: kind.tpEvento }) }],
  ] as [XmlElement, Record<string, string>][]);
  const apply = (parent: XmlElement, tag: string, text: string, order: readonly string[]) => {
    const edit = fieldEdit(parent, tag, text, order);
    if (!edit) return;
    edits.push(edit.edit);
    if (edit.replaced) replaced.add(edit.replaced);
  };
  for (const [tag, text] of fixed) apply(inf, tag, text, INF_ORDER);

  const fields = det ? missingFields(det, request, faults) : [];
  if (det) checkDescricao(det, kind, fields, faults);
  if (det && det.openEnd !== det.end) {
    for (const [tag, text] of fields) apply(det, tag, text, kind.campos);
    attributes.set(det, { versao: kind.versao });
  } else if (det) {
    const inner = fields.map(([tag, text]) => `<${tag}>${escapeText(text)}</${tag}>`).join('');
    edits.push({ at: det.start, remove: det.end - det.start, insert: `<detEvento versao="${kind.versao}">${inner}</detEvento>` });
    replaced.add(det);
  } else {
    faults.push(eventoFault('EVT-005', 'infEvento/detEvento', 'Falta o grupo detEvento com os dados do evento.'));
  }

  const fault = (rule: 'namespace' | 'attribute', path: string, message: string) =>
    eventoFault(rule === 'namespace' ? 'EVT-002' : 'EVT-006', path, message);
  const sent = { message: evento, signed: inf, namespace: EVENTO_NAMESPACE };
  const normal = normalize(request.doc, sent, { replaced, attributes, fault });
  faults.push(...normal.faults);
  if (faults.length > 0) return { ok: false, faults };
  return { ok: true, xml: splice(request.doc.text, [...edits, ...normal.edits]), versao: kind.versao, dhEvento };
}

function fixedFields({ kind, chave, tpAmb, autor, cOrgao, nSeqEvento, dhEvento }: PrepareEventoRequest): [string, string][] {
  return [
    ['cOrgao', cOrgao],
    ['tpAmb', tpAmb],
    [autor.length === 11 ? 'CPF' : 'CNPJ', autor],
    ['chNFe', chave],
    ['dhEvento', dhEvento],
    ['tpEvento', kind.tpEvento],
    ['nSeqEvento', String(nSeqEvento)],
    ['verEvento', kind.versao],
  ];
}

/** The fields of detEvento that the caller left out or empty, in the order of the XSD. */
function missingFields(det: XmlElement, request: PrepareEventoRequest, faults: Fault[]): [string, string][] {
  const { kind } = request;
  const text = (tag: string) => textAt(det, tag)?.trim() ?? '';
  const known: Readonly<Record<Preenchido, string | undefined>> = {
    cOrgaoAutor: request.cOrgaoAutor ?? request.chave.slice(0, 2),
    tpAutor: kind.tpAutor === 'parte' ? (isEmitter(request) ? '1' : '2') : kind.tpAutor,
    verAplic: request.verAplic ?? 'Malote',
    nProt: kind.desfaz ? request.nProtEvento : request.nProt,
    nProtEvento: request.nProtEvento,
  };
  const wanted: [string, string | undefined][] = [
    ['descEvento', kind.descEvento],
    ...kind.preenche.map((tag): [string, string | undefined] => [tag, known[tag]]),
    ...(kind.fixos ?? []).filter(({ se }) => !se || text(se.tag) === se.valor).map(({ tag, texto }): [string, string] => [tag, texto]),
  ];
  const fields: [string, string][] = [];
  for (const [tag, value] of wanted) {
    if (text(tag) !== '') continue;
    if (value !== undefined) fields.push([tag, value]);
    else
      faults.push(eventoFault('EVT-027', `infEvento/detEvento/${tag}`, `Falta ${tag} em detEvento e ele não é conhecido aqui: informe-o.`));
  }
  return fields;
}

/** SEFAZ takes the one spelling of the layout: another use of accents or case is put right, another text is a fault. */
function checkDescricao(det: XmlElement, kind: EventoKind, fields: [string, string][], faults: Fault[]): void {
  const given = textAt(det, 'descEvento')?.trim() ?? '';
  if (given === '' || [kind.descEvento, ...(kind.descricoes ?? [])].includes(given)) return;
  if (plain(given) === plain(kind.descEvento)) {
    fields.unshift(['descEvento', kind.descEvento]);
    return;
  }
  const message = `descEvento "${given.slice(0, 100)}" não é a do evento ${kind.tpEvento}. Use "${kind.descEvento}" ou retire o campo.`;
  faults.push(eventoFault('EVT-023', 'infEvento/detEvento/descEvento', message));
}

function plain(text: string): string {
  return text
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase();
}

/** The key carries the emitter's CNPJ, or its CPF behind zeros. */
function isEmitter({ autor, chave }: PrepareEventoRequest): boolean {
  return chave.slice(6, 20) === autor.padStart(14, '0');
}

/** What the request says and the facts do not. */
function contradictions({ evento, inf }: LocatedEvento, request: PrepareEventoRequest): Fault[] {
  const { kind, chave, tpAmb, autor, nSeqEvento } = request;
  const faults: Fault[] = [];
  if (child(evento, 'Signature')) {
    const message = 'O evento já está assinado. Envie-o sem Signature: a assinatura é feita aqui.';
    faults.push(eventoFault('EVT-020', 'evento/Signature', message));
  }
  const id = inf.attributes.get('Id') ?? '';
  const expected = eventoId({ chave, nSeqEvento, tpEvento: kind.tpEvento });
  if (id !== '' && id !== expected) {
    const message = `O Id "${id.slice(0, 60)}" não corresponde aos campos do evento, que dão ${expected}. Corrija-o ou retire-o: ele é montado aqui.`;
    faults.push(eventoFault('EVT-021', 'infEvento/@Id', message));
  }
  const given = (tag: string) => textAt(inf, tag)?.trim() || undefined;
  const author = given('CNPJ') ?? given('CPF');
  if (author !== undefined && author !== autor) {
    faults.push(
      eventoFault('EVT-024', 'infEvento/CNPJ', `O autor do evento ${author.slice(0, 20)} não é ${autor}, que o assina. Corrija-o.`),
    );
  }
  if (given('chNFe') !== undefined && given('chNFe') !== chave) {
    faults.push(eventoFault('EVT-025', 'infEvento/chNFe', `chNFe não é a chave do documento (${chave}). Corrija-a ou retire o campo.`));
  }
  if (given('tpAmb') !== undefined && given('tpAmb') !== tpAmb) {
    faults.push(eventoFault('EVT-026', 'infEvento/tpAmb', `tpAmb não é o do documento (${tpAmb}). Corrija-o ou retire o campo.`));
  }
  for (const [tag, versao] of [
    ['@versao', evento.attributes.get('versao')],
    ['infEvento/verEvento', given('verEvento')],
    ['infEvento/detEvento/@versao', child(inf, 'detEvento')?.attributes.get('versao')],
  ] as const) {
    if (versao !== undefined && versao !== kind.versao) {
      faults.push(eventoFault('EVT-022', tag, `A versão do evento é ${kind.versao}; o pedido diz "${versao.slice(0, 10)}". Corrija-a.`));
    }
  }
  return faults;
}
