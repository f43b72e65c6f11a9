import { locateDocument } from '../emission/identity.ts';
import type { Fault } from '../fault.ts';
import { child, textAt, type XmlDocument } from '../xml/parse.ts';
import {
  COMPLETADOS,
  DOCUMENTOS_DO_DESTINATARIO,
  NOME_DO_DESTINATARIO,
  PERMITIDOS,
  type Permitido,
  PROTEGIDOS,
  type Protegido,
} from './data/correcao.data.ts';
import { type CorrecaoFaultCode, correcaoFault } from './fault-codes-correcao.ts';
import { type NoteField, noteFields } from './note-fields.ts';

export interface CorrecaoRequest {
  /** the note as signed and handed over */
  emitida: XmlDocument;
  /** the corrected one, unsigned, in the official namespace */
  corrigida: XmlDocument;
  /** of the issued note */
  modelo: '55' | '65';
}

/** A field that the correction changes; `de` is missing for an added one, `para` for one taken out. */
export interface Mudanca {
  path: string;
  de?: string;
  para?: string;
}

export type CorrecaoResult =
  /** `danfeAlterado`: something printed changed, the DANFE is to be printed again (MOC 7.0 Anexo III 2.3.2) */
  { ok: true; danfeAlterado: boolean; mudancas: Mudanca[] } | { ok: false; faults: Fault[] };

/** Faults of one answer: another note sent by mistake differs in everything. */
const MAX_FAULTS = 100;
const QUOTED = 60;

const PROTECTED_FIELDS: ReadonlyMap<string, Protegido> = new Map(PROTEGIDOS.flatMap((p) => p.campos.map((campo) => [campo, p] as const)));
const ALLOWED_FIELDS: ReadonlyMap<string, Permitido> = new Map(PERMITIDOS.flatMap((p) => p.campos.map((campo) => [campo, p] as const)));
const VALORES: CorrecaoFaultCode = 'COR-003';

/**
 * Compares the correction of a contingência note that was rejected on transmission with the note as issued, field by field (white space around
 * a text does not count). A change is allowed only in a field of PERMITIDOS; everything else is refused, each field by a fault of its own (at
 * most 100) with both values: COR-001 part of the chave or of the identity, COR-002 parties, COR-003 values, COR-004 dates, COR-005 a field in
 * neither list, COR-006 a signed correction; EMI-001 … 005 when the document is not found. A value written in another way (2.00 for 2.0000) is
 * no other value: it is listed, not refused. What the hub itself completes may be missing in the correction and then stays as issued.
 * Norm: MOC 7.0 Anexo III 2.3.2; Ajustes SINIEF 07/05 and 19/16, cl. 11. Throws RangeError when `emitida` is not a note of `modelo`.
 */
export function checkCorrecao({ emitida, corrigida, modelo }: CorrecaoRequest): CorrecaoResult {
  const issued = locateDocument(emitida, 'sefaz');
  if (Array.isArray(issued) || textAt(issued.inf, 'ide/mod') !== modelo)
    throw new RangeError(`checkCorrecao: emitida is no note ${modelo}`);
  const corrected = locateDocument(corrigida, 'sefaz');
  if (Array.isArray(corrected)) return { ok: false, faults: corrected };
  const { note } = corrected;
  if (note.local !== issued.note.local) {
    const message = `A correção é um documento ${note.local} e a nota emitida é ${issued.note.local}. Envie a nota corrigida no mesmo leiaute.`;
    return { ok: false, faults: [correcaoFault('COR-001', note.local, message)] };
  }
  const faults: Fault[] = [];
  for (const part of note.children) {
    const path = `${note.local}/${part.local}`;
    if (part.local === 'Signature') {
      faults.push(correcaoFault('COR-006', path, 'A correção já está assinada. Envie-a sem Signature: a assinatura é feita aqui.'));
    } else if (part !== corrected.inf && (part.local !== 'infNFeSupl' || part.uri !== note.uri)) {
      faults.push(correcaoFault('COR-005', path, `${path} não faz parte da nota. Retire-o da correção.`));
    }
  }

  const before = noteFields(issued.inf);
  const after = noteFields(corrected.inf);
  const named = DOCUMENTOS_DO_DESTINATARIO.some((campo) => [...before.values()].some((f) => f.campo === campo && f.text !== ''));
  const mudancas: Mudanca[] = [];
  let printed = false;
  for (const key of new Set([...before.keys(), ...after.keys()])) {
    const [de, para] = [before.get(key), after.get(key)];
    const { campo, path } = (de ?? para) as NoteField;
    if (de?.text === para?.text || (para === undefined && COMPLETADOS.has(campo))) continue;
    const fault = refuse({ campo, path, de: de?.text, para: para?.text, named });
    if (fault) {
      faults.push(fault);
      if (faults.length >= MAX_FAULTS) break;
      continue;
    }
    mudancas.push({ path, ...(de ? { de: de.text } : {}), ...(para ? { para: para.text } : {}) });
    if (!ALLOWED_FIELDS.get(campo)?.semImpressao.includes(modelo)) printed = true;
  }
  if (faults.length > 0) return { ok: false, faults };
  const qrCode = child(issued.note, 'infNFeSupl')?.children.find((c) => c.local === 'qrCode')?.text ?? '';
  return { ok: true, danfeAlterado: printed || (mudancas.length > 0 && bearsDigest(qrCode)), mudancas };
}

interface Change {
  campo: string;
  path: string;
  de?: string;
  para?: string;
  /** the destinatário has a document of its own */
  named: boolean;
}

function refuse({ campo, path, de, para, named }: Change): Fault | undefined {
  const stays = protection(campo, named);
  if (!stays && ALLOWED_FIELDS.has(campo)) return undefined;
  if (stays?.code === VALORES && de !== undefined && para !== undefined && sameNumber(de, para)) return undefined;
  const change = `${path} ${quote(de, 'não existe')} na nota emitida e ${quote(para, 'não existe')} na correção`;
  if (stays) {
    const remedy = COMPLETADOS.has(campo)
      ? 'Mantenha o da nota emitida ou retire o campo, que é completado aqui'
      : 'Mantenha o da nota emitida';
    return correcaoFault(stays.code, path, `${change}: ${stays.regra}. ${remedy}.`);
  }
  const rule = 'o campo não está entre os que a correção de uma nota em contingência pode mudar';
  return correcaoFault('COR-005', path, `${change}: ${rule}. Mantenha o da nota emitida.`);
}

function protection(campo: string, named: boolean): Protegido | undefined {
  const listed = PROTECTED_FIELDS.get(campo);
  if (listed) return listed;
  if (campo === NOME_DO_DESTINATARIO && !named) return PROTEGIDOS.find((p) => p.code === 'COR-002');
  const name = campo.slice(campo.lastIndexOf('/') + 1);
  return PROTEGIDOS.find((p) => p.nomes?.test(name));
}

function quote(value: string | undefined, missing: string): string {
  return value === undefined ? missing : `é "${value.slice(0, QUOTED)}"`;
}

function sameNumber(a: string, b: string): boolean {
  const [x, y] = [plainNumber(a), plainNumber(b)];
  return x !== undefined && x === y;
}

/** Without zeros that say nothing; undefined for what is no decimal. Text, not a float: 15 digits and 10 decimals must differ by their last. */
function plainNumber(text: string): string | undefined {
  const [, whole, decimals = ''] = /^([0-9]{1,20})(?:\.([0-9]{1,20}))?$/.exec(text) ?? [];
  return whole === undefined ? undefined : `${whole.replace(/^0+(?=[0-9])/, '')}.${decimals.replace(/0+$/, '')}`;
}

/** QR v2 off-line, `chave|2|tpAmb|dia|vNF|digVal|idCSC|hash`: the digest of the note is in what was printed (MOC 7.0 Anexo IV; NT 2025.001). */
function bearsDigest(qrCode: string): boolean {
  const parts = qrCode.split('|');
  return parts[1] === '2' && parts.length === 8;
}
