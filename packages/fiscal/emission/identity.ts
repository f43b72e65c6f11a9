import { hash } from 'node:crypto';
import { isChave } from '../chave/chave-acesso.ts';
import type { Fault } from '../fault.ts';
import { MODELO_CODES, MODELOS, type Modelo, type ModeloInfo } from '../model/modelo.ts';
import { type Uf, ufByCodigo } from '../model/uf.ts';
import { canonicalize } from '../xml/canonicalize.ts';
import { at, child, textAt, type XmlDocument, type XmlElement, XmlError } from '../xml/parse.ts';
import { parseDateTime } from './date-time.ts';
import { type EmissionFaultCode, emissionFault } from './fault-codes.ts';

/** `sefaz`: the official namespace. `oobj`: the same layout in the namespace of the Oobj hub (the official one is taken too). */
export type Layout = 'sefaz' | 'oobj';

/** What says which document this is. A number never gets a second identity: see documentId. */
export interface DocumentIdentity {
  /** CNPJ (14 characters, letters allowed) or CPF (11 digits), from emit, never from the chave */
  emitente: string;
  tipoEmitente: 'CNPJ' | 'CPF';
  tpAmb: '1' | '2';
  modelo: Modelo;
  cUF: string;
  uf: Uf;
  serie: number;
  numero: number;
  /** as written, with its own offset */
  dhEmi: string;
  /** the chave in a given Id, when it is a valid one */
  chaveInformada?: string;
  /** as written; 1 when absent */
  tpEmis: string;
  tpImp?: string;
  /** emit/IE absent: contributor of IBS/CBS only (NT 2026.007) */
  semIe: boolean;
  /** emit/IE as written */
  ie?: string;
  /** a Signature came with it */
  assinado: boolean;
}

export type IdentityResult =
  | { ok: true; identity: DocumentIdentity; inf: XmlElement; fingerprint: string }
  | { ok: false; faults: Fault[] };

/** Where the document stands in what was received. */
export interface LocatedDocument {
  /** NFe */
  note: XmlElement;
  /** infNFe */
  inf: XmlElement;
  info: ModeloInfo;
}

/** `<emitente>.<tpAmb>.<modelo>.<cUF>.<serie3>.<numero9>`: the natural key of a document, equal for two that claim the same number. */
export function documentId(identity: Pick<DocumentIdentity, 'emitente' | 'tpAmb' | 'modelo' | 'cUF' | 'serie' | 'numero'>): string {
  const { emitente, tpAmb, modelo, cUF, serie, numero } = identity;
  return `${emitente}.${tpAmb}.${modelo}.${cUF}.${String(serie).padStart(3, '0')}.${String(numero).padStart(9, '0')}`;
}

/**
 * Reads identity and fingerprint (hex SHA-256 of the C14N of the inf… element as received) of one unsigned document, alone or in its
 * lote. Never throws: every missing or invalid field of the identity is a fault of its own. What the identity does not need is not looked at.
 */
export function readIdentity(doc: XmlDocument, layout: Layout): IdentityResult {
  const located = locateDocument(doc, layout);
  if (Array.isArray(located)) return { ok: false, faults: located };
  const read = readFields(located);
  if (Array.isArray(read)) return { ok: false, faults: read };
  try {
    const fingerprint = hash('sha256', canonicalize(doc, located.inf));
    return { ok: true, identity: read, inf: located.inf, fingerprint };
  } catch (error) {
    if (!(error instanceof XmlError)) throw error;
    return { ok: false, faults: [emissionFault('EMI-002', located.info.signedTag, error.message)] };
  }
}

/** Finds the document in its root, checking root, namespace and count; faults when it is not there. */
export function locateDocument({ root }: XmlDocument, layout: Layout): LocatedDocument | Fault[] {
  const info = MODELO_CODES.map((m) => MODELOS[m]).find((m) => m.roots.includes(root.local));
  if (!info) {
    const known = MODELO_CODES.flatMap((m) => MODELOS[m].roots).filter((r, i, all) => all.indexOf(r) === i);
    return [
      emissionFault(
        'EMI-001',
        cut(root.local),
        `A raiz <${cut(root.local)}> não é de um documento conhecido. Envie uma destas: ${known.join(', ')}.`,
      ),
    ];
  }
  const [documentTag] = info.roots;
  const isLote = root.local === info.loteRoot;
  const notes = isLote ? root.children.filter((c) => c.local === documentTag) : [root];
  const [note] = notes;
  if (!note || notes.length > 1) {
    return [
      emissionFault('EMI-004', root.local, `O lote traz ${notes.length} documentos. Envie exatamente um ${documentTag} por chamada.`),
    ];
  }
  const faults = [root, note].flatMap((e) => checkNamespace(e, info, layout)).slice(0, 1);
  if (faults.length > 0) return faults;
  const inf = child(note, info.signedTag);
  if (!inf)
    return [emissionFault('EMI-005', `${note.local}/${info.signedTag}`, `Falta o elemento ${info.signedTag} dentro de ${note.local}.`)];
  for (const required of [inf, at(inf, 'ide'), at(inf, 'emit')]) {
    if (required && required.uri !== note.uri) {
      return [
        emissionFault(
          'EMI-002',
          required.local,
          `<${required.local}> está no namespace "${cut(required.uri)}", diferente do de <${note.local}>.`,
        ),
      ];
    }
  }
  return { note, inf, info };
}

function checkNamespace(element: XmlElement, info: ModeloInfo, layout: Layout): Fault[] {
  if (element.uri === info.namespace) return [];
  if (element.uri === info.namespaceOobj && info.namespaceOobj) {
    if (layout === 'oobj') return [];
    return [emissionFault('EMI-003', element.local, `O namespace é o do layout oobj. Envie com ?layout=oobj ou use ${info.namespace}.`)];
  }
  const found = element.uri === '' ? 'está sem namespace' : `está no namespace "${cut(element.uri)}"`;
  return [emissionFault('EMI-002', element.local, `<${element.local}> ${found}. Declare xmlns="${info.namespace}" na raiz.`)];
}

/** The identity alone, without the fingerprint: every missing or invalid field is a fault. */
export function readFields({ note, inf, info }: LocatedDocument): DocumentIdentity | Fault[] {
  const faults: Fault[] = [];
  const ide = (tag: string) => textAt(inf, `ide/${tag}`)?.trim() ?? '';
  const require = (code: EmissionFaultCode, tag: string, ok: boolean, rule: string, value = ide(tag)) => {
    if (ok) return;
    const message = value === '' ? `Falta ${tag} em ide: ${rule}.` : `${tag} "${value.slice(0, 40)}" é inválido: ${rule}.`;
    faults.push(emissionFault(code, `${info.signedTag}/ide/${tag}`, message));
  };
  if (!child(inf, 'ide')) {
    faults.push(emissionFault('EMI-005', `${info.signedTag}/ide`, `Falta o grupo ide (identificação do documento) em ${info.signedTag}.`));
    return faults;
  }

  const uf = ufByCodigo(ide('cUF'));
  require('EMI-010', 'cUF', uf !== undefined, 'informe o código IBGE da UF do emitente, 2 dígitos (35 para SP)');
  const accepted = MODELO_CODES.filter((m) => MODELOS[m].familia === info.familia);
  const modelo = accepted.find((m) => m === ide('mod'));
  require('EMI-011', 'mod', modelo !== undefined, `use ${accepted.join(' ou ')} com a raiz ${note.local}`);
  require('EMI-012', 'serie', /^(0|[1-9][0-9]{0,2})$/.test(ide('serie')), 'informe a série de 0 a 999, sem zeros à esquerda');
  const { numeroTag } = info;
  require('EMI-013', numeroTag, /^[1-9][0-9]{0,8}$/.test(ide(numeroTag)), 'informe o número de 1 a 999999999, sem zeros à esquerda');
  const dhRule = 'informe data e hora locais com o fuso, como 2026-11-21T10:00:00-03:00';
  require('EMI-014', 'dhEmi', parseDateTime(ide('dhEmi')) !== undefined, dhRule);
  const tpAmb = ide('tpAmb');
  require('EMI-015', 'tpAmb', tpAmb === '1' || tpAmb === '2', 'use 1 para produção ou 2 para homologação');
  const tpEmis = child(child(inf, 'ide') as XmlElement, 'tpEmis') ? ide('tpEmis') : '1';
  require('EMI-017', 'tpEmis', /^[1-9]$/.test(tpEmis), 'informe a forma de emissão com 1 dígito (1 é a normal)', tpEmis);

  const emitente = readEmitente(inf, info, faults);
  if (child(note, 'Signature') && tpEmis === '1') {
    const message = 'O documento já está assinado. Em emissão normal envie-o sem Signature: a assinatura é feita aqui.';
    faults.push(emissionFault('EMI-030', `${note.local}/Signature`, message));
  }
  if (faults.length > 0 || !uf || !modelo || !emitente) return faults;

  const id = inf.attributes.get('Id') ?? '';
  const ie = textAt(inf, 'emit/IE')?.trim();
  const chave = id.slice(info.idPrefix.length);
  return {
    ...emitente,
    tpAmb: tpAmb as '1' | '2',
    modelo,
    cUF: ide('cUF'),
    uf,
    serie: Number(ide('serie')),
    numero: Number(ide(numeroTag)),
    dhEmi: ide('dhEmi'),
    chaveInformada: id.startsWith(info.idPrefix) && isChave(chave) ? chave : undefined,
    tpEmis,
    tpImp: ide('tpImp') || undefined,
    semIe: !ie,
    ...(ie ? { ie } : {}),
    assinado: child(note, 'Signature') !== undefined,
  };
}

function readEmitente(inf: XmlElement, info: ModeloInfo, faults: Fault[]): Pick<DocumentIdentity, 'emitente' | 'tipoEmitente'> | undefined {
  const path = `${info.signedTag}/emit`;
  const cnpj = textAt(inf, 'emit/CNPJ')?.trim();
  const cpf = textAt(inf, 'emit/CPF')?.trim();
  if (cnpj !== undefined && cpf !== undefined) {
    faults.push(emissionFault('EMI-016', path, 'O emitente traz CNPJ e CPF. Informe só um dos dois.'));
  } else if (cnpj !== undefined) {
    if (/^[0-9A-Z]{12}[0-9]{2}$/.test(cnpj)) return { emitente: cnpj, tipoEmitente: 'CNPJ' };
    const rule = 'informe as 14 posições sem máscara (letras só maiúsculas)';
    faults.push(emissionFault('EMI-016', `${path}/CNPJ`, `CNPJ do emitente "${cnpj.slice(0, 40)}" é inválido: ${rule}.`));
  } else if (cpf !== undefined) {
    if (/^[0-9]{11}$/.test(cpf)) return { emitente: cpf, tipoEmitente: 'CPF' };
    faults.push(
      emissionFault('EMI-016', `${path}/CPF`, `CPF do emitente "${cpf.slice(0, 40)}" é inválido: informe os 11 dígitos sem máscara.`),
    );
  } else {
    faults.push(emissionFault('EMI-016', `${path}/CNPJ`, 'Falta o CNPJ (ou o CPF) do emitente em emit.'));
  }
  return undefined;
}

/** What a message quotes from a document nobody checked yet. */
function cut(text: string): string {
  return text.slice(0, 80);
}
