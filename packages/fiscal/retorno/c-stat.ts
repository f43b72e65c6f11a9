import { C_STAT_DATA } from './data/c-stat.data.ts';

/**
 * What the hub may conclude from a cStat. The table is keyed by (family, cStat): one number means different things in NF-e, CT-e and MDF-e.
 *
 * - authorized: build the proc file (100, 120 with alert, 150 late)
 * - registered: event registered · cancelled, closed: state told by a consult · inutilizado: number range inutilised
 * - denied: use denied, number consumed (historical)
 * - processed: only the envelope was processed, read the inner result (104, 128) · in-process: ask again later (103, 105, 635)
 * - found, empty: a query has data, has none · not-found: the asked key or receipt is unknown there
 * - duplicate: key, number or event already known there: consult and adopt or stop, never renumber
 * - service-status, unavailable, svc: 107; 108 and 109; 113 and 114
 * - throttled: abusive use, blocked up to 1 h · certificate, schema: certificate or signature; form of the XML · internal: 999
 * - rejected: every other *listed* refusal
 */
export type KnownCStatClass =
  | 'authorized'
  | 'registered'
  | 'cancelled'
  | 'closed'
  | 'inutilizado'
  | 'denied'
  | 'processed'
  | 'in-process'
  | 'found'
  | 'empty'
  | 'not-found'
  | 'duplicate'
  | 'service-status'
  | 'unavailable'
  | 'svc'
  | 'throttled'
  | 'certificate'
  | 'schema'
  | 'internal'
  | 'rejected';

/** `unknown`: a code that is not in the table. Never a rejection: the outcome is unknown and the key has to be consulted (120 was such a code once). */
export type CStatClass = KnownCStatClass | 'unknown';

/** `evento` = the NF-e/NFC-e event service, its rows go before those of `nfe`; `dist` = distribution. */
export type CStatFamily = 'nfe' | 'cte' | 'mdfe' | 'evento' | 'dist';

export interface CStatContext {
  nProt?: string;
  xMotivo?: string;
}

/** Denial ended for NF-e on 01/08/2024 (NT 2024.001) and for CT-e with 4.00: these codes deny only in a protocolo of that time. */
const ONCE_DENIED: Readonly<Partial<Record<CStatFamily, ReadonlySet<string>>>> = {
  nfe: new Set(['301', '302', '303']),
  evento: new Set(['301', '302', '303']),
  cte: new Set(['301', '302', '303', '304', '305', '306']),
};

function rowOf(family: CStatFamily, cStat: string): readonly [KnownCStatClass, string] | undefined {
  const own = C_STAT_DATA[family];
  if (Object.hasOwn(own, cStat)) return own[cStat];
  return family === 'evento' ? rowOf('nfe', cStat) : undefined;
}

/**
 * The class of a cStat. `ctx` is what the answer carries beside it: 301–303 count as denied only with an nProt or with
 * "Uso Denegado" in the xMotivo, otherwise they are plain rejections and the number may be corrected and resent.
 */
export function classifyCStat(family: CStatFamily, cStat: string, ctx: CStatContext = {}): CStatClass {
  const row = rowOf(family, cStat);
  if (!row) return 'unknown';
  if (row[0] === 'denied' && ONCE_DENIED[family]?.has(cStat)) {
    const denied = Boolean(ctx.nProt) || /uso\s+denegado/i.test(ctx.xMotivo ?? '');
    return denied ? 'denied' : 'rejected';
  }
  return row[0];
}

/** The official text of a cStat; undefined when it is not listed. Always show SEFAZ's own xMotivo first: wordings change. */
export function cStatText(family: CStatFamily, cStat: string): string | undefined {
  return rowOf(family, cStat)?.[1];
}
