import { createSecureContext, type SecureContext } from 'node:tls';
import { buildConnector, Pool } from 'undici';
import { NotSent } from './failure.ts';
import { type HostProfile, hostProfile } from './host-profiles.ts';

/** What a TLS connection needs of a company's certificate. */
export interface TlsCredential {
  thumbprint: string;
  keyPem: string;
  certPem: string;
  chainPem: string[];
}

export interface Connections {
  /** @throws NotSent when OpenSSL does not take the certificate or the key. */
  pool(origin: string, credential: TlsCredential): Pool;
  /** Pools kept now. */
  readonly size: number;
  close(): Promise<void>;
}

export interface ConnectionsOptions {
  /** PEM texts trusted besides Node's own roots (and NODE_EXTRA_CA_CERTS), each with one or more certificates. */
  ca: string[];
  connectTimeoutMs: number;
  /** Pools kept; each costs about 0.1 MB. Default 512. */
  maxPools?: number;
  /** Replaces the table of host-profiles.ts. */
  profileOf?: (host: string) => HostProfile;
}

/**
 * One pool of keep-alive connections per (host, certificate), the least recently used ones closed. Never one pool for two
 * certificates: a connection, and a resumed TLS session, carry the identity of the company that opened them.
 */
export function createConnections(options: ConnectionsOptions): Connections {
  const { connectTimeoutMs, maxPools = 512, profileOf = hostProfile } = options;
  const pools = new Map<string, Pool>();
  const closing = new Set<Promise<void>>();

  function retire(pool: Pool): void {
    const closed = pool.close().catch(() => {});
    closing.add(closed);
    closed.finally(() => closing.delete(closed));
  }

  return {
    pool(origin, credential) {
      const key = `${origin} ${credential.thumbprint}`;
      const known = pools.get(key);
      const pool = known ?? open(origin, secureContext(credential, profileOf(new URL(origin).hostname), options.ca), connectTimeoutMs);
      // Re-inserted: the map's first key is the one used longest ago.
      pools.delete(key);
      pools.set(key, pool);
      const [oldest] = pools;
      if (pools.size > maxPools && oldest) {
        pools.delete(oldest[0]);
        retire(oldest[1]);
      }
      return pool;
    },
    get size() {
      return pools.size;
    },
    async close() {
      for (const pool of pools.values()) retire(pool);
      pools.clear();
      await Promise.all(closing);
    },
  };
}

function open(origin: string, context: SecureContext, timeout: number): Pool {
  // rejectUnauthorized is said outright, so that NODE_TLS_REJECT_UNAUTHORIZED cannot take it away.
  const connector = buildConnector({ secureContext: context, rejectUnauthorized: true, timeout, allowH2: false });
  return new Pool(origin, {
    connect: (target, done) =>
      connector(target, (...result) => {
        const [, socket] = result;
        // Node emits a TLS alert that comes after the handshake (TLS 1.3) as an error, then as an end; undici would report the end
        // ("other side closed") and the alert would be lost. Destroyed with the alert, the socket fails its request with it.
        socket?.on('error', (error) => socket.destroy(error));
        done(...result);
      }),
    allowH2: false,
    pipelining: 1,
    // The deadline of each call is kept by http-call.ts.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
}

function secureContext(credential: TlsCredential, profile: HostProfile, ca: string[]): SecureContext {
  try {
    const context = createSecureContext({
      key: credential.keyPem,
      cert: [credential.certPem, ...credential.chainPem].join('\n'),
      minVersion: profile.minVersion,
      maxVersion: profile.maxVersion,
      ...(profile.ciphers ? { ciphers: profile.ciphers } : {}),
    });
    // Added to a copy of Node's own roots, of this context alone. Given as `ca` with all of Node's roots they would be read anew for every
    // company: 6 ms and 0.8 MB each, more than everything else in a note (docs/performance.md).
    for (const pem of ca) context.context.addCACert(pem);
    return context;
  } catch (error) {
    throw new NotSent('certificado-invalido', { detail: (error as NodeJS.ErrnoException).code, cause: error });
  }
}
