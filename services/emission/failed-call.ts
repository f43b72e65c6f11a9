import { NotSent, OutcomeUnknown, Permanent } from '@malote/sefaz/failure';

export interface FailedCall {
  kind: 'failed';
  n: number;
  failure: 'not-sent' | 'unknown' | 'permanent';
  reason: string;
  retryAfterMs?: number;
  durationMs: number;
}

/** What a call that threw means for its attempt. @throws the error itself when it is none of SEFAZ's failures. */
export function failedCall(error: unknown, n: number, durationMs: number): FailedCall {
  if (error instanceof NotSent) {
    const { reason, retryAfterMs } = error;
    return { kind: 'failed', n, failure: 'not-sent', reason, ...(retryAfterMs === undefined ? {} : { retryAfterMs }), durationMs };
  }
  if (error instanceof OutcomeUnknown) return { kind: 'failed', n, failure: 'unknown', reason: error.reason, durationMs };
  if (error instanceof Permanent) return { kind: 'failed', n, failure: 'permanent', reason: error.reason, durationMs };
  throw error;
}
