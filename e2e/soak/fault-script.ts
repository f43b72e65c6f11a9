import type { NoteId } from '../faults/audit.ts';
import type { Random } from './random.ts';

/** A fault of the simulator as its admin interface takes it. */
export type ScriptedFault = { fault: string; match?: Record<string, unknown>; times: number; [more: string]: unknown };

/** How one kind of fault is set for a note. `wide`: it acts before the note can be known, so it takes whichever call comes next. */
interface Kind {
  name: string;
  wide?: boolean;
  more?: (random: Random) => Record<string, unknown>;
  /** An answer that only an authorisation can have. */
  authorizeOnly?: boolean;
  /** The note is refused for good, and its number stays free. */
  refuses?: boolean;
}

const delay = (random: Random) => ({ delayMs: random.integer(200, 6_000) });
const KINDS: readonly Kind[] = [
  { name: 'refuse-tls', wide: true },
  { name: 'reset-before-read', wide: true },
  { name: 'reset-after-read' },
  { name: 'answer-lost' },
  { name: 'hang' },
  { name: 'hang-after-authorising' },
  { name: 'slow', more: delay },
  { name: 'slow-before-processing', more: delay },
  { name: 'http-403' },
  { name: 'http-413' },
  { name: 'http-500' },
  { name: 'http-503' },
  { name: 'html' },
  { name: 'empty' },
  { name: 'answer', more: () => ({ cStat: '610' }), authorizeOnly: true, refuses: true },
  { name: 'answer-after-authorising', more: () => ({ cStat: '204' }), authorizeOnly: true },
  { name: 'cstat-108' },
  { name: 'cstat-109' },
  { name: 'cstat-656' },
  { name: 'cstat-999' },
  { name: '103-in-protocol' },
  { name: '104-without-protocol' },
];

export interface NoteFault {
  kind: string;
  scripted: ScriptedFault;
}

/** Decides whether a note meets a fault, and which; it takes the first call, and with some luck also the one after it. */
export function faultFor({ cnpj, serie, numero }: NoteId, rate: number, random: Random): NoteFault | undefined {
  if (random.next() >= rate) return undefined;
  const { name, wide, more, authorizeOnly, refuses } = random.pick(KINDS);
  const times = refuses || wide || random.next() < 0.7 ? 1 : 2;
  const match = wide ? {} : { match: { cnpj, serie, numero, ...(authorizeOnly ? { service: 'NFeAutorizacao4' } : {}) } };
  return { kind: name, scripted: { fault: name, times, ...match, ...more?.(random) } };
}

/** True when a note that met this fault may end refused. */
export function mayRefuse(kind: string | undefined): boolean {
  return KINDS.some(({ name, refuses }) => name === kind && refuses);
}
