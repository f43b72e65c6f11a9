import { type Autorizador, autorizadorContingencia, autorizadorNormal } from '@malote/fiscal/model/autorizador';
import type { Modelo } from '@malote/fiscal/model/modelo';
import { type AnyEnvelope, envelope } from '@malote/messages/envelope';
import type { Clock } from '@malote/runtime/clock';
import type { Store } from '@malote/store/connect';
import { STATUS_EVERY_MS } from '@malote/store/consumo';
import type { Empresa } from '@malote/store/empresas';
import { Refused } from './refused.ts';

export interface TestarDeps {
  store: Pick<Store, 'certificados' | 'empresas'>;
  clock: Pick<Clock, 'now' | 'uuid'>;
  /** Sends a command to the broker; failing is allowed, the outbox has it. */
  publish(message: AnyEnvelope): Promise<unknown>;
}

/** A test that was asked for: known by the id of its command. */
export interface TestePedido {
  autorizador: Autorizador;
  pedido: string;
}

/** Who a company calls in one ambiente: the authorisers of its UF and, where there is one, the SVC of its NF-e; each with a model it serves. */
export function autorizadoresDaEmpresa({ uf }: Pick<Empresa, 'uf'>): { alvo: Autorizador; normal: Autorizador; modelo: Modelo }[] {
  const nfe = autorizadorNormal('55', uf);
  const nfce = autorizadorNormal('65', uf);
  const svc = autorizadorContingencia('55', uf);
  return [
    { alvo: nfe, normal: nfe, modelo: '55' },
    ...(nfce === nfe ? [] : [{ alvo: nfce, normal: nfce, modelo: '65' } as const]),
    ...(svc ? [{ alvo: svc, normal: nfe, modelo: '55' } as const] : []),
  ];
}

/**
 * Has the company's certificate tried by a status call at each of its authorisers, which the emission worker makes: this process opens no key.
 * What was tested in the last three minutes is left alone, since SEFAZ allows no other test before.
 * @throws Refused `empresa-desconhecida`, `certificado-ausente`
 */
export async function pedirTestes(
  { store, clock, publish }: TestarDeps,
  { conta, empresa: documento, tpAmb, traceparent }: { conta: string; empresa: string; tpAmb: '1' | '2'; traceparent: string },
): Promise<{ certificado: string; pedidos: TestePedido[] }> {
  const empresa = await store.empresas.find({ conta, documento });
  if (!empresa) throw new Refused('empresa-desconhecida', `A empresa ${documento} não está cadastrada nesta conta.`, 'empresa');
  const owner = { conta, empresa: documento };
  const present = (await store.certificados.history(owner)).find(({ _id }) => _id === empresa.certificado);
  if (!present) throw new Refused('certificado-ausente', `A empresa ${documento} não tem certificado A1 neste hub.`, 'empresa');
  const { _id: certificado, testes = {} } = present;
  const now = clock.now();
  const due = autorizadoresDaEmpresa(empresa).filter(({ alvo }) => {
    const last = testes[`${alvo}_${tpAmb}`];
    const again = last?.proximoEm ?? (last && new Date(last.em.getTime() + STATUS_EVERY_MS));
    return !again || again <= now;
  });
  const messages = due.map(({ alvo, normal, modelo }) => {
    const payload = { documentId: certificado, conta, empresa: documento, familia: 'nfe', autorizador: normal, fila: 'agora' } as const;
    const facts = { id: clock.uuid(), at: now, traceparent, correlationId: certificado };
    return envelope('certificate.test', { ...payload, alvo, modelo, ambiente: tpAmb }, facts);
  });
  if (messages.length > 0) await store.certificados.pedirTestes(owner, certificado, messages as AnyEnvelope[]);
  await Promise.all(messages.map((message) => publish(message as AnyEnvelope).catch(() => {})));
  return { certificado, pedidos: messages.map(({ id, payload }) => ({ autorizador: payload.alvo, pedido: id })) };
}
