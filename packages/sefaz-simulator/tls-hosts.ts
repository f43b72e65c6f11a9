import { constants, X509Certificate } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { systemClock } from '@malote/runtime/clock';
import { type Ca, createCa, issueServerCertificate } from '@malote/testkit/certificates';
import { isInForce, isIssuedBy, readCertificates } from './certificate.ts';
import { InputError } from './json-input.ts';
import { readBody } from './request-body.ts';

/** Ways in which the same services are reached: as SEFAZ does it today, or with one thing wrong (or old) about the TLS of the host. */
export type TlsHostName = 'normal' | 'wrong-chain' | 'expired' | 'renegotiation';
export const ODD_HOSTS = ['wrong-chain', 'expired', 'renegotiation'] as const satisfies TlsHostName[];

export interface TlsHostsOptions {
  certPem: string;
  keyPem: string;
  /** Authorities whose client certificates may connect. */
  clientCaPem: string;
  /** The authority of `certPem`, which has to issue the expired certificate. */
  issuer: Ca | undefined;
  /** `body`: the body, where it had to be read first. */
  onRequest(request: IncomingMessage, response: ServerResponse, host: TlsHostName, body?: Promise<Buffer | undefined>): void;
  onTlsError(error: NodeJS.ErrnoException, host: TlsHostName): void;
}

export interface TlsHosts {
  /** Makes what the host needs. @throws InputError when it cannot be made here */
  provide(host: TlsHostName): void;
  /** Leads a fresh TCP connection to a host. */
  accept(host: TlsHostName, socket: Socket): void;
}

/** Long past for every client; the authority itself is in force. */
const RAN_OUT = { notBefore: new Date('2020-01-01T00:00:00Z'), notAfter: new Date('2021-01-01T00:00:00Z') };
const RENEGOTIATION_MS = 10_000;

export function createTlsHosts(options: TlsHostsOptions): TlsHosts {
  const servers = new Map<TlsHostName, Server>();
  const trusted = readCertificates(options.clientCaPem);

  function make(host: TlsHostName): Server {
    const { cert, key } = identityOf(host, options);
    const renegotiates = host === 'renegotiation';
    const server = createServer({
      cert,
      key,
      ca: options.clientCaPem,
      requestCert: !renegotiates,
      rejectUnauthorized: true,
      minVersion: 'TLSv1.2',
      // TLS 1.3 has no renegotiation.
      maxVersion: renegotiates ? 'TLSv1.2' : 'TLSv1.3',
      // A resumed session is not asked for a certificate.
      ...(renegotiates ? { secureOptions: constants.SSL_OP_NO_SESSION_RESUMPTION_ON_RENEGOTIATION } : {}),
      // Longer than clients keep idle connections: closing one at the moment it is used again would look like a lost answer.
      keepAliveTimeout: 120_000,
    });
    server.on('tlsClientError', (error: NodeJS.ErrnoException) => options.onTlsError(error, host));
    server.on('request', (request, response) => {
      if (!renegotiates) return options.onRequest(request, response, host);
      // OpenSSL renegotiates only when nothing is left to read, so the body comes first (IIS reads ahead as well).
      const body = readBody(request);
      const given = body.then(() => askForCertificate(request.socket as TLSSocket, trusted));
      given.then(
        (isGood) => {
          if (isGood) return options.onRequest(request, response, host, body);
          // As IIS does it: the page 403.7.
          response.writeHead(403, { 'content-type': 'text/plain', connection: 'close' }).end('Client certificate required');
        },
        () => response.destroy(),
      );
    });
    return server;
  }

  function provide(host: TlsHostName): Server {
    const server = servers.get(host) ?? make(host);
    servers.set(host, server);
    return server;
  }

  return {
    provide: (host) => void provide(host),
    accept: (host, socket) => void provide(host).emit('connection', socket),
  };
}

function identityOf(host: TlsHostName, { certPem, keyPem, issuer }: TlsHostsOptions): { cert: string; key: string } {
  if (host !== 'wrong-chain' && host !== 'expired') return { cert: certPem, key: keyPem };
  const hosts = namesOf(certPem);
  if (host === 'wrong-chain') {
    const ca = createCa({ name: 'AC Que Ninguem Conhece' });
    const issued = issueServerCertificate(ca, { hosts });
    return { cert: issued.certPem + ca.certPem, key: issued.keyPem };
  }
  if (!issuer)
    throw new InputError('an expired certificate needs the key of the authority of --server-cert: give --server-ca and --server-ca-key');
  const issued = issueServerCertificate(issuer, { hosts, ...RAN_OUT });
  return { cert: issued.certPem, key: issued.keyPem };
}

/** Names and addresses that the certificate is for. */
function namesOf(certPem: string): string[] {
  const names = new X509Certificate(certPem).subjectAltName ?? '';
  return names.split(', ').map((name) => name.replace(/^(DNS|IP Address):/, ''));
}

/**
 * Asks for the client certificate after the request has begun, by renegotiation; once per connection.
 * @returns whether one came that a trusted authority issued and that is in force
 */
function askForCertificate(socket: TLSSocket, trusted: readonly X509Certificate[]): Promise<boolean> {
  const isGood = () => {
    const certificate = socket.getPeerX509Certificate();
    return certificate !== undefined && isIssuedBy(certificate, trusted) && isInForce(certificate, systemClock.now());
  };
  if (socket.getPeerX509Certificate()) return Promise.resolve(isGood());
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), RENEGOTIATION_MS);
    const finish = (good: boolean) => {
      clearTimeout(timer);
      resolve(good);
    };
    socket.once('close', () => finish(false));
    const begun = socket.renegotiate({ requestCert: true, rejectUnauthorized: true }, (error) => finish(error === null && isGood()));
    if (begun === false) finish(false);
  });
}
