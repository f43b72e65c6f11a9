import { type AnyEnvelope, envelope } from '@malote/messages/envelope';
import { hasSubscriber } from '@malote/messages/routes';
import type { Clock } from '@malote/runtime/clock';
import type { Logger } from '@malote/runtime/logger';
import type { Metrics } from '@malote/runtime/metrics';
import type { ShownCertificado } from '@malote/store/certificados';
import type { Store } from '@malote/store/connect';

export interface ExpiringDeps {
  store: Pick<Store, 'certificados' | 'empresas'>;
  clock: Clock;
  log: Logger;
  metrics: Metrics;
  publish: (message: AnyEnvelope) => Promise<unknown>;
}

/** Days before the end at which it is told, once each. */
export const THRESHOLDS = [60, 30, 15, 7, 1] as const;

const DAY_MS = 86_400_000;
const PASS_EVERY_MS = 60 * 60_000;

export interface ExpiringSweep {
  /** Answers how many it told. */
  sweep(): Promise<number>;
  /** Another process tells now: what this one knew is not kept. */
  onIdle(): void;
}

/**
 * The sweep that tells of certificates in use that end soon: a line in the log, a gauge, and an event where somebody listens. It looks at the
 * injected clock often and works once an hour.
 */
export function expiringSweep(deps: ExpiringDeps): ExpiringSweep {
  const { clock, metrics } = deps;
  const help = `Days left of certificates in use that end within ${THRESHOLDS[0]} days; negative after the end`;
  const gauge = metrics.gauge('certificate_days_left', help, ['empresa']);
  let last = Number.NEGATIVE_INFINITY;
  return {
    async sweep() {
      const now = clock.now();
      // Not only when later: a clock that was set back must not stop it for long.
      if (Math.abs(now.getTime() - last) < PASS_EVERY_MS) return 0;
      const left = new Map<string, number>();
      let told = 0;
      for await (const row of deps.store.certificados.endingBefore(new Date(now.getTime() + THRESHOLDS[0] * DAY_MS))) {
        const empresa = await deps.store.empresas.find({ conta: row.conta, documento: row.empresa });
        // Replaced: nobody needs to do anything about it.
        if (empresa?.certificado !== row._id) continue;
        const days = (row.notAfter.getTime() - now.getTime()) / DAY_MS;
        left.set(row.empresa, days);
        if (days >= 0 && (await tell(row, days, deps))) told += 1;
      }
      gauge.reset();
      for (const [empresa, days] of left) gauge.set({ empresa }, days);
      last = now.getTime();
      return told;
    },
    onIdle() {
      gauge.reset();
      last = Number.NEGATIVE_INFINITY;
    },
  };
}

/** Tells the nearest threshold that was passed; those before it are past as well and need not be told any more. */
async function tell(row: ShownCertificado, days: number, { store, clock, log, publish }: ExpiringDeps): Promise<boolean> {
  const passed = THRESHOLDS.filter((threshold) => days <= threshold);
  const nearest = passed.at(-1);
  if (nearest === undefined || row.avisos?.includes(nearest)) return false;
  const { _id: documentId, conta, empresa, notAfter } = row;
  const diasRestantes = Math.floor(days);
  const hex = (bytes: number) => clock.random(bytes).toString('hex');
  const facts = { id: clock.uuid(), at: clock.now(), traceparent: `00-${hex(16)}-${hex(8)}-01`, correlationId: documentId };
  const payload = { documentId, conta, empresa, validoAte: notAfter.toISOString(), diasRestantes };
  const event = envelope('certificate.expiring', payload, facts) as AnyEnvelope;
  const out = hasSubscriber(event) ? event : undefined;
  if (!(await store.certificados.avisar({ conta, empresa }, documentId, passed, out))) return false;
  log.warn({ conta, empresa, certificado: documentId, notAfter, diasRestantes, limiar: nearest }, 'certificate expiring');
  if (out) await publish(out);
  return true;
}
