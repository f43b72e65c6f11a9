import type { Clock } from '@malote/runtime/clock';
import CircuitBreaker from 'opossum';
import { isFailure, NotSent } from './failure.ts';

export interface BreakerSettings {
  /** Fewest calls in the window before failures may open the circuit; at least 10. */
  failures: number;
  windowMs: number;
  /** How long an open circuit waits before it lets one call try. */
  resetMs: number;
}

export type BreakerState = 'closed' | 'half-open' | 'open';

/** An answer that proves the service is down (108, 109): it counts as a failure, and its caller still receives it. */
export class Unavailable<T> extends Error {
  readonly answer: T;
  constructor(answer: T) {
    super('service unavailable');
    this.answer = answer;
  }
}

export interface Breaker {
  /**
   * Runs `call` unless the circuit is open. It opens when more than half of at least `failures` calls in the window failed in a way
   * that speaks against the authoriser (Failure.blamesHost, or Unavailable thrown by `call`).
   * @throws NotSent `circuito-aberto` with the time left as retryAfterMs, or what `call` throws.
   */
  run<T>(call: () => Promise<T>): Promise<T>;
  state(): BreakerState;
  close(): void;
}

/** One per (autorizador, service, ambiente) and process. `onState` is told of every change. */
export function createBreaker(
  settings: BreakerSettings,
  clock: Pick<Clock, 'monotonic'>,
  onState: (state: BreakerState) => void = () => {},
): Breaker {
  let openedAt = 0;
  // No timeout and no abortController: opossum has one per breaker, so that the timeout of one call would abort its neighbours.
  const circuit = new CircuitBreaker((call: () => Promise<unknown>) => call(), {
    timeout: false,
    errorThresholdPercentage: 50,
    volumeThreshold: Math.max(10, settings.failures),
    rollingCountTimeout: settings.windowMs,
    rollingCountBuckets: 10,
    resetTimeout: settings.resetMs,
    // opossum takes a filtered error for a success.
    errorFilter: (error) => !(error instanceof Unavailable) && !(isFailure(error) && error.blamesHost),
  });
  circuit.on('open', () => {
    openedAt = clock.monotonic();
    onState('open');
  });
  circuit.on('halfOpen', () => onState('half-open'));
  circuit.on('close', () => onState('closed'));

  return {
    async run<T>(call: () => Promise<T>) {
      try {
        return (await circuit.fire(call)) as T;
      } catch (error) {
        if (error instanceof Unavailable) return error.answer as T;
        const code = (error as { code?: string }).code;
        if (code !== 'EOPENBREAKER' && code !== 'ESHUTDOWN') throw error;
        const left = openedAt + settings.resetMs - clock.monotonic();
        // While one call is on trial the time is over: the others come back a little later.
        throw new NotSent('circuito-aberto', { retryAfterMs: Math.max(1_000, Math.ceil(left)) });
      }
    },
    state: () => (circuit.opened ? 'open' : circuit.halfOpen ? 'half-open' : 'closed'),
    close: () => circuit.shutdown(),
  };
}
