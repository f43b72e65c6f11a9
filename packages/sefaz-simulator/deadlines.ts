import { codigoUf, ufOf } from './autorizadores.ts';
import { InputError, integer, object, only, text } from './json-input.ts';

/** Until when an event is taken, counted from the authorisation, and what happens after that. */
export interface Deadline {
  /** Initials of the state; every state when absent. */
  uf?: string;
  modelo?: string;
  tpEvento: string;
  minutes: number;
  /** `refuse` is the rigid state (501, 596 for other events than cancellations), `accept` the tolerant one (155). */
  late: 'refuse' | 'accept';
  /** With `accept`: minutes from the authorisation after which it refuses all the same. */
  lateMinutes?: number;
}

export interface Deadlines {
  /** A later one of the same state, model and event takes the place of the earlier. @throws InputError */
  add(input: unknown): Deadline;
  list(): Deadline[];
  /** Back to the national rules. */
  clear(): number;
  /** The most particular one; undefined when the event has none. */
  of(event: { tpEvento: string; modelo: string; cUF: string }): Deadline | undefined;
}

const HOUR = 60;
const DAY = 24 * HOUR;
const national = (tpEvento: string, minutes: number, modelo = '55'): Deadline => ({ tpEvento, modelo, minutes, late: 'refuse' });

/** Ajuste SINIEF 07/05 cl. 12 and 14-A, 19/16 cl. 15; NT 2018.004; NT 2020.001 v1.60. */
const NATIONAL: readonly Deadline[] = [
  national('110111', 24 * HOUR),
  national('110111', 30, '65'),
  national('110112', 168 * HOUR, '65'),
  national('110110', 30 * DAY),
  national('210210', 10 * DAY),
  ...['210200', '210220', '210240'].map((tpEvento) => national(tpEvento, 90 * DAY)),
];

export function createDeadlines(): Deadlines {
  const entries = new Map<string, Deadline>();
  return {
    add(input) {
      const deadline = readDeadline(input);
      entries.set([deadline.uf, deadline.modelo, deadline.tpEvento].join('|'), deadline);
      return deadline;
    },
    list: () => [...entries.values()],
    clear() {
      const { size } = entries;
      entries.clear();
      return size;
    },
    of({ tpEvento, modelo, cUF }) {
      const uf = ufOf(cUF);
      const fits = (d: Deadline) =>
        d.tpEvento === tpEvento && (d.modelo === undefined || d.modelo === modelo) && (d.uf === undefined || d.uf === uf);
      const particularity = (d: Deadline) => (d.uf ? 2 : 0) + (d.modelo ? 1 : 0);
      const own = [...entries.values()].filter(fits).sort((a, b) => particularity(b) - particularity(a))[0];
      return own ?? NATIONAL.find(fits);
    },
  };
}

/** @throws InputError */
export function readDeadline(input: unknown): Deadline {
  const body = object(input, 'a deadline');
  only(body, ['uf', 'modelo', 'tpEvento', 'minutes', 'late', 'lateMinutes'], ' in a deadline');
  const late = body.late ?? 'refuse';
  if (late !== 'refuse' && late !== 'accept') throw new InputError('late is "refuse" or "accept"');
  const deadline: Deadline = {
    tpEvento: body.tpEvento === undefined ? '110111' : text(String(body.tpEvento), 'tpEvento', /^\d{6}$/, 'six digits'),
    minutes: integer(body.minutes, 'minutes', 0),
    late,
  };
  if (body.uf !== undefined) deadline.uf = text(body.uf, 'uf', /^[A-Z]{2}$/, 'the initials of a state');
  if (deadline.uf !== undefined && !codigoUf(deadline.uf)) throw new InputError(`uf "${deadline.uf}" is no state`);
  if (body.modelo !== undefined) deadline.modelo = text(body.modelo, 'modelo', /^(55|65)$/, '"55" or "65"');
  if (body.lateMinutes === undefined) return deadline;
  if (late !== 'accept') throw new InputError('lateMinutes needs late "accept"');
  return { ...deadline, lateMinutes: integer(body.lateMinutes, 'lateMinutes', deadline.minutes) };
}
