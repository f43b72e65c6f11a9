import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface HttpServer {
  url: string;
  /** Stops accepting, lets running calls end, closes idle connections as they come free. */
  close(): Promise<void>;
}

const TIMES = {
  /** A client that sends its headers byte by byte is let go after this. */
  headersTimeout: 10_000,
  /** Whole request, body included: 500 kB over a slow line fit. */
  requestTimeout: 30_000,
  /** Longer than the idle time of the usual load balancers (60 s), so that they and not we close an idle connection. */
  keepAliveTimeout: 65_000,
};

/** Listens for HTTP/1.1; port 0 takes a free one. Rejects when the address cannot be had. */
export function listen(handler: RequestListener, address: { host: string; port: number }): Promise<HttpServer> {
  const server = createServer({ ...TIMES, connectionsCheckingInterval: 5_000 }, handler);
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(address.port, address.host, () => {
      server.off('error', reject);
      const { port } = server.address() as AddressInfo;
      const host = address.host.includes(':') ? `[${address.host}]` : address.host;
      resolve({ url: `http://${host}:${port}`, close: () => close(server) });
    });
  });
}

function close(server: ReturnType<typeof createServer>): Promise<void> {
  return new Promise((resolve, reject) => {
    // A connection that was busy when close() began turns idle later, and would then hold the process for the whole keep-alive time.
    const sweep = setInterval(() => server.closeIdleConnections(), 50);
    server.close((error) => {
      clearInterval(sweep);
      if (error) reject(error);
      else resolve();
    });
  });
}
