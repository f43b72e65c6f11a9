import assert from 'node:assert/strict';
import { eventually } from '@malote/testkit/eventually';
import type { Customer, DocumentView } from './customer.ts';

/** What the edge says of an event or an inutilização, as far as tests look at it. */
export interface RegistroView {
  status: string;
  chaveAcesso: string;
  codigoEvento: number;
  nSeqEvento: number;
  codigoStatus: string | null;
  motivo: string | null;
  protocolo: string | null;
  dataEvento: string;
  avisos: { cMsg: string; xMsg: string }[];
  faults: { code: string; path: string; message: string }[];
  tentativas: number;
  conteudo: string | null;
}

export const JUSTIFICATIVA = 'Pedido desfeito pelo cliente antes da saída';

/** Asks for an event of a note by JSON; gives its view at once. */
export async function askEvento(
  of: Customer,
  note: DocumentView,
  body: Record<string, unknown>,
): Promise<{ status: number; view: RegistroView }> {
  const answer = await postJson(of, `${of.path}/${note.chaveAcesso}/eventos`, body);
  const text = await answer.text();
  assert.ok(answer.status < 500, text);
  return { status: answer.status, view: JSON.parse(text) as RegistroView };
}

export const cancelamento = { tipo: 'cancelamento', justificativa: JUSTIFICATIVA };
export const correcao = (texto: string) => ({ tipo: 'carta-correcao', correcao: texto });

/** A POST of JSON with the customer's session. */
export function postJson(of: Customer, path: string, body: unknown): Promise<Response> {
  const headers = { 'x-auth-token': of.session, 'content-type': 'application/json' };
  return fetch(`${of.hub.url()}${path}`, { method: 'POST', body: JSON.stringify(body), headers });
}

const FINAL = new Set(['Registrado', 'Rejeitado', 'Arquivo inválido', 'Conflito', 'Inutilizada', 'Rejeitada']);

/** The event once it has this status; rejects when it ends with another. */
export async function untilEvento(
  of: Customer,
  { chaveAcesso, tpEvento, nSeq = 1 }: { chaveAcesso: string; tpEvento: string; nSeq?: number },
  status: string,
): Promise<RegistroView> {
  return untilRegistro(of, `/api/empresas/${of.cnpj}/docs/hom/${chaveAcesso}/eventos/${tpEvento}/${nSeq}`, status);
}

/** The same of whatever is found at a path. */
export async function untilRegistro(of: Customer, path: string, status: string): Promise<RegistroView> {
  return eventually(
    async () => {
      const answer = await of.get(path);
      const view = (await answer.json()) as RegistroView;
      if (view.status === status) return view;
      const stop = FINAL.has(view.status) ? 'ended' : 'is still';
      throw new Error(`${path} ${stop} ${view.status}: ${JSON.stringify(view.faults)} ${view.codigoStatus ?? ''} ${view.motivo ?? ''}`);
    },
    { timeoutMs: 20_000 },
  );
}
