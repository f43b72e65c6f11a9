/** Replaces a value that must not be seen. */
export const MASK = '***';

/** Names that hide their value whole; compared in lower case, without `-`, `_` and `.`. */
const SECRET_NAMES = new Set(['key', 'dek', 'pass', 'pwd', 'pin', 'jwt', 'auth']);

/** Parts of a name that hide its value: `senhaCertificado`, `x-auth-token`, `idCSC`, `privateKeyPem`… */
const SECRET_PARTS =
  /senha|password|passwd|passphrase|secret|segredo|token|authorization|cookie|csc|csrt|pfx|pkcs12|privatekey|masterkey|apikey|operatorkey|keypem|signingkey|rabbitmqurl|mongourl|redisurl/;

// The length of a scheme is bounded: without, a long text without any URL takes quadratic time.
const CREDENTIALS_IN_URL = /([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/@"'\\]*@/gi;
// Stops at a quote, so that masking a finished JSON line leaves JSON.
const PRIVATE_KEY_PEM = /-----BEGIN [A-Z ]*PRIVATE KEY-----[^"]*?(?:-----END [A-Z ]*PRIVATE KEY-----|(?=")|$)/g;
const AUTHORIZATION_VALUE = /\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{8,}/g;

const MAX_DEPTH = 12;

/** True when the value under this name is never to be logged. */
export function isSecretName(name: string): boolean {
  const plain = name.toLowerCase().replace(/[-_.\s]/g, '');
  return SECRET_NAMES.has(plain) || SECRET_PARTS.test(plain);
}

/** Masks what is secret by its shape: user and password in URLs, private keys in PEM, Authorization values. */
export function maskText(text: string): string {
  let masked = text;
  // Every line of every log comes here: a plain search is far cheaper than an expression that finds nothing.
  if (masked.includes('://')) masked = masked.replace(CREDENTIALS_IN_URL, `$1${MASK}@`);
  if (masked.includes('-----BEGIN ')) masked = masked.replace(PRIVATE_KEY_PEM, `${MASK} (private key)`);
  if (masked.includes('Bearer') || masked.includes('Basic')) masked = masked.replace(AUTHORIZATION_VALUE, `$1 ${MASK}`);
  return masked;
}

/**
 * A copy safe to log, at every depth: values under secret names masked, secrets inside texts masked, errors as plain objects,
 * bytes as their length (a PFX is bytes), cycles and depths over 12 cut.
 */
export function redact(value: unknown): unknown {
  return copy(value, 0, new Set());
}

function copy(value: unknown, depth: number, above: Set<object>): unknown {
  if (typeof value === 'string') return maskText(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return typeof value === 'function' ? undefined : value;
  if (value instanceof Date) return value;
  if (ArrayBuffer.isView(value)) return `<${value.byteLength} bytes>`;
  if (depth >= MAX_DEPTH || above.has(value)) return '…';
  above.add(value);
  try {
    if (Array.isArray(value)) return value.map((item) => copy(item, depth + 1, above));
    if (value instanceof Error) return copyError(value, depth, above);
    if (value instanceof Map)
      return copyEntries(
        [...value].map(([k, v]) => [String(k), v] as const),
        depth,
        above,
      );
    if (value instanceof Set) return [...value].map((item) => copy(item, depth + 1, above));
    if (value instanceof URL) return maskText(value.href);
    const toJson = (value as { toJSON?: unknown }).toJSON;
    if (typeof toJson === 'function') return copy(toJson.call(value), depth + 1, above);
    return copyEntries(Object.entries(value), depth, above);
  } finally {
    above.delete(value);
  }
}

function copyError(error: Error, depth: number, above: Set<object>): unknown {
  const plain: Record<string, unknown> = { type: error.name, message: maskText(error.message) };
  if (error.stack) plain.stack = maskText(error.stack);
  if (error.cause !== undefined) plain.cause = copy(error.cause, depth + 1, above);
  if (error instanceof AggregateError) plain.errors = copy(error.errors, depth + 1, above);
  return { ...copyEntries(Object.entries(error), depth, above), ...plain };
}

function copyEntries(entries: Iterable<readonly [string, unknown]>, depth: number, above: Set<object>): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const [name, value] of entries) {
    out[name] = isSecretName(name) && value !== undefined && value !== null ? MASK : copy(value, depth + 1, above);
  }
  return out;
}
