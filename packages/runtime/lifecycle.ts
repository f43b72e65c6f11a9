import { asError } from './errors.ts';
import type { Logger } from './logger.ts';

export interface LifecycleOptions {
  log: Logger;
  /** Bound of the whole shutdown, all releasers together. */
  timeoutMs: number;
  /** Ends the process; `process.exit` when absent. */
  exit?: (code: number) => void;
}

export interface Lifecycle {
  /** Registers what undoes a step of the start; releasers run in reverse order, once. */
  defer(name: string, release: () => Promise<unknown> | unknown): void;
  /** Aborted when the shutdown begins. */
  signal: AbortSignal;
  /** Runs the releasers, last registered first; a repeated call returns the first one's promise. True = all released in time. Never throws. */
  shutdown(reason: string): Promise<boolean>;
  /**
   * SIGTERM and SIGINT shut down and exit 0 (1 when something failed or took too long); a second signal exits 1 at once.
   * An uncaught exception or unhandled rejection is logged, shuts down and exits 1.
   */
  installSignals(): void;
}

/** See Lifecycle. A releaser that fails or hangs is logged and does not keep the next ones from running. */
export function createLifecycle(options: LifecycleOptions): Lifecycle {
  const { log, timeoutMs } = options;
  const exit = options.exit ?? ((code: number) => process.exit(code));
  const controller = new AbortController();
  const releasers: { name: string; release: () => Promise<unknown> | unknown }[] = [];
  let running: Promise<boolean> | undefined;

  async function releaseAll(reason: string): Promise<boolean> {
    log.info({ reason, timeoutMs }, 'shutting down');
    controller.abort(new Error(`shutdown: ${reason}`));
    let clean = true;
    const expired = expiry(timeoutMs);
    for (let step = releasers.pop(); step; step = releasers.pop()) {
      const outcome = await Promise.race([settle(step.release), expired.promise]);
      if (outcome === 'released') continue;
      clean = false;
      if (outcome === 'expired') log.error({ step: step.name, timeoutMs }, 'shutdown step not finished in time');
      else log.error({ step: step.name, err: outcome }, 'shutdown step failed');
    }
    expired.cancel();
    log.info({ reason, clean }, 'shut down');
    return clean;
  }

  function shutdown(reason: string): Promise<boolean> {
    running ??= releaseAll(reason);
    return running;
  }

  function endWith(reason: string, failed: boolean): void {
    if (running) {
      log.error({ reason }, 'second signal or failure while shutting down, aborting');
      exit(1);
      return;
    }
    void shutdown(reason).then((clean) => exit(clean && !failed ? 0 : 1));
  }

  function fail(reason: string, thrown: unknown): void {
    log.fatal({ err: asError(thrown) }, reason);
    // While already shutting down a failure is only logged: the releasers still running may be closing what it came from.
    if (!running) endWith(reason, true);
  }

  return {
    signal: controller.signal,
    shutdown,
    defer(name, release) {
      if (running) throw new Error(`shutdown has begun, ${name} cannot be registered`);
      releasers.push({ name, release });
    },
    installSignals() {
      for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, () => endWith(name, false));
      process.on('uncaughtException', (error) => fail('uncaught exception', error));
      process.on('unhandledRejection', (reason) => fail('unhandled rejection', reason));
    },
  };
}

async function settle(release: () => Promise<unknown> | unknown): Promise<'released' | Error> {
  try {
    await release();
    return 'released';
  } catch (thrown) {
    return asError(thrown);
  }
}

function expiry(ms: number): { promise: Promise<'expired'>; cancel(): void } {
  let timer: NodeJS.Timeout | undefined;
  const promise = new Promise<'expired'>((resolve) => {
    timer = setTimeout(resolve, ms, 'expired');
  });
  return { promise, cancel: () => clearTimeout(timer) };
}
