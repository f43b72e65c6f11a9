import type { Fault } from '../fault.ts';
import type { Modelo } from '../model/modelo.ts';
import { escapeAttribute, escapeText } from '../xml/splice.ts';
import { eventoFault } from './fault-codes.ts';
import { kindOfTipo } from './kinds.ts';
import { EVENTO_NAMESPACE } from './locate-evento.ts';

export type JsonEventoResult = { ok: true; xml: string } | { ok: false; faults: Fault[] };

/**
 * The unsigned event of a JSON body: `{"tipo": "cancelamento", "justificativa": …}` with the fields of its kind, or for every event
 * `{"tipo": "<tpEvento>", "detEvento": {tag: text | [..] | {..}, "@attribute": text}}` in the order of its XSD; both may carry nSeqEvento and
 * dhEvento. The text is in the official namespace and goes the way of a posted XML. `chave` is not needed when the body is posted under one.
 */
export function eventoXmlFromJson(body: unknown, facts: { modelo: Modelo; chave?: string }): JsonEventoResult {
  const faults: Fault[] = [];
  if (!isRecord(body) || typeof body.tipo !== 'string') {
    return {
      ok: false,
      faults: [eventoFault('EVT-013', 'tipo', 'Falta tipo: informe o nome ou o código do evento, como "cancelamento".')],
    };
  }
  const kind = kindOfTipo(facts.modelo, body.tipo);
  if (!kind) {
    return {
      ok: false,
      faults: [eventoFault('EVT-013', 'tipo', `O tipo "${body.tipo.slice(0, 60)}" não é um evento do modelo ${facts.modelo}.`)],
    };
  }
  let det = '';
  if (body.detEvento !== undefined) det = children(body.detEvento, 'detEvento', faults);
  else {
    for (const { nome, tag, opcional } of kind.json ?? []) {
      const value = body[nome];
      if (typeof value === 'string') det += `<${tag}>${escapeText(value)}</${tag}>`;
      else if (!opcional) faults.push(eventoFault('EVT-014', nome, `Falta ${nome}.`));
    }
  }
  if (faults.length > 0) return { ok: false, faults };
  const field = (tag: string, value: unknown) => (value === undefined ? '' : `<${tag}>${escapeText(String(value))}</${tag}>`);
  const inf =
    field('chNFe', facts.chave) +
    field('dhEvento', body.dhEvento) +
    field('tpEvento', kind.tpEvento) +
    field('nSeqEvento', body.nSeqEvento) +
    `<detEvento versao="${kind.versao}">${det}</detEvento>`;
  return { ok: true, xml: `<evento xmlns="${EVENTO_NAMESPACE}" versao="${kind.versao}"><infEvento>${inf}</infEvento></evento>` };
}

function children(value: unknown, path: string, faults: Fault[]): string {
  if (typeof value === 'string' || typeof value === 'number') return escapeText(String(value));
  if (!isRecord(value)) {
    faults.push(eventoFault('EVT-014', path, `${path} tem de ser um texto ou um objeto.`));
    return '';
  }
  return Object.entries(value)
    .filter(([name]) => !name.startsWith('@'))
    .flatMap(([tag, content]) =>
      (Array.isArray(content) ? content : [content]).map((one) => {
        const attributes = isRecord(one) ? Object.entries(one).filter(([name]) => name.startsWith('@')) : [];
        const written = attributes.map(([name, text]) => ` ${name.slice(1)}="${escapeAttribute(String(text))}"`).join('');
        return `<${tag}${written}>${children(one, `${path}/${tag}`, faults)}</${tag}>`;
      }),
    )
    .join('');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
