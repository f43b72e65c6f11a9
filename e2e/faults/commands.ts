import { connectBroker } from '@malote/broker/connection';
import type { AnyEnvelope } from '@malote/messages/envelope';
import { TOPOLOGY } from '@malote/messages/routes';
import { systemClock } from '@malote/runtime/clock';
import { createLogger } from '@malote/runtime/logger';
import type { Documento } from '@malote/store/documento';
import { eventually } from '@malote/testkit/eventually';
import type { Hub } from '../hub.ts';

/** Publishes the command in the outbox of every document of a company `copies` times, all at once, as a broker may deliver it. */
export async function publishCommands(hub: Hub, cnpj: string, copies: number): Promise<void> {
  const rows = (await hub.raw.collection('documentos').find({ emitente: cnpj }).toArray()) as unknown as Documento[];
  const broker = connectBroker({
    url: String(hub.env.MALOTE_RABBITMQ_URL),
    name: 'e2e',
    log: createLogger({ service: 'e2e', level: 'silent' }),
    clock: systemClock,
    topology: TOPOLOGY,
  });
  try {
    await eventually(() => broker.state().publishing);
    const messages = rows.flatMap((row) => {
      const [entry] = row.outbox;
      if (!entry) throw new Error(`the outbox of ${row._id} is empty`);
      return Array<AnyEnvelope>(copies).fill(entry.message);
    });
    const results = await Promise.all(messages.map((message) => broker.publish(message)));
    if (results.some((result) => result !== 'confirmed')) throw new Error(`a command was not published: ${results.join(' ')}`);
  } finally {
    await broker.close();
  }
}
