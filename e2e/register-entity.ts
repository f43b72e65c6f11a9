import type { CadastroEntidade } from '@malote/store/bloqueios';
import { eventually } from '@malote/testkit/eventually';
import type { Hub } from './hub.ts';

/** Makes an entity of an account; the hub has an entity-block worker. Its command goes out when the outbox is swept. */
export async function registerEntity({ store }: Pick<Hub, 'store'>, conta: string, cadastro: CadastroEntidade): Promise<void> {
  const { pedido } = await store.bloqueios.insert({
    ...{ conta, quem: { tipo: 'cli' }, traceparent: `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01` },
    ...{ kind: 'cadastro', cadastro },
  });
  const id = pedido._id.slice(conta.length + 1);
  await eventually(async () => (await store.bloqueios.findById({ conta, id }))?.state === 'done', { timeoutMs: 30_000 });
}
