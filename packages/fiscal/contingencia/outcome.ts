/** What a call to an authoriser ended with: an answer of SEFAZ (its cStat) or none, and why there was none. */
export type CallEnd =
  | { cStat: string }
  /** `transport`: connect, TLS or answer timeout, reset, HTTP 5xx, unreadable answer. `local`: DNS, no route. `refused`: HTTP 4xx, certificate. */
  | { failed: 'transport' | 'local' | 'refused' };

/**
 * `failure` and `paused` justify contingency, `local` does so only while other authorisers answer; `answered` never does, but proves that
 * the network works.
 */
export type CallOutcome = 'answered' | 'failure' | 'local' | 'paused';

/**
 * What a call's end says about the authoriser (MOC 7.0 Anexo III; cStat 108/109). A rejection, 656, a certificate fault (280–298), 999 or
 * an HTTP 403 is an answer: the authoriser is there.
 */
export function callOutcome(end: CallEnd): CallOutcome {
  if ('cStat' in end) return end.cStat === '108' || end.cStat === '109' ? 'paused' : 'answered';
  if (end.failed === 'refused') return 'answered';
  return end.failed === 'local' ? 'local' : 'failure';
}
