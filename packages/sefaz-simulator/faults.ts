import { type Delay, drawDelay, type Random, seededRandom } from './delays.ts';
import { readFault } from './fault-input.ts';
import { FAULTS, type FaultKind, type Level, type Stage } from './fault-kinds.ts';

/** Facts of a call that a fault may be limited to; all given ones must be equal. */
export interface Match {
  ambiente?: string;
  autorizador?: string;
  modelo?: string;
  service?: string;
  /** IBGE code of the state: of the key, or the one whose status is asked. */
  cUF?: string;
  tpEmis?: string;
  cnpj?: string;
  serie?: number;
  numero?: number;
  chave?: string;
  tpEvento?: string;
  nSeqEvento?: number;
}

export interface Fault {
  id: string;
  fault: string;
  match: Match;
  /** Calls it still takes; undefined: no limit. */
  times?: number;
  /** Matching calls it still lets pass before it begins. */
  skip?: number;
  /** Share of the matching calls that it takes, drawn by `seed` (the fault's id when absent). */
  chance?: number;
  seed?: number;
  /** Instants (ISO 8601, the simulator's clock) between which it acts. */
  from?: string;
  until?: string;
  delay?: Delay;
  /** Size of the body (Content-Length) from which on a request is too large. */
  maxBytes?: number;
  cStat?: string;
  xMotivo?: string;
  level?: Level;
  /** Name of the scenario that brought it. */
  scenario?: string;
  /** Calls it took so far. */
  hits: number;
}

export interface Taken {
  fault: Fault;
  kind: FaultKind;
  /** For a `delay`: how long this call has to wait. */
  delayMs: number;
}

export interface FaultRegistry {
  /** @throws InputError with the reason when `input` is no fault. */
  add(input: unknown, now: Date): Fault;
  list(): Fault[];
  /** @param id all when left out; answers how many went */
  remove(id?: string): number;
  /** Puts these in the place of all that there are. @throws InputError before anything has changed */
  replace(inputs: readonly unknown[], now: Date, scenario: { name: string; seed: number }): Fault[];
  /** The first fault of this stage that takes the call; counts it as taken. `bytes`: the size that the headers announce. */
  take(stage: Stage, call: Match, now: Date, bytes?: number): Taken | undefined;
}

interface Entry {
  fault: Fault;
  kind: FaultKind;
  random: Random;
}

/** @param prepare told of each new fault before it acts; may refuse it with InputError */
export function createFaultRegistry(prepare: (kind: FaultKind) => void = () => {}): FaultRegistry {
  let entries: Entry[] = [];
  let next = 1;

  function entry(input: unknown, now: Date, scenario?: { name: string; seed: number; index: number }): Entry {
    const read = readFault(input, now);
    const kind = FAULTS[read.fault] as FaultKind;
    prepare(kind);
    const id = next++;
    const fault: Fault = { id: String(id), ...read, ...(scenario ? { scenario: scenario.name } : {}), hits: 0 };
    // Two faults of one scenario must not draw the same numbers, and a scenario always draws its own.
    const seed = read.seed ?? (scenario ? scenario.seed * 1_000 + scenario.index : id);
    return { fault, kind, random: seededRandom(seed) };
  }

  return {
    add(input, now) {
      const added = entry(input, now);
      entries.push(added);
      return { ...added.fault };
    },
    list: () => entries.map(({ fault }) => ({ ...fault })),
    remove(id) {
      const before = entries.length;
      entries = id === undefined ? [] : entries.filter(({ fault }) => fault.id !== id);
      return before - entries.length;
    },
    replace(inputs, now, scenario) {
      entries = inputs.map((input, index) => entry(input, now, { ...scenario, index }));
      return entries.map(({ fault }) => ({ ...fault }));
    },
    take(stage, call, now, bytes) {
      const found = entries.find((e) => e.kind.stage === stage && matches(e, call, now, bytes) && hasItsTurn(e));
      if (!found) return undefined;
      const { fault, kind, random } = found;
      fault.hits++;
      if (fault.times !== undefined) fault.times--;
      return { fault: { ...fault }, kind, delayMs: fault.delay ? drawDelay(fault.delay, random) : 0 };
    },
  };
}

function matches({ fault, kind }: Entry, call: Match, now: Date, bytes: number | undefined): boolean {
  if (fault.times === 0) return false;
  if (fault.from !== undefined && now < new Date(fault.from)) return false;
  if (fault.until !== undefined && now >= new Date(fault.until)) return false;
  if (kind.act === 'limit' && (bytes ?? 0) <= (fault.maxBytes ?? 0)) return false;
  return Object.entries(fault.match).every(([field, value]) => call[field as keyof Match] === value);
}

/** Counts down `skip`, then draws; both only for calls that match. */
function hasItsTurn({ fault, random }: Entry): boolean {
  if (fault.skip !== undefined && fault.skip > 0) {
    fault.skip--;
    return false;
  }
  return fault.chance === undefined || random() < fault.chance;
}
