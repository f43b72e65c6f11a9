import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { SecureVersion, TLSSocket } from 'node:tls';
import { type Ca, createCa, issueClientPem, issueServerCertificate } from '@malote/testkit/certificates';
import { sampleCnpj } from '@malote/testkit/sample-cnpj';
import type { TlsCredential } from '../transport.ts';

export const RETORNO = '<retConsStatServ xmlns="http://www.portalfiscal.inf.br/nfe" versao="4.00"><cStat>107</cStat></retConsStatServ>';

export const envelope = (content: string) =>
  `<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="http://www.w3.org/2003/05/soap-envelope"><soap:Body>${content}</soap:Body></soap:Envelope>`;

export const result = (retorno: string) =>
  envelope(`<nfeResultMsg xmlns="http://www.portalfiscal.inf.br/nfe/wsdl/NFeStatusServico4">${retorno}</nfeResultMsg>`);

type Trick = (request: IncomingMessage, response: ServerResponse) => void;

const page = (status: number, text: string): Trick => {
  return (request, response) => {
    request.resume().on('end', () => response.writeHead(status, { 'content-type': 'text/html' }).end(text));
  };
};

/** What the server does, by the first part of the path. */
const TRICKS: Record<string, Trick> = {
  ok: page(200, result(RETORNO)),
  html: page(200, '<!DOCTYPE html><html><body>Em manutenção</body></html>'),
  empty: page(200, ''),
  fault: page(
    500,
    envelope(
      '<soap:Fault><soap:Code><soap:Value>soap:Receiver</soap:Value></soap:Code><soap:Reason><soap:Text>sem memória</soap:Text></soap:Reason></soap:Fault>',
    ),
  ),
  '403': page(403, '<html>'),
  '413': page(413, '<html>'),
  '495': page(495, '<html>'),
  '496': page(496, '<html>'),
  '500': page(500, '<html>'),
  '503': page(503, result(RETORNO)),
  'early-413': (request, response) => {
    response.writeHead(413, { connection: 'close' }).end('too large', () => request.socket.destroy());
  },
  'reset-after-headers': (request) => request.socket.destroy(),
  'reset-after-read': (request) => {
    request.resume().on('end', () => request.socket.destroy());
  },
  'cut-answer': (request, response) => {
    request.resume().on('end', () => {
      response.writeHead(200, { 'content-length': '5000' }).write('<half', () => request.socket.destroy());
    });
  },
  huge: (request, response) => {
    request.resume().on('end', () => {
      const chunk = Buffer.alloc(64 * 1024, 'x');
      const more = () => {
        while (!response.destroyed && response.write(chunk));
      };
      response.on('drain', more);
      more();
    });
  },
  hang: (request) => {
    request.resume();
  },
  'slow-body': (request, response) => {
    request.resume().on('end', () => response.writeHead(200).write('<?xml version="1.0"?>'));
  },
};

/** `status-108` answers a retConsStatServ with that cStat, `lote-225` a retEnviNFe. */
function retornoTrick(trick: string): Trick | undefined {
  const [, kind, cStat] = /^(status|lote)-(\d+)$/.exec(trick) ?? [];
  if (!kind) return undefined;
  const root = kind === 'status' ? 'retConsStatServ' : 'retEnviNFe';
  return page(
    200,
    result(
      `<${root} xmlns="http://www.portalfiscal.inf.br/nfe" versao="4.00"><tpAmb>2</tpAmb><verAplic>T1</verAplic><cStat>${cStat}</cStat>` +
        `<xMotivo>Motivo ${cStat}</xMotivo><cUF>35</cUF><dhRecbto>2026-11-21T19:00:00-03:00</dhRecbto></${root}>`,
    ),
  );
}

export interface ReceivedRequest {
  url: string;
  contentType: string | undefined;
  body: string;
  /** Common name of the client certificate. */
  client: string;
}

export interface TrickyServer {
  port: number;
  ca: Ca;
  /** Of the requests whose head was read, in order: the part of the path after the trick. */
  seen: string[];
  /** Requests that were read to their end. */
  received: ReceivedRequest[];
  url(trick: string, id?: string, port?: number): string;
  close(): Promise<void>;
}

/** An HTTPS server that demands a client certificate and misbehaves as the path says (`/<trick>/<id>`). */
export async function startTrickyServer(
  options: { version?: SecureVersion; hosts?: string[]; serverCa?: Ca; keepAliveTimeout?: number; ca?: Ca } = {},
): Promise<TrickyServer> {
  const ca = options.ca ?? createCa();
  const server = issueServerCertificate(options.serverCa ?? ca, { hosts: options.hosts ?? ['localhost', '127.0.0.1'] });
  const seen: string[] = [];
  const received: ReceivedRequest[] = [];
  const https = createServer(
    {
      key: server.keyPem,
      cert: server.certPem,
      ca: ca.certPem,
      requestCert: true,
      rejectUnauthorized: true,
      ...(options.version ? { minVersion: options.version, maxVersion: options.version } : {}),
    },
    (request, response) => {
      const [, trick = '', id = ''] = (request.url ?? '').split('/');
      seen.push(id);
      response.on('error', () => {});
      request.on('error', () => {});
      record(request, received);
      (TRICKS[trick] ?? retornoTrick(trick) ?? page(404, 'no such trick'))(request, response);
    },
  );
  https.keepAliveTimeout = options.keepAliveTimeout ?? 5_000;
  https.listen(0, '127.0.0.1');
  await once(https, 'listening');
  const { port } = https.address() as AddressInfo;
  return {
    port,
    ca,
    seen,
    received,
    url: (trick, id = '', at = port) => `https://localhost:${at}/${trick}/${id}`,
    async close() {
      const closed = once(https, 'close');
      https.close();
      https.closeAllConnections();
      await closed;
    },
  };
}

function record(request: IncomingMessage, received: ReceivedRequest[]): void {
  const chunks: Buffer[] = [];
  const peer = (request.socket as TLSSocket).getPeerCertificate();
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const { url = '', headers } = request;
    received.push({
      url,
      contentType: headers['content-type'],
      body: Buffer.concat(chunks).toString('utf8'),
      client: String(peer.subject?.CN),
    });
  });
}

let issued = 0;

export function credentialOf(ca: Ca): TlsCredential {
  const { certPem, keyPem, chainPem } = issueClientPem(ca, { cnpj: sampleCnpj(++issued), razaoSocial: 'Empresa de Teste' });
  return { thumbprint: `credential-${issued}`, certPem, keyPem, chainPem };
}
