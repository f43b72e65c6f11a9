import { createServer, type Server, type Socket } from 'node:net';
import type { TlsHostName } from './tls-hosts.ts';

/** The TCP side of the simulator, in front of TLS: so connections can be refused before the handshake and reset in a call. */
export interface Connections {
  /** A listener whose connections are for this host (until a fault decides otherwise). */
  server(host: TlsHostName): Server;
  /** Cuts the connection that this socket, or the TLS socket on it, belongs to, with a TCP reset. */
  reset(socket: Ends): void;
  setBusy(socket: Ends, busy: boolean): void;
  /** Closes connections that carry no call, so that the next call has to connect. */
  closeIdle(): void;
  /** Ends listening. */
  close(): void;
  closeAll(): void;
}

/** The two ports tell a connection; a closed socket has forgotten them. */
export type Ends = Pick<Socket, 'localPort' | 'remotePort'>;

/** @param accept takes a new connection on to TLS, or refuses it with `false`: it is reset before TLS begins */
export function createConnections(accept: (socket: Socket, host: TlsHostName) => boolean): Connections {
  const open = new Map<string, { socket: Socket; busy: boolean }>();
  const servers: Server[] = [];
  const keyOf = ({ localPort, remotePort }: Ends) => `${localPort}.${remotePort}`;

  function connected(socket: Socket, host: TlsHostName): void {
    // The other side going away is not this process's error; calls notice it by themselves.
    socket.on('error', () => {});
    if (socket.remotePort === undefined) return;
    const key = keyOf(socket);
    open.set(key, { socket, busy: false });
    socket.once('close', () => open.delete(key));
    if (!accept(socket, host)) socket.resetAndDestroy();
  }

  return {
    server(host) {
      const server = createServer({ noDelay: true }, (socket) => connected(socket, host));
      servers.push(server);
      return server;
    },
    reset: (ends) => open.get(keyOf(ends))?.socket.resetAndDestroy(),
    setBusy(ends, busy) {
      const connection = open.get(keyOf(ends));
      if (connection) connection.busy = busy;
    },
    closeIdle() {
      for (const { socket, busy } of open.values()) if (!busy) socket.destroy();
    },
    close() {
      for (const server of servers) server.close();
    },
    closeAll() {
      for (const { socket } of open.values()) socket.destroy();
    },
  };
}
