import type { CStatClass } from '../retorno/c-stat.ts';
import type { Retorno } from '../retorno/read-retorno.ts';

/** `lost`: processed, the answer never comes. `hang`: nothing comes, and what was sent may arrive late. `off`: an SVC not active. */
export type Condition = 'up' | 'hang' | 'lost' | 'refuse' | 'paused' | 'off' | 'flaky';
export type Target = 'SP' | 'SVC-AN' | 'AN';
/** How an authoriser fares, from the beginning on; afterwards it is up. */
export type Outages = Readonly<Record<Target, readonly { minutes: number; is: Condition }[]>>;

export interface Bytes {
  numero: string;
  chave: string;
  digest: string;
  tpEmis: string;
  modelo: '55' | '65';
  dhEmi: number;
}

export type Reply = { fate: 'answered'; retorno: Retorno } | { fate: 'unknown' | 'not-sent' };

interface Held {
  chave: string;
  digest: string;
  at: number;
  cancelled: boolean;
}

export interface VirtualSefaz {
  /** What each database holds, by number. */
  held: Record<'SP' | 'SVC-AN', Map<string, Held>>;
  voided: Set<string>;
  condition(target: Target, at?: number): Condition;
  /** True when an authoriser was up without a break from `from` to `to`. */
  upAll(target: Target, from: number, to: number): boolean;
  authorize(target: 'SP' | 'SVC-AN', bytes: Bytes, timeoutMs: number): Reply;
  consult(target: 'SP' | 'SVC-AN', chave: string): Reply;
  epec(chave: string): 'registered' | 'unknown' | 'not-sent';
  status(target: 'SP' | 'SVC-AN'): string;
  cancel(chave: string): 'registered' | 'refused' | 'unknown';
  void(numero: string): 'registered' | 'refused' | 'unknown';
}

const MINUTE = 60_000;
/** An NFC-e in normal emission is refused for its age (704). */
const FRESH_MS = 6 * MINUTE;

/** Authorisers on a virtual clock: two databases that know nothing of each other, and the AN of the EPEC. `chance`: 0 to 999. */
export function virtualSefaz(facts: {
  outages: Outages;
  now: () => number;
  chance: () => number;
  later: (ms: number, run: () => void) => void;
}): VirtualSefaz {
  const { outages, now, chance, later } = facts;
  const held = { SP: new Map<string, Held>(), 'SVC-AN': new Map<string, Held>() };
  const voided = new Set<string>();
  /** From when on SP knows the EPEC of a key. */
  const epecs = new Map<string, number>();
  const refusedOnce = new Set<string>();

  function condition(target: Target, at = now()): Condition {
    let end = 0;
    for (const { minutes, is } of outages[target]) {
      end += minutes * MINUTE;
      if (at < end) return is;
    }
    return 'up';
  }

  function today(target: Target): Exclude<Condition, 'flaky'> {
    const is = condition(target);
    return is === 'flaky' ? ((['up', 'up', 'hang', 'lost', 'refuse'] as const)[chance() % 5] ?? 'up') : is;
  }

  function process(target: 'SP' | 'SVC-AN', bytes: Bytes): Retorno {
    const { numero, chave, digest, tpEmis, modelo, dhEmi } = bytes;
    const known = held[target].get(numero);
    if (known) return known.chave === chave ? said('204', 'duplicate') : { ...said('539', 'duplicate'), chaveNoMotivo: known.chave };
    if (voided.has(numero)) return said('206', 'duplicate');
    if (modelo === '65' && tpEmis === '1' && now() - dhEmi > FRESH_MS) return said('704', 'rejected');
    if (tpEmis === '4' && now() < (epecs.get(chave) ?? Number.POSITIVE_INFINITY)) return said('468', 'rejected');
    if ((tpEmis === '4' || tpEmis === '9') && !refusedOnce.has(chave) && chance() % 8 === 0) {
      refusedOnce.add(chave);
      return said('610', 'rejected');
    }
    held[target].set(numero, { chave, digest, at: now(), cancelled: false });
    return authorized('100', { chave, digest });
  }

  return {
    held,
    voided,
    condition,
    upAll(target, from, to) {
      for (let at = from; at <= to; at += MINUTE) if (condition(target, at) !== 'up') return false;
      return true;
    },
    authorize(target, bytes, timeoutMs) {
      switch (today(target)) {
        case 'up':
          return { fate: 'answered', retorno: process(target, bytes) };
        case 'lost':
          process(target, bytes);
          return { fate: 'unknown' };
        case 'hang':
          // An authoriser takes nothing in later than 14 s after its caller has gone.
          if (chance() % 3 === 0) later(Math.round(((timeoutMs + 14_000) * chance()) / 1000), () => process(target, bytes));
          return { fate: 'unknown' };
        case 'paused':
          return { fate: 'answered', retorno: said('108', 'unavailable') };
        case 'off':
          return { fate: 'answered', retorno: said('114', 'svc') };
        case 'refuse':
          return { fate: 'not-sent' };
      }
    },
    consult(target, chave) {
      const is = today(target);
      if (is === 'refuse') return { fate: 'not-sent' };
      if (is === 'hang' || is === 'lost') return { fate: 'unknown' };
      if (is === 'paused') return { fate: 'answered', retorno: said('108', 'unavailable') };
      const known = [...held[target].values()].find((one) => one.chave === chave);
      if (!known) return { fate: 'answered', retorno: said('217', 'not-found') };
      return { fate: 'answered', retorno: authorized(known.cancelled ? '101' : '100', known) };
    },
    epec(chave) {
      const is = today('AN');
      if (is === 'refuse' || is === 'paused' || is === 'off') return 'not-sent';
      if (is === 'hang' && chance() % 2 === 0) return 'unknown';
      if (!epecs.has(chave)) epecs.set(chave, now() + (chance() % 120) * MINUTE);
      return is === 'up' ? 'registered' : 'unknown';
    },
    status(target) {
      const is = today(target);
      return is === 'up' ? '107' : is === 'paused' ? '108' : is === 'off' ? '114' : 'none';
    },
    cancel(chave) {
      if (today('SP') !== 'up') return 'unknown';
      const known = [...held.SP.values()].find((one) => one.chave === chave);
      if (known) known.cancelled = true;
      return known ? 'registered' : 'refused';
    },
    void(numero) {
      if (today('SP') !== 'up') return 'unknown';
      if (held.SP.has(numero)) return 'refused';
      voided.add(numero);
      return 'registered';
    },
  };
}

type Said = Extract<Retorno, { kind: 'document' }>;

function said(cStat: string, klass: CStatClass): Said {
  return { kind: 'document', class: klass, cStat, xMotivo: cStat, service: { cStat: '104', xMotivo: '' } };
}

function authorized(cStat: '100' | '101', { chave, digest }: { chave: string; digest: string }): Said {
  const protocolo = { xml: '<protNFe/>', chave, cStat, xMotivo: '', nProt: '1', digVal: digest, alertas: [] };
  return { ...said(cStat, cStat === '100' ? 'authorized' : 'cancelled'), protocolo };
}
