import { createHash } from 'node:crypto';
import type { Fault } from '../fault.ts';
import { child, textAt, type XmlElement } from '../xml/parse.ts';
import { type Edit, escapeText } from '../xml/splice.ts';
import { emissionFault } from './fault-codes.ts';

/** infRespTec: who answers for the software that makes the document (NT 2018.005). Required in AM, BA, ES, MS, PE, PR, SC and TO. */
export interface RespTec {
  cnpj: string;
  xContato: string;
  email: string;
  fone: string;
  /** 2 digits; only with a CSRT */
  idCSRT?: string;
}

/** What the XSD wants after infRespTec inside infNFe. */
const AFTER_RESP_TEC = ['infSolicNFF', 'agropecuario', 'infPAA'];

/** base64(SHA-1(CSRT + chave)): only who makes the key can fill it (NT 2018.005). */
export function hashCsrt(csrt: string, chave: string): string {
  return createHash('sha1')
    .update(csrt + chave)
    .digest('base64');
}

/**
 * The edits that add the group, or complete the one the document brings with its hashCSRT. A group that is complete, or has no idCSRT,
 * stays as it is: the ERP's own responsible goes before the hub's.
 */
export function respTecEdits(
  inf: XmlElement,
  facts: { chave: string; respTec?: RespTec; csrt?: string },
): { edits: Edit[]; replaced: XmlElement[]; faults: Fault[] } {
  const { chave, respTec, csrt } = facts;
  const given = child(inf, 'infRespTec');
  const nothing = { edits: [], replaced: [], faults: [] };
  if (!given) {
    if (!respTec) return nothing;
    const next = inf.children.find((c) => AFTER_RESP_TEC.includes(c.local));
    return { ...nothing, edits: [{ at: next?.start ?? inf.closeStart, insert: renderRespTec(respTec, csrt, chave) }] };
  }
  const idCSRT = textAt(given, 'idCSRT')?.trim();
  if (!idCSRT || textAt(given, 'hashCSRT')?.trim()) return nothing;
  const ours = csrt && respTec?.idCSRT && Number(respTec.idCSRT) === Number(idCSRT) && textAt(given, 'CNPJ')?.trim() === respTec.cnpj;
  if (!ours) {
    const message = `infRespTec traz idCSRT ${idCSRT.slice(0, 10)} sem hashCSRT, e este CSRT não está configurado aqui. Configure o CSRT ou retire idCSRT.`;
    return { ...nothing, faults: [emissionFault('EMI-036', `${inf.local}/infRespTec/hashCSRT`, message)] };
  }
  const field = `<hashCSRT>${hashCsrt(csrt, chave)}</hashCSRT>`;
  const empty = child(given, 'hashCSRT');
  if (empty) return { ...nothing, edits: [{ at: empty.start, remove: empty.end - empty.start, insert: field }], replaced: [empty] };
  return { ...nothing, edits: [{ at: (child(given, 'idCSRT') as XmlElement).end, insert: field }] };
}

function renderRespTec(respTec: RespTec, csrt: string | undefined, chave: string): string {
  const fields: [string, string][] = [
    ['CNPJ', respTec.cnpj],
    ['xContato', respTec.xContato],
    ['email', respTec.email],
    ['fone', respTec.fone],
  ];
  if (csrt && respTec.idCSRT) fields.push(['idCSRT', respTec.idCSRT.padStart(2, '0')], ['hashCSRT', hashCsrt(csrt, chave)]);
  return `<infRespTec>${fields.map(([tag, text]) => `<${tag}>${escapeText(text)}</${tag}>`).join('')}</infRespTec>`;
}
