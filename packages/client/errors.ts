import type { components } from './contract.data.ts';

/** The problem document of the contract (RFC 9457). */
export type Problem = components['schemas']['Problem'];
export type ProblemCode = Problem['codigo'];
export type Fault = NonNullable<Problem['faults']>[number];

/** The hub refused the call, and would refuse it again: something has to be changed first. */
export class MaloteProblem extends Error {
  readonly status: number;
  /** Permanent; what a program decides by. */
  readonly codigo: ProblemCode;
  readonly title: string;
  readonly detail: string;
  readonly faults: readonly Fault[];
  readonly cStat: string | undefined;
  readonly xMotivo: string | undefined;
  /** Place in the request body, from 1. */
  readonly linha: number | undefined;
  readonly coluna: number | undefined;
  /** Identifies the call in the logs of the hub; tell it to support. */
  readonly instance: string;

  constructor(problem: Problem) {
    super(`${problem.status} ${problem.codigo}: ${problem.detail}`);
    this.name = 'MaloteProblem';
    this.status = problem.status;
    this.codigo = problem.codigo;
    this.title = problem.title;
    this.detail = problem.detail;
    this.faults = problem.faults ?? [];
    this.cStat = problem.cStat;
    this.xMotivo = problem.xMotivo;
    this.linha = problem.linha;
    this.coluna = problem.coluna;
    this.instance = problem.instance;
  }
}

export type UnavailableReason = 'network' | 'timeout' | 'unavailable' | 'rate-limit';

/**
 * The hub could not be asked, or could not answer now: the same call may succeed later. What became of an emission is then unknown, and
 * posting the same content again tells: it is never doubled.
 */
export class MaloteUnavailable extends Error {
  readonly reason: UnavailableReason;
  /** Of the answer, when there was one. */
  readonly status: number | undefined;
  /** How long the hub asked to wait. */
  readonly retryAfterMs: number | undefined;

  constructor(reason: UnavailableReason, facts: { status?: number; retryAfterMs?: number | undefined; cause?: unknown } = {}) {
    const status = facts.status === undefined ? '' : ` (${facts.status})`;
    super(`Malote ${WHAT[reason]}${status}`, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = 'MaloteUnavailable';
    this.reason = reason;
    this.status = facts.status;
    this.retryAfterMs = facts.retryAfterMs;
  }
}

const WHAT: Record<UnavailableReason, string> = {
  network: 'could not be reached',
  timeout: 'did not answer in time',
  unavailable: 'is not available',
  'rate-limit': 'answers no more calls for now',
};

/** What the calls of TSS answer when they refuse: their own form, told as the problem that it means. */
const TSS_CODES: Partial<Record<number, ProblemCode>> = { 400: 'requisicao-invalida', 404: 'entidade-desconhecida' };

/** The error of an answer that is none of 2xx. A body that is no problem document comes from somebody before the hub. */
export function errorOf(answer: Response, text: string): MaloteProblem | MaloteUnavailable {
  const { status } = answer;
  const seconds = answer.headers.get('retry-after') ?? '';
  const retryAfterMs = /^\d{1,6}$/.test(seconds) ? Number(seconds) * 1000 : undefined;
  if (status === 429) return new MaloteUnavailable('rate-limit', { status, retryAfterMs });
  const problem = problemOf(answer, text);
  if (problem && status !== 503) return new MaloteProblem(problem);
  return new MaloteUnavailable('unavailable', { status, retryAfterMs, cause: problem ? new MaloteProblem(problem) : undefined });
}

function problemOf({ status, headers }: Response, text: string): Problem | undefined {
  const type = headers.get('content-type')?.split(';')[0];
  const codigo = TSS_CODES[status];
  try {
    if (type === 'application/problem+json') return JSON.parse(text) as Problem;
    if (type !== 'application/json' || codigo === undefined) return undefined;
    const { error } = JSON.parse(text) as { error?: unknown };
    if (typeof error !== 'string') return undefined;
    return { type: `/problemas/${codigo}`, title: 'Requisição recusada', status, detail: error, instance: '', codigo };
  } catch {
    return undefined;
  }
}
