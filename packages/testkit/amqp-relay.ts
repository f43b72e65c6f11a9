import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A relay in front of RabbitMQ for what neither it nor a plain proxy can be made to do at a given moment. */
export interface AmqpRelay {
  port: number;
  /** While true RabbitMQ hears the client, but its answers are lost. */
  swallowAnswers: boolean;
  /** While true a connection's answers are lost from its next publish on, until it is closed: RabbitMQ has the message, and its confirm never comes. */
  swallowFromPublishOn: boolean;
  /** Set to true: the next consume never reaches RabbitMQ, so its answer never comes; false again once that happened. */
  loseNextConsume: boolean;
  /** Tells every client connection that publishes are refused (memory alarm), as RabbitMQ would. Only at a quiet moment: between frames. */
  sendBlocked(reason: string): void;
  sendUnblocked(): void;
  cut(): void;
  close(): Promise<void>;
}

const CONNECTION_CLASS = 10;
const BLOCKED_METHOD = 60;
const UNBLOCKED_METHOD = 61;
/** Class 60, method 40. */
const BASIC_PUBLISH = Buffer.from([0, 60, 0, 40]);
/** Class 60, method 20. */
const BASIC_CONSUME = Buffer.from([0, 60, 0, 20]);

export async function startAmqpRelay(targetPort: number): Promise<AmqpRelay> {
  const sockets = new Set<Socket>();
  const clients = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(targetPort, '127.0.0.1');
    clients.add(near);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        clients.delete(socket);
        other.destroy();
      });
    }
    let isDeaf = false;
    near.on('data', (bytes) => {
      isDeaf ||= relay.swallowFromPublishOn && bytes.includes(BASIC_PUBLISH);
      if (relay.loseNextConsume && bytes.includes(BASIC_CONSUME)) relay.loseNextConsume = false;
      else far.write(bytes);
    });
    far.on('data', (bytes) => {
      if (!relay.swallowAnswers && !isDeaf) near.write(bytes);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const sendAll = (frame: Buffer): void => {
    for (const client of clients) client.write(frame);
  };
  const relay: AmqpRelay = {
    port: (server.address() as { port: number }).port,
    swallowAnswers: false,
    swallowFromPublishOn: false,
    loseNextConsume: false,
    sendBlocked: (reason) => sendAll(methodFrame(BLOCKED_METHOD, Buffer.concat([Buffer.from([reason.length]), Buffer.from(reason)]))),
    sendUnblocked: () => sendAll(methodFrame(UNBLOCKED_METHOD, Buffer.alloc(0))),
    cut() {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    async close() {
      server.close();
      relay.cut();
      await once(server, 'close');
    },
  };
  return relay;
}

/** AMQP 0-9-1, 4.2.3: type 1 (method), channel 0, size, class, method, arguments, frame end. */
function methodFrame(method: number, args: Buffer): Buffer {
  const head = Buffer.alloc(11);
  head.writeUInt8(1, 0);
  head.writeUInt16BE(0, 1);
  head.writeUInt32BE(4 + args.length, 3);
  head.writeUInt16BE(CONNECTION_CLASS, 7);
  head.writeUInt16BE(method, 9);
  return Buffer.concat([head, args, Buffer.from([0xce])]);
}
