import type { AnyEnvelope } from '@malote/messages/envelope';
import type { Bloqueios } from '@malote/store/bloqueios';
import type { EmpresasDeps } from './empresas.ts';

export interface RegisterEntityDeps {
  store: { bloqueios: Pick<Bloqueios, 'insert'> };
  /** Nobody waits for it: without it, and when it fails, the sweep of the outbox publishes. */
  publish?: (message: AnyEnvelope) => Promise<unknown>;
  traceparent: string;
}

/** Asks the entity-block worker, the only one who writes entities, for one where the inscription has none. */
export function registerEntityBy({ store, publish, traceparent }: RegisterEntityDeps): NonNullable<EmpresasDeps['registerEntity']> {
  return async ({ conta, quem, ...cadastro }) => {
    const asked = { kind: 'cadastro', cadastro: { ...cadastro, seAusente: true } } as const;
    const { message } = await store.bloqueios.insert({ conta, quem, traceparent, ...asked });
    publish?.(message).catch(() => undefined);
  };
}
