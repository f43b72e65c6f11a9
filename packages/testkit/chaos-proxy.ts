import { once } from 'node:events';
import { createServer, connect as dial, type Server, type Socket } from 'node:net';

/**
 * - `pass`: bytes go both ways.
 * - `blackhole`: connections are accepted and kept, every byte of either side is swallowed.
 * - `hold`: new connections are accepted and go no further until the mode changes; old ones pass.
 * - `reset`: new connections are accepted and reset at once; old ones pass.
 * - `refuse`: nothing listens on the port (ECONNREFUSED); old ones pass.
 */
export type ChaosMode = 'pass' | 'blackhole' | 'hold' | 'reset' | 'refuse';

export interface ChaosProxy {
  readonly port: number;
  readonly mode: ChaosMode;
  /** Takes effect for the present connections too, where the mode says so. */
  setMode(mode: ChaosMode): Promise<void>;
  /** Resets (RST) every connection on both sides. */
  cut(): void;
  /** Ends every connection on both sides in good order (FIN). */
  end(): void;
  /** Connections that are open towards the proxy now, and that were ever accepted. */
  connections(): { open: number; accepted: number };
  close(): Promise<void>;
}

interface Pair {
  near: Socket;
  far?: Socket;
}

/** A TCP proxy on a free port of 127.0.0.1 in front of `targetPort`, whose connections can be made to fail. */
export async function startChaosProxy(options: { targetPort: number; targetHost?: string; mode?: ChaosMode }): Promise<ChaosProxy> {
  const { targetPort, targetHost = '127.0.0.1' } = options;
  const pairs = new Set<Pair>();
  let mode: ChaosMode = options.mode ?? 'pass';
  let accepted = 0;

  const server: Server = createServer({ allowHalfOpen: true }, (near) => {
    accepted++;
    near.on('error', () => {});
    if (mode === 'reset') {
      near.resetAndDestroy();
      return;
    }
    const pair: Pair = { near };
    pairs.add(pair);
    near.on('close', () => {
      pairs.delete(pair);
      pair.far?.destroy();
    });
    if (mode !== 'hold') join(pair);
  });

  function join(pair: Pair): void {
    const far = dial({ port: targetPort, host: targetHost, allowHalfOpen: true, noDelay: true });
    pair.far = far;
    far.on('error', () => pair.near.resetAndDestroy());
    far.on('close', () => pair.near.destroy());
    relay(pair.near, far);
    relay(far, pair.near);
  }

  function relay(from: Socket, to: Socket): void {
    from.on('data', (chunk) => {
      if (mode === 'blackhole') return;
      if (!to.write(chunk)) {
        from.pause();
        to.once('drain', () => from.resume());
      }
    });
    from.on('end', () => {
      if (mode !== 'blackhole') to.end();
    });
  }

  async function listen(port: number): Promise<number> {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as { port: number }).port;
  }

  const port = await listen(0);
  if (mode === 'refuse') server.close();

  return {
    port,
    get mode() {
      return mode;
    },
    async setMode(next) {
      mode = next;
      if (next === 'refuse') server.close();
      else if (!server.listening) await listen(port);
      if (next !== 'hold') for (const pair of pairs) if (!pair.far) join(pair);
    },
    cut() {
      for (const { near, far } of pairs) {
        near.resetAndDestroy();
        far?.resetAndDestroy();
      }
    },
    end() {
      for (const { near, far } of pairs) {
        near.end();
        far?.end();
      }
    },
    connections: () => ({ open: pairs.size, accepted }),
    async close() {
      const closed = server.listening ? once(server, 'close') : undefined;
      server.close();
      for (const { near, far } of pairs) {
        near.destroy();
        far?.destroy();
      }
      await closed;
    },
  };
}
