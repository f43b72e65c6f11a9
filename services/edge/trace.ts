/**
 * W3C Trace Context of one call. `traceparent` is what goes on (our own span as parent), `traceId` names the whole trace.
 */
export interface Trace {
  traceId: string;
  traceparent: string;
}

const HEADER = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/**
 * Continues the caller's trace, or begins one when the header is absent or not valid (W3C Trace Context §3.2: version ff and all-zero ids
 * are invalid, version 00 has nothing after the flags, a later version is read as 00).
 * `random` gives bytes: 8 for the span, 16 more for a new trace.
 */
export function traceOf(header: string | undefined, random: (bytes: number) => Buffer): Trace {
  const [, version, traceId, parentId, flags, rest] = HEADER.exec(header?.trim() ?? '') ?? [];
  const span = random(8).toString('hex');
  const known = traceId && parentId && version !== 'ff' && !(version === '00' && rest) && !/^0+$/.test(traceId) && !/^0+$/.test(parentId);
  if (known) return { traceId, traceparent: `00-${traceId}-${span}-${sampled(flags)}` };
  const fresh = random(16).toString('hex');
  return { traceId: fresh, traceparent: `00-${fresh}-${span}-01` };
}

function sampled(flags: string | undefined): string {
  return (Number.parseInt(flags ?? '0', 16) & 1) === 1 ? '01' : '00';
}
