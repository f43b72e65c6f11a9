import { buildChave, type ChaveAcesso } from '../chave/chave-acesso.ts';
import { chaveDv } from '../chave/check-digits.ts';
import { isWeakCnf } from '../chave/cnf.ts';
import type { Fault } from '../fault.ts';
import { fieldEdit } from '../xml/field-edit.ts';
import { normalize } from '../xml/normalize.ts';
import { child, parseXml, textAt, type XmlDocument, type XmlElement, XmlError } from '../xml/parse.ts';
import { type Edit, splice } from '../xml/splice.ts';
import { emissionFault } from './fault-codes.ts';
import { type DocumentIdentity, type Layout, type LocatedDocument, locateDocument, readFields } from './identity.ts';
import { carriesQrCode } from './qr-code.ts';
import { type RespTec, respTecEdits } from './resp-tec.ts';

export interface PrepareRequest {
  /** the document as received; read already when the caller has done that */
  text: string | XmlDocument;
  layout: Layout;
  /** as decided; changed in the document when it says another one */
  tpEmis: string;
  /** used when the document brings none; stored by the caller, so that a retry makes the same chave */
  cNF: string;
  respTec?: RespTec;
  csrt?: string;
  /** written only when the document has no verProc */
  verProc?: string;
  /** for a tpEmis other than 1 decided here: written where the document has none */
  contingencia?: { dhCont: string; xJust: string };
}

/** `xml` starts with the document's own root: UTF-8, official namespace, no prefixes, nothing between tags, ready to be signed. */
export type PrepareResult = { ok: true; xml: string; chave: ChaveAcesso; versao: string } | { ok: false; faults: Fault[] };

/** Order of ide in leiauteNFe 4.00, as far as it decides where an added field goes. */
const IDE_ORDER = [
  ...['cUF', 'cNF', 'natOp', 'mod', 'serie', 'nNF', 'dhEmi', 'dhSaiEnt', 'dPrevEntrega', 'tpNF', 'idDest', 'cMunFG', 'cMunFGIBS'],
  ...['tpImp', 'tpEmis', 'cDV', 'tpAmb', 'finNFe', 'tpNFDebito', 'tpNFCredito', 'indFinal', 'indPres', 'indIntermed', 'cIndOp'],
  ...['procEmi', 'verProc', 'dhCont', 'xJust'],
];

/**
 * Completes an unsigned document: cNF, cDV, tpEmis, Id, versao, infRespTec with hashCSRT, verProc and contingência fields. What the document
 * brings is kept (but the infNFeSupl of an NFC-e, see qr-code); an Id, cDV or cNF that contradicts its own fields is a fault (they are compared with the tpEmis as written, since the
 * hub may decide another one). dhEmi and everything else stay byte for byte: nothing is serialised again. Never throws for a bad document;
 * throws RangeError for a weak `cNF` of the caller.
 */
export function prepare(request: PrepareRequest): PrepareResult {
  const doc = parse(request.text);
  if (Array.isArray(doc)) return { ok: false, faults: doc };
  const located = locateDocument(doc, request.layout);
  if (Array.isArray(located)) return { ok: false, faults: located };
  const identity = readFields(located);
  if (Array.isArray(identity)) return { ok: false, faults: identity };
  const { inf, info } = located;
  const refused = refuse(identity, located);
  if (refused) return { ok: false, faults: [refused] };

  const key = resolveKey(identity, located, request);
  if (Array.isArray(key)) return { ok: false, faults: key };
  const { chave, cNF } = key;

  const ide = child(inf, 'ide') as XmlElement;
  const fields: [string, string | undefined][] = [
    ['cNF', cNF],
    ['tpEmis', request.tpEmis],
    ['cDV', chave.slice(43)],
    ['verProc', textAt(ide, 'verProc') ? undefined : request.verProc],
    ['dhCont', textAt(ide, 'dhCont') ? undefined : request.contingencia?.dhCont],
    ['xJust', textAt(ide, 'xJust') ? undefined : request.contingencia?.xJust],
  ];
  const edits: Edit[] = [];
  const replaced = new Set<XmlElement>();
  for (const [tag, text] of fields) {
    const edit = text === undefined ? undefined : fieldEdit(ide, tag, text, IDE_ORDER);
    if (!edit) continue;
    edits.push(edit.edit);
    if (edit.replaced) replaced.add(edit.replaced);
  }
  // Its hash and digest need the key that is made here: it is written again, after signing.
  const supplement = carriesQrCode(identity) ? child(located.note, 'infNFeSupl') : undefined;
  if (supplement) {
    edits.push({ at: supplement.start, remove: supplement.end - supplement.start, insert: '' });
    replaced.add(supplement);
  }
  const respTec = respTecEdits(inf, { chave, respTec: request.respTec, csrt: request.csrt });
  for (const element of respTec.replaced) replaced.add(element);

  const normal = normalize(
    doc,
    { message: located.note, signed: inf, namespace: info.namespace },
    {
      replaced,
      attributes: new Map([[inf, { Id: `${info.idPrefix}${chave}`, versao: info.versao }]]),
      fault: (rule, path, message) => emissionFault(rule === 'namespace' ? 'EMI-002' : 'EMI-006', path, message),
    },
  );
  const faults = [...respTec.faults, ...normal.faults];
  if (faults.length > 0) return { ok: false, faults };
  return { ok: true, xml: splice(doc.text, [...edits, ...respTec.edits, ...normal.edits]), chave, versao: info.versao };
}

function parse(text: string | XmlDocument): XmlDocument | Fault[] {
  if (typeof text !== 'string') return text;
  try {
    return parseXml(text);
  } catch (error) {
    if (!(error instanceof XmlError)) throw error;
    return [{ code: error.codigo, path: '', message: error.message }];
  }
}

function refuse(identity: DocumentIdentity, { note, inf, info }: LocatedDocument): Fault | undefined {
  if (info.familia !== 'nfe') {
    return emissionFault('EMI-037', note.local, `A emissão do modelo ${identity.modelo} (${info.sigla}) ainda não é feita por este hub.`);
  }
  if (identity.assinado) {
    const message = 'O documento já está assinado e este hub ainda não transmite documentos assinados fora dele. Envie-o sem Signature.';
    return emissionFault('EMI-031', `${note.local}/Signature`, message);
  }
  const versao = inf.attributes.get('versao');
  if (versao !== undefined && versao !== info.versao) {
    const message = `A versão do leiaute é ${info.versao}; o documento diz "${versao.slice(0, 10)}". Gere-o no leiaute ${info.versao}.`;
    return emissionFault('EMI-035', `${inf.local}/@versao`, message);
  }
  return undefined;
}

/** The chave and the cNF in it, from what the document brings and what was decided. */
function resolveKey(
  identity: DocumentIdentity,
  { inf, info }: LocatedDocument,
  request: PrepareRequest,
): { chave: ChaveAcesso; cNF: string } | Fault[] {
  const id = inf.attributes.get('Id') ?? '';
  const idChave = id.slice(info.idPrefix.length);
  if (id !== '' && !(id.startsWith(info.idPrefix) && /^[0-9]{6}[0-9A-Z]{12}[0-9]{26}$/.test(idChave))) {
    const rule = `O Id é ${info.idPrefix} seguido das 44 posições da chave de acesso. Corrija-o ou retire-o: ele é montado aqui`;
    return [emissionFault('EMI-032', `${inf.local}/@Id`, `Id "${id.slice(0, 60)}" é inválido. ${rule}.`)];
  }
  const givenCnf = textAt(inf, `ide/${info.codigoTag}`)?.trim() ?? '';
  const keptCnf = givenCnf || idChave.slice(35, 43);
  const path = `${inf.local}/ide/${info.codigoTag}`;
  if (keptCnf !== '' && isWeakCnf(keptCnf, identity.numero)) {
    const rule = 'use 8 dígitos aleatórios, diferentes do número e sem repetição ou sequência, ou retire o campo: ele é sorteado aqui';
    return [emissionFault('EMI-034', path, `${info.codigoTag} "${keptCnf.slice(0, 20)}" não é aceito: ${rule}.`)];
  }
  if (keptCnf === '' && isWeakCnf(request.cNF, identity.numero)) throw new RangeError('prepare was given a weak cNF');

  const cNF = keptCnf || request.cNF;
  const asWritten = buildKey(identity, identity.tpEmis, cNF);
  if (id !== '') {
    const differing = differences(idChave, asWritten);
    if (differing.length > 0) {
      const message = `O Id não corresponde aos campos do documento: ${differing.join('; ')}. Corrija-o ou retire-o: ele é montado aqui.`;
      return [emissionFault('EMI-032', `${inf.local}/@Id`, message)];
    }
  }
  const cDV = textAt(inf, 'ide/cDV')?.trim() ?? '';
  // Without a cNF of its own the document's cDV belongs to no key: it is replaced.
  if (keptCnf !== '' && cDV !== '' && cDV !== asWritten.slice(43)) {
    const message = `cDV "${cDV.slice(0, 5)}" não é o dígito da chave ${asWritten.slice(0, 43)}, que é ${asWritten.slice(43)}. Corrija-o ou retire-o.`;
    return [emissionFault('EMI-033', `${inf.local}/ide/cDV`, message)];
  }
  return { chave: buildKey(identity, request.tpEmis, cNF), cNF };
}

function buildKey(identity: DocumentIdentity, tpEmis: string, cNF: string): ChaveAcesso {
  const { cUF, dhEmi, emitente, modelo, serie, numero } = identity;
  const aamm = dhEmi.slice(2, 4) + dhEmi.slice(5, 7);
  return buildChave({ cUF, aamm, documento: emitente, modelo, serie: String(serie), numero: String(numero), tpEmis, cNF });
}

/** The parts of a chave: name and end of each. */
const PARTS: readonly (readonly [string, number])[] = [
  ['cUF', 2],
  ['ano e mês de dhEmi', 6],
  ['CNPJ ou CPF do emitente', 20],
  ['mod', 22],
  ['serie', 25],
  ['número', 34],
  ['tpEmis', 35],
  ['cNF', 43],
];

function differences(given: string, fields: ChaveAcesso): string[] {
  let start = 0;
  const found: string[] = [];
  for (const [name, end] of PARTS) {
    const [inId, inFields] = [given.slice(start, end), fields.slice(start, end)];
    if (inId !== inFields) found.push(`${name} é ${inId} no Id e ${inFields} nos campos`);
    start = end;
  }
  if (found.length === 0 && given !== fields)
    found.push(`o dígito verificador é ${given.slice(43)} e devia ser ${chaveDv(given.slice(0, 43))}`);
  return found;
}
