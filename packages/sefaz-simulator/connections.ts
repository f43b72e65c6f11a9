import { createServer, type Server, type Socket } from 'node:net';

/** The TCP side of the simulator, in front of TLS: so connections can be refused before the handshake and reset in a call. */
export interface Connections {
  server: Server;
  /** Cuts the connection from this client port with a TCP reset. */
  reset(remotePort: number | undefined): void;
  setBusy(remotePort: number | undefined, busy: boolean): void;
  /** Closes connections that carry no call, so that the next call has to connect. */
  closeIdle(): void;
  closeAll(): void;
}

/**
 * @param accept takes a connection on to TLS
 * @param refused asked for every new connection; true resets it before TLS begins
 */
export function createConnections(accept: (socket: Socket) => void, refused: () => boolean): Connections {
  const open = new Map<number, { socket: Socket; busy: boolean }>();
  const server = createServer({ noDelay: true }, (socket) => {
    // The other side going away is not this process's error; calls notice it by themselves.
    socket.on('error', () => {});
    const port = socket.remotePort;
    if (port === undefined) return;
    if (refused()) {
      socket.resetAndDestroy();
      return;
    }
    open.set(port, { socket, busy: false });
    socket.once('close', () => open.delete(port));
    accept(socket);
  });
  const find = (port: number | undefined) => (port === undefined ? undefined : open.get(port));
  return {
    server,
    reset: (port) => find(port)?.socket.resetAndDestroy(),
    setBusy(port, busy) {
      const connection = find(port);
      if (connection) connection.busy = busy;
    },
    closeIdle() {
      for (const { socket, busy } of open.values()) if (!busy) socket.destroy();
    },
    closeAll() {
      for (const { socket } of open.values()) socket.destroy();
    },
  };
}
