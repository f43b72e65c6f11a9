import { errorOf, MaloteUnavailable } from './errors.ts';

export interface CallOptions {
  /** Longest wait for one answer. */
  timeoutMs: number;
  /** How often a call is repeated that may succeed later; every call of the contract may be. */
  retries: number;
  fetch: typeof fetch;
}

export interface Call {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  url: string;
  headers: Record<string, string>;
  body?: string | Uint8Array | undefined;
  signal?: AbortSignal | undefined;
  /** What the hub itself was asked to wait, on top of the time for an answer. */
  waitMs?: number;
}

export interface Answer {
  status: number;
  headers: Headers;
  bytes: Uint8Array;
  text: string;
}

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;

/**
 * One call, repeated while it may succeed later. @throws MaloteProblem, MaloteUnavailable, or the reason of the caller's signal. When the hub
 * asks for more time than a caller would wait, the error is thrown at once and says how much.
 */
export async function send(call: Call, options: CallOptions): Promise<Answer> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await once(call, options);
    } catch (error) {
      const pauseMs = error instanceof MaloteUnavailable ? pauseAfter(error, tries) : undefined;
      if (pauseMs === undefined || tries >= options.retries) throw error;
      await pause(pauseMs, call.signal);
    }
  }
}

async function once({ method, url, headers, body, signal, waitMs = 0 }: Call, options: CallOptions): Promise<Answer> {
  signal?.throwIfAborted();
  const late = AbortSignal.timeout(options.timeoutMs + waitMs);
  let answer: Response;
  let bytes: Uint8Array;
  try {
    const ends = signal ? AbortSignal.any([signal, late]) : late;
    answer = await options.fetch(url, { method, headers, body: (body ?? null) as RequestInit['body'], signal: ends, redirect: 'error' });
    bytes = new Uint8Array(await answer.arrayBuffer());
  } catch (cause) {
    if (signal?.aborted) throw signal.reason;
    throw new MaloteUnavailable(late.aborted ? 'timeout' : 'network', { cause });
  }
  const text = new TextDecoder().decode(bytes);
  if (answer.ok) return { status: answer.status, headers: answer.headers, bytes, text };
  throw errorOf(answer, text);
}

function pauseAfter({ retryAfterMs }: MaloteUnavailable, tries: number): number | undefined {
  if (retryAfterMs !== undefined) return retryAfterMs <= LONGEST_PAUSE_MS ? retryAfterMs : undefined;
  return Math.min(FIRST_PAUSE_MS * 2 ** tries, LONGEST_PAUSE_MS);
}

/** Rejects with the signal's reason when that comes first. */
export function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', end);
      resolve();
    }, ms);
    signal?.addEventListener('abort', end, { once: true });
  });
}
