/**
 * TLS alerts that a server sends only when it gives the handshake up (RFC 8446 §6.2): the application behind it never saw the
 * request, even when TLS 1.3 let the client write first. Alerts that may also come later (internal_error, bad_record_mac,
 * decode_error …) are left out on purpose.
 */
const HANDSHAKE_ALERTS: ReadonlyMap<number, 'certificate' | 'negotiation'> = new Map([
  [40, 'certificate'], // handshake_failure: what TLS 1.2 servers answer to a missing client certificate
  [42, 'certificate'], // bad_certificate
  [43, 'certificate'], // unsupported_certificate
  [44, 'certificate'], // certificate_revoked
  [45, 'certificate'], // certificate_expired
  [46, 'certificate'], // certificate_unknown
  [48, 'certificate'], // unknown_ca
  [49, 'certificate'], // access_denied
  [70, 'negotiation'], // protocol_version
  [71, 'negotiation'], // insufficient_security
  [112, 'negotiation'], // unrecognized_name
  [116, 'certificate'], // certificate_required
]);

/** OpenSSL reports a received alert as reason 1000 + its number; Node keeps that only in the text of the error. */
const ALERT_IN_TEXT = /SSL alert number (\d+)/;

/** What a received handshake alert was about, or undefined when `error` is none. */
export function handshakeAlert(error: unknown): 'certificate' | 'negotiation' | undefined {
  for (let e = error; e instanceof Error; e = e.cause) {
    const number = ALERT_IN_TEXT.exec(e.message)?.[1];
    if (number) return HANDSHAKE_ALERTS.get(Number(number));
  }
  return undefined;
}
