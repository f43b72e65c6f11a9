import type { Fault } from '../fault.ts';
import type { Modelo } from '../model/modelo.ts';
import { escapeText } from '../xml/splice.ts';
import { eventoFault } from './fault-codes.ts';
import { detFromFields, detFromTree, isRecord } from './json-det-evento.ts';
import { kindOfTipo } from './kinds.ts';
import { EVENTO_NAMESPACE } from './locate-evento.ts';

export type JsonEventoResult = { ok: true; xml: string } | { ok: false; faults: Fault[] };

/** Fields that every event may carry in JSON. */
const COMMON: ReadonlySet<string> = new Set(['tipo', 'chaveAcesso', 'nSeqEvento', 'dhEvento', 'tpAutor']);

/**
 * The unsigned event of a JSON body: `{"tipo": "cancelamento", "justificativa": …}` with the fields of its kind, or for every event
 * `{"tipo": "<tpEvento>", "detEvento": {tag: text | [..] | {..}, "@attribute": text}}` in the order of its XSD. Either may carry nSeqEvento,
 * dhEvento, tpAutor and chaveAcesso (which goes before `chave`). The text is in the official namespace and goes the way of a posted XML;
 * never throws. `chave` is needed only where a hash is made of it (`imagem`).
 */
export function eventoXmlFromJson(body: unknown, facts: { modelo: Modelo; chave?: string }): JsonEventoResult {
  const refuse = (path: string, message: string): JsonEventoResult => ({ ok: false, faults: [eventoFault('EVT-013', path, message)] });
  if (!isRecord(body)) return refuse('', 'O corpo tem de ser um objeto JSON com o campo tipo.');
  const { tipo, nSeqEvento, dhEvento, tpAutor, chaveAcesso, detEvento, ...fields } = body;
  if (typeof tipo !== 'string') return refuse('tipo', 'Falta tipo: informe o nome ou o código do evento, como "cancelamento" ou "110111".');
  const kind = kindOfTipo(facts.modelo, tipo);
  if (!kind) return refuse('tipo', `O tipo "${tipo.slice(0, 60)}" não é um evento do modelo ${facts.modelo}. Confira o nome ou o código.`);

  const faults: Fault[] = [];
  const texts = { chaveAcesso, dhEvento, nSeqEvento, tpAutor };
  for (const [name, value] of Object.entries(texts)) {
    if (value === undefined || typeof value === 'string' || typeof value === 'number') continue;
    faults.push(eventoFault('EVT-014', name, `O campo ${name} tem de ser um texto.`));
  }
  const chave = chaveAcesso ?? facts.chave;
  const known = kind.json ?? [];
  let det: string;
  if (detEvento !== undefined || kind.json === undefined) {
    const names = Object.keys(fields).filter((name) => !COMMON.has(name));
    for (const name of names)
      faults.push(eventoFault('EVT-014', name, `O campo ${name} não cabe junto de detEvento. Ponha-o dentro dele.`));
    det = detFromTree(detEvento, faults);
  } else {
    det = detFromFields(known, fields, { chave: String(chave ?? ''), faults });
  }
  if (faults.length > 0) return { ok: false, faults };

  const field = (tag: string, value: unknown) => (value === undefined ? '' : `<${tag}>${escapeText(String(value).trim())}</${tag}>`);
  const inf =
    field('chNFe', chave) +
    field('dhEvento', dhEvento) +
    field('tpEvento', kind.tpEvento) +
    field('nSeqEvento', nSeqEvento) +
    `<detEvento versao="${kind.versao}">${field('tpAutor', tpAutor)}${det}</detEvento>`;
  return { ok: true, xml: `<evento xmlns="${EVENTO_NAMESPACE}" versao="${kind.versao}"><infEvento>${inf}</infEvento></evento>` };
}
