import { readDelay } from './delays.ts';
import { FAULTS, type FaultKind, type Level, levelOf, type Stage } from './fault-kinds.ts';
import type { Fault, Match } from './faults.ts';
import { InputError, instant, integer, type JsonObject, object, only } from './json-input.ts';

const PATH_FIELDS = ['ambiente', 'autorizador', 'modelo', 'service'] as const;
const BODY_FIELDS = ['cUF', 'tpEmis', 'cnpj', 'serie', 'numero', 'chave', 'tpEvento', 'nSeqEvento'] as const;
const ALWAYS = ['fault', 'match', 'times', 'skip', 'chance', 'seed', 'from', 'until', 'afterS', 'forS'];
/** Fields that only some kinds take. */
const PARTICULAR: Record<FaultKind['act'], readonly string[]> = {
  reset: [],
  tls: [],
  hang: [],
  http: [],
  delay: ['delayMs', 'delay'],
  limit: ['maxBytes'],
  retorno: ['cStat', 'xMotivo', 'level'],
};

/**
 * A fault as a body or a scenario gives it. `afterS` and `forS` are seconds from `now`, and from its beginning.
 * @throws InputError with the reason
 */
export function readFault(input: unknown, now: Date): Omit<Fault, 'id' | 'hits'> {
  const body = object(input, 'a fault');
  const name = String(body.fault ?? '');
  const kind = Object.hasOwn(FAULTS, name) ? FAULTS[name] : undefined;
  if (!kind) throw new InputError(`fault "${name}" is not known; known are ${Object.keys(FAULTS).join(', ')}`);
  const particular = PARTICULAR[kind.act];
  const foreign = Object.keys(body).filter((key) => !particular.includes(key) && Object.values(PARTICULAR).flat().includes(key));
  if (foreign.length > 0) throw new InputError(`"${name}" takes no ${foreign.join(', ')}`);
  only(body, [...ALWAYS, ...particular]);

  const fault: Omit<Fault, 'id' | 'hits'> = { fault: name, match: readMatch(object(body.match ?? {}, 'match'), kind.stage, name) };
  if (body.times !== undefined) fault.times = integer(body.times, 'times', 1);
  if (body.skip !== undefined) fault.skip = integer(body.skip, 'skip', 1);
  if (body.chance !== undefined) fault.chance = chance(body.chance);
  if (body.seed !== undefined) fault.seed = integer(body.seed, 'seed', 0);
  Object.assign(fault, readTimes(body, now));
  if (kind.act === 'delay') fault.delay = readSlowness(body, name);
  if (kind.act === 'limit') fault.maxBytes = integer(body.maxBytes, 'maxBytes', 1);
  if (kind.act === 'retorno') Object.assign(fault, readRetorno(body, kind, name));
  return fault;
}

function readTimes(body: JsonObject, now: Date): Pick<Fault, 'from' | 'until'> {
  if (body.from !== undefined && body.afterS !== undefined) throw new InputError('give from or afterS, not both');
  if (body.until !== undefined && body.forS !== undefined) throw new InputError('give until or forS, not both');
  const later = (base: Date, seconds: number) => new Date(base.getTime() + seconds * 1_000).toISOString();
  const times: Pick<Fault, 'from' | 'until'> = {};
  if (body.from !== undefined) times.from = instant(body.from, 'from');
  if (body.afterS !== undefined) times.from = later(now, integer(body.afterS, 'afterS', 0));
  if (body.until !== undefined) times.until = instant(body.until, 'until');
  if (body.forS !== undefined) times.until = later(times.from ? new Date(times.from) : now, integer(body.forS, 'forS', 1));
  return times;
}

function readSlowness(body: JsonObject, name: string): Fault['delay'] {
  if ((body.delayMs === undefined) === (body.delay === undefined)) throw new InputError(`"${name}" needs delayMs or delay, one of them`);
  if (body.delay !== undefined) return readDelay(body.delay);
  return { distribution: 'fixed', ms: integer(body.delayMs, 'delayMs', 0) };
}

function readRetorno(body: JsonObject, kind: FaultKind, name: string): Pick<Fault, 'cStat' | 'xMotivo' | 'level'> {
  const cStat = kind.cStat ?? String(body.cStat ?? '');
  if (!/^\d{3,4}$/.test(cStat)) throw new InputError(`"${name}" needs cStat, three or four digits`);
  const level: unknown = kind.level ?? body.level ?? levelOf(cStat);
  if (level !== 'lote' && level !== 'documento') throw new InputError('level is "lote" or "documento"');
  return { cStat, level: level satisfies Level, ...(body.xMotivo === undefined ? {} : { xMotivo: String(body.xMotivo) }) };
}

function readMatch(input: JsonObject, stage: Stage, name: string): Match {
  const allowed: readonly string[] = stage === 'connection' ? [] : stage === 'headers' ? PATH_FIELDS : [...PATH_FIELDS, ...BODY_FIELDS];
  only(input, allowed, ` in the match of "${name}", which acts ${stage === 'body' ? 'on the body' : 'before the body is read'}`);
  const match: Match = {};
  for (const [field, value] of Object.entries(input)) {
    if (field === 'serie' || field === 'numero' || field === 'nSeqEvento') match[field] = integer(value, field, 0);
    else match[field as 'chave'] = String(value);
  }
  return match;
}

function chance(value: unknown): number {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  if (typeof number !== 'number' || !(number > 0 && number <= 1)) throw new InputError('chance must be more than 0 and at most 1');
  return number;
}
