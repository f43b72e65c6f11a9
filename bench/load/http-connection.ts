import { connect, type Socket } from 'node:net';

export interface Answer {
  status: number;
  body: Buffer;
}

/** One keep-alive connection with one request at a time. */
export interface HttpConnection {
  /** Sends a whole request as it stands. Rejects when the connection ends before the answer does. */
  send(request: Buffer): Promise<Answer>;
  close(): void;
}

const HEAD_END = Buffer.from('\r\n\r\n');

/**
 * HTTP/1.1 as far as a load generator on the same machine as what it measures needs it: a general client would cost as much as the
 * server. Understands answers with Content-Length only.
 */
export async function openConnection(url: string): Promise<HttpConnection> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  let waiting: { resolve(answer: Answer): void; reject(error: Error): void } | undefined;
  let received: Buffer = Buffer.alloc(0);

  const fail = (error: Error): void => {
    waiting?.reject(error);
    waiting = undefined;
  };
  socket.on('error', fail);
  socket.on('close', () => fail(new Error('the connection was closed')));
  socket.on('data', (chunk: Buffer) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    try {
      const answer = readAnswer(received);
      if (!answer) return;
      received = received.subarray(answer.length);
      const { resolve } = waiting ?? {};
      waiting = undefined;
      resolve?.(answer);
    } catch (error) {
      fail(error as Error);
      socket.destroy();
    }
  });
  return {
    send: (request) =>
      new Promise((resolve, reject) => {
        if (waiting) return reject(new Error('a request is under way on this connection'));
        if (!isOpen(socket)) return reject(new Error('the connection is closed'));
        waiting = { resolve, reject };
        socket.write(request);
      }),
    close: () => socket.destroy(),
  };
}

const isOpen = (socket: Socket): boolean => !socket.destroyed && socket.writable;

/** The answer at the start of what was received, with its length in bytes; undefined while it is not whole. */
export function readAnswer(received: Buffer): (Answer & { length: number }) | undefined {
  const end = received.indexOf(HEAD_END);
  if (end < 0) return undefined;
  const head = received.toString('latin1', 0, end);
  const status = Number(head.slice(9, 12));
  const size = /^content-length: *(\d+)/im.exec(head)?.[1];
  if (size === undefined && status !== 204 && status !== 304) throw new Error(`an answer without Content-Length: ${head.slice(0, 200)}`);
  const from = end + HEAD_END.length;
  const length = from + Number(size ?? 0);
  return received.length < length ? undefined : { status, body: received.subarray(from, length), length };
}
