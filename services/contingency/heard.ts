import type { Evidence, Heard } from '@malote/fiscal/contingencia/situacao';

/**
 * When each authoriser was last heard by any process of the hub. It changes with every second of traffic and concerns every mode, so it is kept
 * here and reaches a row only when that row is written; what a process that just started does not know yet only makes a switch later.
 */
export interface HeardOfAll {
  learn(evidence: Pick<Evidence, 'heard'>): void;
  /** The evidence with what is known here. */
  into(evidence: Evidence): Evidence;
}

export function createHeard(): HeardOfAll {
  let all: Evidence['heard'] = {};
  return {
    learn({ heard }) {
      all = merged(all, heard);
    },
    into: (evidence) => ({ ...evidence, heard: merged(evidence.heard, all) }),
  };
}

function merged(a: Evidence['heard'], b: Evidence['heard']): Evidence['heard'] {
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]) as Set<keyof Evidence['heard']>;
  return Object.fromEntries([...keys].map((key) => [key, later(a[key] ?? {}, b[key] ?? {})]));
}

function later(a: Heard, b: Heard): Heard {
  const answeredAt = Math.max(a.answeredAt ?? 0, b.answeredAt ?? 0);
  const failed = (a.failedAt ?? 0) >= (b.failedAt ?? 0) ? a : b;
  const { failedAt, local = false } = failed;
  return { ...(answeredAt > 0 ? { answeredAt } : {}), ...(failedAt === undefined ? {} : { failedAt, local }) };
}
