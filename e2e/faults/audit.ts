import assert from 'node:assert/strict';
import type { Documento } from '@malote/store/documento';
import type { Hub } from '../hub.ts';

/** A note as its ERP knows it. */
export interface NoteId {
  cnpj: string;
  serie: number;
  numero: number;
}

/** What became of the notes that the hub had accepted, by its own books and SEFAZ's. Each list says what is wrong with which number. */
export interface Books {
  accepted: number;
  authorized: number;
  /** Ended without an authorisation, and SEFAZ holds none: rejected, denied, cancelled, invalid. */
  refused: number;
  unfinished: string[];
  lost: string[];
  doubled: string[];
}

type Row = Pick<Documento, 'emitente' | 'serie' | 'numero' | 'state' | 'chave' | 'digest' | 'retorno' | 'nextAt' | 'attempts'>;

const SETTLED = new Set(['authorized', 'rejected', 'denied', 'cancelled', 'invalid', 'conflict']);
const nameOf = ({ cnpj, serie, numero }: NoteId) => `${cnpj} ${serie}/${numero}`;

/**
 * Compares the hub's database with what SEFAZ (the simulator) holds and was sent. A note is lost when it was accepted and is gone, or when
 * the two books say different things about it; doubled when a number was authorised twice or sent under two keys. Looks at the companies
 * of `accepted` only.
 */
export async function audit(hub: Hub, accepted: readonly NoteId[]): Promise<Books> {
  const rows = new Map<string, Row>();
  for await (const row of hub.raw.collection<Row>('documentos').find()) rows.set(nameOf({ ...row, cnpj: row.emitente }), row);
  const held = new Map(
    (await hub.simulator.authorizations()).map((entry) => [nameOf({ ...entry.number, cnpj: entry.number.emitente }), entry]),
  );
  const sent = await keysSent(hub);
  const companies = new Set(accepted.map(({ cnpj }) => cnpj));
  const isTheirs = (name: string) => companies.has(name.split(' ')[0] ?? '');
  const books: Books = { accepted: accepted.length, authorized: 0, refused: 0, unfinished: [], lost: [], doubled: [] };

  for (const note of accepted) {
    const name = nameOf(note);
    const row = rows.get(name);
    const [authorization] = held.get(name)?.authorizations ?? [];
    if (!row) books.lost.push(`${name}: accepted and gone`);
    else if (!SETTLED.has(row.state)) books.unfinished.push(`${name}: ${row.state}, ${describe(row)}`);
    else if (row.state === 'authorized') {
      const { chave, digest, retorno } = row;
      const same = authorization?.chave === chave && authorization?.digVal === digest && authorization?.nProt === retorno?.nProt;
      if (same) books.authorized += 1;
      else books.lost.push(`${name}: authorised here as ${chave} ${digest}, at SEFAZ ${authorization?.chave} ${authorization?.digVal}`);
    } else if (row.state === 'conflict') books.lost.push(`${name}: left to a person, ${describe(row)}`);
    else if (authorization) books.lost.push(`${name}: authorised at SEFAZ, ${row.state} here, ${describe(row)}`);
    else books.refused += 1;
  }
  for (const [name, { authorizations }] of held) {
    if (isTheirs(name) && authorizations.length > 1) books.doubled.push(`${name}: ${authorizations.length} authorisations`);
  }
  for (const [name, keys] of sent) {
    if (isTheirs(name) && keys.size > 1) books.doubled.push(`${name}: sent under ${keys.size} keys`);
  }
  return books;
}

/** Every accepted note final and authorised, 0 lost, 0 doubled. */
export function assertAllAuthorized(books: Books): void {
  const { accepted } = books;
  const { authorized, refused, ...wrong } = books;
  const clean = { accepted, authorized: accepted, refused: 0, unfinished: [], lost: [], doubled: [] };
  assert.deepEqual(books, clean, `authorised ${authorized}, refused ${refused}: ${JSON.stringify(wrong, null, 2)}`);
}

/** The keys under which each number was sent for authorisation. */
async function keysSent(hub: Hub): Promise<Map<string, Set<string>>> {
  const sent = new Map<string, Set<string>>();
  for (const { cnpj, serie, numero, chave } of await hub.simulator.calls({ service: 'NFeAutorizacao4' })) {
    if (cnpj === undefined || serie === undefined || numero === undefined || chave === undefined) continue;
    const name = nameOf({ cnpj, serie, numero });
    sent.set(name, (sent.get(name) ?? new Set()).add(chave));
  }
  return sent;
}

function describe({ attempts, nextAt }: Row): string {
  const tries = attempts.map(({ kind, result, cStat, reason }) => `${kind} ${result} ${cStat ?? reason ?? ''}`.trim());
  return `next ${nextAt?.toISOString() ?? 'never'}, attempts: ${tries.join('; ') || 'none'}`;
}
