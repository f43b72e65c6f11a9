/** Where in a call a fault takes effect: before TLS is up, when only the headers are read, or when the body is read. */
export type Stage = 'connection' | 'headers' | 'body';

/** What a kind of fault does; each kind is one row of `FAULTS`. */
export interface FaultKind {
  stage: Stage;
  /** Whether the call is processed (and an authorisation registered) before or in spite of the fault. */
  processes: boolean;
  /** `reset` cuts the connection, `hang` never answers, `http` gives `reply`, `retorno` a proper answer with a cStat, `delay` waits. */
  act: 'reset' | 'hang' | 'http' | 'retorno' | 'delay';
  /** `delay` only: wait before the call is processed, not after. */
  before?: boolean;
  reply?: { status: number; contentType: string; body: string };
  /** Fixed values of `cStat`, `level`; without them the fault's own are taken. */
  cStat?: string;
  level?: Level;
}

/** Whether a cStat goes into the retorno itself or into the protNFe of a lot processed (104). */
export type Level = 'lote' | 'documento';

const HTML = '<!DOCTYPE html><html><head><title>Serviço indisponível</title></head><body><h1>Sistema em manutenção</h1></body></html>';
const http = (status: number, body: string, contentType = 'text/plain; charset=utf-8'): FaultKind => ({
  stage: 'body',
  processes: false,
  act: 'http',
  reply: { status, contentType, body },
});
const retorno = (cStat?: string, level?: Level): FaultKind => ({
  stage: 'body',
  processes: false,
  act: 'retorno',
  ...(cStat === undefined ? {} : { cStat }),
  ...(level === undefined ? {} : { level }),
});

export const FAULTS: Readonly<Record<string, FaultKind>> = {
  'refuse-tls': { stage: 'connection', processes: false, act: 'reset' },
  'reset-before-read': { stage: 'headers', processes: false, act: 'reset' },
  'reset-after-read': { stage: 'body', processes: false, act: 'reset' },
  'answer-lost': { stage: 'body', processes: true, act: 'reset' },
  hang: { stage: 'body', processes: false, act: 'hang' },
  'hang-after-authorising': { stage: 'body', processes: true, act: 'hang' },
  slow: { stage: 'body', processes: true, act: 'delay' },
  'slow-before-processing': { stage: 'body', processes: true, act: 'delay', before: true },
  'http-403': http(403, 'Forbidden'),
  'http-413': http(413, 'Request Entity Too Large'),
  'http-500': http(500, 'Internal Server Error'),
  'http-503': http(503, 'Service Unavailable'),
  html: http(200, HTML, 'text/html; charset=utf-8'),
  empty: http(200, '', 'application/soap+xml; charset=utf-8'),
  answer: retorno(),
  'answer-after-authorising': { ...retorno(), processes: true },
  'cstat-108': retorno('108', 'lote'),
  'cstat-109': retorno('109', 'lote'),
  'cstat-656': retorno('656', 'lote'),
  'cstat-999': retorno('999', 'lote'),
  '103-in-protocol': retorno('103', 'documento'),
  '104-without-protocol': retorno('104', 'lote'),
};

/** What SEFAZ tells of the whole message; any other cStat of an `answer` is told of the document. */
const OF_THE_LOTE = /^(10[3-9]|11[34]|21[45]|225|243|28\d|299|40[24]|452|516|517|565|587|588|656|764|961|999)$/;

export function levelOf(cStat: string): Level {
  return OF_THE_LOTE.test(cStat) ? 'lote' : 'documento';
}

/** Facts of a call that a fault may be limited to; all given ones must be equal. */
export interface Match {
  ambiente?: string;
  autorizador?: string;
  modelo?: string;
  service?: string;
  cnpj?: string;
  serie?: number;
  numero?: number;
  chave?: string;
}

const PATH_FIELDS = ['ambiente', 'autorizador', 'modelo', 'service'] as const;
const BODY_FIELDS = ['cnpj', 'serie', 'numero', 'chave'] as const;

export interface Fault {
  id: string;
  fault: string;
  match: Match;
  /** Calls it still takes; undefined: no limit. */
  times?: number;
  /** Instant (ISO 8601, the simulator's clock) from which it is over. */
  until?: string;
  delayMs?: number;
  cStat?: string;
  xMotivo?: string;
  level?: Level;
  /** Calls it took so far. */
  hits: number;
}

export class FaultError extends Error {}

export interface FaultRegistry {
  /** @throws FaultError with the reason when `input` is no fault. */
  add(input: unknown): Fault;
  list(): Fault[];
  /** @param id all when left out; answers how many went */
  remove(id?: string): number;
  /** The first fault of this stage that takes the call; counts it as taken. */
  take(stage: Stage, call: Match, now: Date): { fault: Fault; kind: FaultKind } | undefined;
}

export function createFaultRegistry(): FaultRegistry {
  let faults: Fault[] = [];
  let next = 1;
  const isOver = (fault: Fault, now: Date) => fault.times === 0 || (fault.until !== undefined && now >= new Date(fault.until));

  return {
    add(input) {
      const fault: Fault = { id: String(next++), ...readFault(input), hits: 0 };
      faults.push(fault);
      return { ...fault };
    },
    list: () => faults.map((fault) => ({ ...fault })),
    remove(id) {
      const before = faults.length;
      faults = id === undefined ? [] : faults.filter((fault) => fault.id !== id);
      return before - faults.length;
    },
    take(stage, call, now) {
      const fault = faults.find((f) => FAULTS[f.fault]?.stage === stage && !isOver(f, now) && matches(f.match, call));
      const kind = fault && FAULTS[fault.fault];
      if (!fault || !kind) return undefined;
      fault.hits++;
      if (fault.times !== undefined) fault.times--;
      return { fault: { ...fault }, kind };
    },
  };
}

function matches(match: Match, call: Match): boolean {
  return Object.entries(match).every(([field, value]) => call[field as keyof Match] === value);
}

function readFault(input: unknown): Omit<Fault, 'id' | 'hits'> {
  const body = object(input, 'the body');
  only(body, ['fault', 'match', 'times', 'until', 'delayMs', 'cStat', 'xMotivo', 'level']);
  const name = String(body.fault ?? '');
  const kind = FAULTS[name];
  if (!kind) throw new FaultError(`fault "${name}" is not known; known are ${Object.keys(FAULTS).join(', ')}`);
  const match = readMatch(object(body.match ?? {}, 'match'), kind.stage, name);
  const fault: Omit<Fault, 'id' | 'hits'> = { fault: name, match };
  if (body.times !== undefined) fault.times = integer(body.times, 'times', 1);
  if (body.until !== undefined) fault.until = instant(body.until);
  if (kind.act === 'delay') fault.delayMs = integer(body.delayMs, 'delayMs', 0);
  else if (body.delayMs !== undefined) throw new FaultError(`"${name}" takes no delayMs`);
  if (kind.act === 'retorno') Object.assign(fault, readRetorno(body, kind, name));
  else if (body.cStat !== undefined || body.xMotivo !== undefined || body.level !== undefined) {
    throw new FaultError(`"${name}" takes no cStat, xMotivo or level`);
  }
  return fault;
}

function readRetorno(body: Record<string, unknown>, kind: FaultKind, name: string): Pick<Fault, 'cStat' | 'xMotivo' | 'level'> {
  const cStat = kind.cStat ?? String(body.cStat ?? '');
  if (!/^\d{3,4}$/.test(cStat)) throw new FaultError(`"${name}" needs cStat, three or four digits`);
  const level = kind.level ?? body.level ?? levelOf(cStat);
  if (level !== 'lote' && level !== 'documento') throw new FaultError('level is "lote" or "documento"');
  return { cStat, level, ...(body.xMotivo === undefined ? {} : { xMotivo: String(body.xMotivo) }) };
}

function readMatch(input: Record<string, unknown>, stage: Stage, name: string): Match {
  const allowed: readonly string[] = stage === 'connection' ? [] : stage === 'headers' ? PATH_FIELDS : [...PATH_FIELDS, ...BODY_FIELDS];
  only(input, allowed, ` in the match of "${name}", which acts ${stage === 'body' ? 'on the body' : `before the body is read`}`);
  const match: Match = {};
  for (const [field, value] of Object.entries(input)) {
    if (field === 'serie' || field === 'numero') match[field] = integer(value, field, 0);
    else match[field as 'chave'] = String(value);
  }
  return match;
}

function only(input: Record<string, unknown>, allowed: readonly string[], where = ''): void {
  const unknown = Object.keys(input).filter((key) => !allowed.includes(key));
  if (unknown.length > 0) throw new FaultError(`${unknown.join(', ')} is not allowed${where}; allowed: ${allowed.join(', ') || 'nothing'}`);
}

function object(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new FaultError(`${what} must be a JSON object`);
  return value as Record<string, unknown>;
}

function integer(value: unknown, name: string, min: number): number {
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  if (!Number.isSafeInteger(number) || (number as number) < min) throw new FaultError(`${name} must be a whole number of at least ${min}`);
  return number as number;
}

function instant(value: unknown): string {
  const time = Date.parse(String(value));
  if (Number.isNaN(time)) throw new FaultError('until must be an instant in ISO 8601');
  return new Date(time).toISOString();
}
