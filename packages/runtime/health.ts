import type { AddressInfo } from 'node:net';
import express, { type Router } from 'express';
import { errorMessage } from './errors.ts';
import type { Logger } from './logger.ts';
import type { Metrics } from './metrics.ts';
import { maskText } from './redact.ts';
import { within } from './within.ts';

/** True = ready; a text says what is wrong; a throw counts as its message, false as `not ready`. */
export type Check = () => Promise<boolean | string> | boolean | string;

export interface HealthOptions {
  log: Logger;
  metrics: Metrics;
  checks: Record<string, Check>;
}

/** A probe that waits longer would be killed by its caller anyway, and tells less than this does. */
const CHECK_TIMEOUT_MS = 2000;

/**
 * Routes `/health/live` (200 while the event loop turns), `/health/ready` (200, or 503 with the failing checks by name) and
 * `/metrics` (Prometheus text). None is authenticated: mount them only on a port that is not public.
 */
export function healthRouter(options: HealthOptions): Router {
  const { log, metrics, checks } = options;
  const router = express.Router();
  let wasReady: boolean | undefined;
  router.get('/health/live', (_request, response) => {
    response.json({ status: 'ok' });
  });
  router.get('/health/ready', async (_request, response) => {
    const results = await runChecks(checks);
    const failing = Object.fromEntries(Object.entries(results).filter(([, result]) => result !== true));
    const ready = Object.keys(failing).length === 0;
    if (ready !== wasReady) {
      wasReady = ready;
      if (ready) log.info('ready');
      else log.warn({ failing }, 'not ready');
    }
    response.status(ready ? 200 : 503).json({ status: ready ? 'ok' : 'unavailable', checks: results });
  });
  router.get('/metrics', async (_request, response) => {
    response.type(metrics.registry.contentType).send(await metrics.registry.metrics());
  });
  return router;
}

/** The health routes on a port of their own (0 = any free one). Rejects when the port cannot be had. */
export async function startHealth(
  options: HealthOptions & { host: string; port: number },
): Promise<{ url: string; close(): Promise<void> }> {
  const app = express();
  app.disable('x-powered-by');
  app.use(healthRouter(options));
  const server = await new Promise<ReturnType<typeof app.listen>>((resolve, reject) => {
    const listening = app.listen(options.port, options.host, (error?: Error) => (error ? reject(error) : resolve(listening)));
  });
  const { port } = server.address() as AddressInfo;
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  return {
    url: `http://${host}:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Every check at once, each bounded in time; what a check says is masked. */
export async function runChecks(checks: Record<string, Check>): Promise<Record<string, true | string>> {
  const entries = await Promise.all(Object.entries(checks).map(async ([name, check]) => [name, await runCheck(check)] as const));
  return Object.fromEntries(entries);
}

async function runCheck(check: Check): Promise<true | string> {
  try {
    const result = await within(Promise.resolve(check()), CHECK_TIMEOUT_MS, `no answer within ${CHECK_TIMEOUT_MS} ms`);
    return result === true ? true : maskText(result || 'not ready');
  } catch (thrown) {
    return maskText(errorMessage(thrown));
  }
}
