import { isChave } from '../chave/chave-acesso.ts';
import { child, children, textAt, type XmlDocument, type XmlElement } from '../xml/parse.ts';
import { type CStatClass, type CStatFamily, classifyCStat } from './c-stat.ts';
import { parseAnswer } from './parse-answer.ts';
import { selfContained } from './self-contained.ts';

/** The answer of the authoriser about one document, with its proof. */
export interface Protocolo {
  /** the protNFe bytes as received (see self-contained.ts for the one case in which declarations are added) */
  xml: string;
  chave: string;
  cStat: string;
  xMotivo: string;
  nProt?: string;
  /** base64 SHA-1 of the infNFe that SEFAZ holds */
  digVal?: string;
  dhRecbto?: string;
  /** cStat 120 (NT 2026.002): up to five */
  alertas: { cMsg: string; xMsg: string }[];
  tpAmb?: string;
  verAplic?: string;
}

export type RetornoKind = 'authorize' | 'consult' | 'status';

/**
 * - `document`: a definite word. Of an authorisation: the fate of the document. Of a consult: authorized, cancelled, denied, not-found (217
 *   only) and duplicate (another key has the number) speak of the document; every other class only says that the *question* was not answered.
 * - `status`: the service's own state.
 * - `unreadable`: the answer proves nothing; whatever was asked for may have happened.
 */
export type Retorno =
  | {
      kind: 'document';
      class: CStatClass;
      cStat: string;
      xMotivo: string;
      protocolo?: Protocolo;
      /** what the message itself said: the batch of an authorisation, the top of a consult */
      service: { cStat: string; xMotivo: string };
      dhRecbto?: string;
      /** procEventoNFe of a consult, each a document of its own, as received */
      eventos?: string[];
      /** receipt of a batch taken for later processing (103) */
      recibo?: string;
      /** the other key that a duplicate names (539, 561, 562, 613 …) */
      chaveNoMotivo?: string;
    }
  | { kind: 'status'; class: CStatClass; cStat: string; xMotivo: string; tMed?: number; dhRetorno?: string }
  | { kind: 'unreadable'; reason: string; cStat?: string; xMotivo?: string };

interface Shape {
  family: CStatFamily;
  namespace: string;
  prot: string;
  chave: string;
  evento: string;
}

const NFE: Shape = {
  family: 'nfe',
  namespace: 'http://www.portalfiscal.inf.br/nfe',
  prot: 'protNFe',
  chave: 'chNFe',
  evento: 'procEventoNFe',
};

const SHAPES: Readonly<Record<RetornoKind, Readonly<Record<string, Shape>>>> = {
  authorize: { retEnviNFe: NFE },
  consult: { retConsSitNFe: NFE },
  status: { retConsStatServ: NFE },
};

/** Classes that cannot be the fate of one document: inside a protNFe they prove nothing. 635 (same number still in process) is among them. */
const NO_FATE: ReadonlySet<CStatClass> = new Set<CStatClass>([
  'in-process',
  'processed',
  'service-status',
  'found',
  'empty',
  'not-found',
  'registered',
  'inutilizado',
  'closed',
]);

/** What a batch may say without a protNFe. Everything else needs the proof inside. */
const FATE_WITHOUT_PROOF: ReadonlySet<CStatClass> = new Set<CStatClass>([
  'rejected',
  'duplicate',
  'schema',
  'certificate',
  'throttled',
  'unavailable',
  'svc',
  'in-process',
  'internal',
  'unknown',
]);

class Unreadable extends Error {
  readonly said: { cStat?: string; xMotivo?: string };
  constructor(reason: string, said: { cStat?: string; xMotivo?: string } = {}) {
    super(reason);
    this.said = said;
  }
}

/**
 * Reads the content of nfeResultMsg (retEnviNFe, retConsSitNFe or retConsStatServ, layout 4.00). Never throws: what cannot be read or
 * proves nothing (HTML, empty, another root, 104 without protNFe, 103 inside one, 100 without nProt) is `unreadable`; 999 is class
 * `internal` and a code of no table is class `unknown`. For all of these the outcome is unknown and the key has to be consulted.
 */
export function readRetorno(kind: RetornoKind, body: string): Retorno {
  try {
    const doc = parseAnswer(body);
    if (typeof doc === 'string') throw new Unreadable(doc);
    const shape = SHAPES[kind][doc.root.local];
    if (!shape) throw new Unreadable(`a resposta tem a raiz <${doc.root.name}>, que não é a deste serviço`);
    if (doc.root.uri !== shape.namespace && doc.root.uri !== '') throw new Unreadable('a resposta está em outro namespace');
    const service = readService(doc.root);
    if (kind === 'status') return readStatus(doc.root, shape, service);
    return kind === 'authorize' ? readAuthorize(doc, shape, service) : readConsult(doc, shape, service);
  } catch (error) {
    if (error instanceof Unreadable) return { kind: 'unreadable', reason: error.message, ...error.said };
    return { kind: 'unreadable', reason: 'a resposta não pôde ser lida' };
  }
}

function readService(root: XmlElement): { cStat: string; xMotivo: string } {
  const cStat = value(root, 'cStat');
  if (!cStat || !/^[0-9]{3,4}$/.test(cStat)) throw new Unreadable('a resposta não traz cStat', { xMotivo: value(root, 'xMotivo') });
  return { cStat, xMotivo: value(root, 'xMotivo') ?? '' };
}

function readStatus(root: XmlElement, shape: Shape, service: { cStat: string; xMotivo: string }): Retorno {
  const tMed = value(root, 'tMed');
  return {
    kind: 'status',
    class: classifyCStat(shape.family, service.cStat, service),
    ...service,
    tMed: tMed && /^[0-9]{1,9}$/.test(tMed) ? Number(tMed) : undefined,
    dhRetorno: value(root, 'dhRetorno'),
  };
}

function readAuthorize(doc: XmlDocument, shape: Shape, service: { cStat: string; xMotivo: string }): Retorno {
  const protocolo = readProtocolo(doc, shape);
  const dhRecbto = value(doc.root, 'dhRecbto');
  if (protocolo) return { ...fateOf(protocolo, shape), service, dhRecbto: protocolo.dhRecbto ?? dhRecbto };
  const found = classifyCStat(shape.family, service.cStat, service);
  if (!FATE_WITHOUT_PROOF.has(found)) throw new Unreadable(`cStat ${service.cStat} sem ${shape.prot}`, service);
  return {
    kind: 'document',
    class: found,
    ...service,
    service,
    dhRecbto,
    recibo: textAt(doc.root, 'infRec/nRec')?.trim(),
    chaveNoMotivo: chaveIn(found, service.xMotivo),
  };
}

function readConsult(doc: XmlDocument, shape: Shape, service: { cStat: string; xMotivo: string }): Retorno {
  const protocolo = readProtocolo(doc, shape);
  const found = classifyCStat(shape.family, service.cStat, { xMotivo: service.xMotivo, nProt: protocolo?.nProt });
  const dhRecbto = protocolo?.dhRecbto ?? value(doc.root, 'dhRecbto');
  const eventos = children(doc.root, shape.evento).map((e) => selfContained(doc, e, ''));
  if (found === 'authorized') {
    // The proof inside is what goes into the proc file: its cStat (120, 150) is the one to show.
    if (!protocolo) throw new Unreadable(`cStat ${service.cStat} sem ${shape.prot}`, service);
    const fate = fateOf(protocolo, shape);
    if (fate.class !== 'authorized')
      throw new Unreadable(`cStat ${service.cStat} com um ${shape.prot} de cStat ${protocolo.cStat}`, service);
    return { ...fate, service, dhRecbto, eventos };
  }
  if ((NO_FATE.has(found) && service.cStat !== '217') || (found === 'denied' && !protocolo)) {
    throw new Unreadable(`cStat ${service.cStat} não diz a situação do documento`, service);
  }
  return {
    kind: 'document',
    class: found,
    ...service,
    protocolo,
    service,
    dhRecbto,
    eventos,
    chaveNoMotivo: chaveIn(found, service.xMotivo),
  };
}

function fateOf(protocolo: Protocolo, shape: Shape) {
  const { cStat, xMotivo, nProt, chave } = protocolo;
  const found = classifyCStat(shape.family, cStat, { xMotivo, nProt });
  if (NO_FATE.has(found)) throw new Unreadable(`${shape.prot} com cStat ${cStat}, que não é resultado de um documento`, { cStat, xMotivo });
  if (found === 'authorized' && (!nProt || !isChave(chave))) {
    throw new Unreadable(`${shape.prot} com cStat ${cStat} sem nProt ou sem chave`, { cStat, xMotivo });
  }
  return { kind: 'document', class: found, cStat, xMotivo, protocolo, chaveNoMotivo: chaveIn(found, xMotivo) } as const;
}

function readProtocolo(doc: XmlDocument, shape: Shape): Protocolo | undefined {
  const found = children(doc.root, shape.prot);
  if (found.length > 1) throw new Unreadable(`a resposta traz ${found.length} ${shape.prot}`);
  const [prot] = found;
  if (!prot) return undefined;
  const inf = child(prot, 'infProt');
  const cStat = inf && value(inf, 'cStat');
  if (prot.uri !== doc.root.uri || inf?.uri !== prot.uri || !cStat) throw new Unreadable(`o ${shape.prot} da resposta está incompleto`);
  return {
    xml: selfContained(doc, prot, prot.uri),
    chave: value(inf, shape.chave) ?? '',
    cStat,
    xMotivo: value(inf, 'xMotivo') ?? '',
    nProt: value(inf, 'nProt') || undefined,
    digVal: value(inf, 'digVal') || undefined,
    dhRecbto: value(inf, 'dhRecbto'),
    alertas: readAlertas(inf),
    tpAmb: value(inf, 'tpAmb'),
    verAplic: value(inf, 'verAplic'),
  };
}

/** cMsg and xMsg come as a flat sequence of pairs. */
function readAlertas(inf: XmlElement): { cMsg: string; xMsg: string }[] {
  const alertas: { cMsg: string; xMsg: string }[] = [];
  for (const { local, text } of inf.children) {
    const last = alertas.at(-1);
    if (local === 'cMsg') alertas.push({ cMsg: text.trim(), xMsg: '' });
    else if (local === 'xMsg' && last && last.xMsg === '') last.xMsg = text.trim();
  }
  return alertas;
}

/** The first valid key in the text of a duplicate; SEFAZ writes it as `[chNFe: …]`, but not always so. */
function chaveIn(found: CStatClass, xMotivo: string): string | undefined {
  if (found !== 'duplicate') return undefined;
  const keys = xMotivo.match(/(?<![0-9A-Z])[0-9]{6}[0-9A-Z]{12}[0-9]{26}(?![0-9A-Z])/g) ?? [];
  return keys.find((key) => isChave(key));
}

function value(element: XmlElement, path: string): string | undefined {
  return textAt(element, path)?.trim();
}
