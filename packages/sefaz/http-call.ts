import type { Dispatcher } from 'undici';
import { classifyError, type Progress } from './classify-error.ts';
import { type Failure, type FailureReason, NotSent, OutcomeUnknown, Permanent } from './failure.ts';

export interface HttpCall {
  path: string;
  headers: Record<string, string>;
  body: Buffer;
  /** From now to the last byte of the answer, connecting included. */
  timeoutMs: number;
  /** From now to the first byte written; a call that has not begun by then is not made. */
  startWithinMs?: number | undefined;
  signal?: AbortSignal | undefined;
  maxAnswerBytes: number;
}

export interface HttpAnswer {
  status: number;
  body: Buffer;
}

const PERMANENT: ReadonlyMap<number, FailureReason> = new Map([
  [403, 'http-403'],
  [413, 'http-413'],
  [495, 'http-495'],
  [496, 'http-496'],
]);

/**
 * POSTs once, never again. The promise is settled by the first of: the whole answer, an error, the deadline, the signal.
 * Whether anything was sent is known from `onRequestStart`, which undici calls for this very request in the same tick in which it
 * writes its first byte (just before it publishes `undici:client:sendHeaders`).
 * @returns the answer of any HTTP status but those that are Permanent
 * @throws NotSent, OutcomeUnknown, Permanent
 */
export function postOnce(dispatcher: Dispatcher, call: HttpCall): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const progress: Progress = { started: false, answered: false };
    const chunks: Buffer[] = [];
    let controller: Dispatcher.DispatchController | undefined;
    let status = 0;
    let received = 0;
    let settled = false;

    function settle(finish: () => void): void {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      clearTimeout(startTimer);
      call.signal?.removeEventListener('abort', onAbort);
      finish();
    }

    function give(failure: Failure): void {
      // Once a refusing status was read, what breaks afterwards (a server that closes early) does not change its meaning.
      const refused = PERMANENT.get(status);
      settle(() => reject(refused ? new Permanent(refused) : failure));
      // Before the request started there is no controller: onRequestStart then keeps it from being written.
      controller?.abort(failure);
    }

    const timer = setTimeout(
      () => give(progress.started ? new OutcomeUnknown('sem-resposta') : new NotSent('conexao-sem-resposta')),
      call.timeoutMs,
    );
    const { startWithinMs } = call;
    const startTimer =
      startWithinMs === undefined
        ? undefined
        : setTimeout(() => !progress.started && give(new NotSent('prazo-de-envio')), Math.max(0, startWithinMs));
    const onAbort = () => give(progress.started ? new OutcomeUnknown('cancelada') : new NotSent('cancelada'));
    if (call.signal?.aborted) return onAbort();
    // A warm connection would write before a timer of 0 ms fires.
    if (startWithinMs !== undefined && startWithinMs <= 0) return give(new NotSent('prazo-de-envio'));
    call.signal?.addEventListener('abort', onAbort, { once: true });

    const handler: Dispatcher.DispatchHandler = {
      onRequestStart(given) {
        // undici may start a request again whose connection closed without blame; once written is once too often.
        if (settled || progress.started) {
          given.abort(new Error('not to be sent'));
          if (!settled) give(new OutcomeUnknown('conexao-interrompida'));
          return;
        }
        controller = given;
        progress.started = true;
      },
      onResponseStart(_controller, statusCode) {
        if (statusCode < 200) return;
        status = statusCode;
        progress.answered = true;
      },
      onResponseData(_controller, chunk) {
        received += chunk.length;
        if (received > call.maxAnswerBytes) give(new OutcomeUnknown('resposta-grande', { detail: `${received} bytes` }));
        else chunks.push(chunk);
      },
      onResponseEnd() {
        settle(() => {
          const body = Buffer.concat(chunks);
          const refused = PERMANENT.get(status);
          if (refused) reject(new Permanent(refused));
          else resolve({ status, body });
        });
      },
      onResponseError(_controller, error) {
        give(classifyError(error, progress));
      },
    };
    try {
      dispatcher.dispatch({ method: 'POST', path: call.path, headers: call.headers, body: call.body }, handler);
    } catch (error) {
      give(classifyError(error, progress));
    }
  });
}
