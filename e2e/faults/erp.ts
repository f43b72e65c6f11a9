import { setTimeout as pause } from 'node:timers/promises';
import { type Customer, signIn } from '../customer.ts';
import type { Hub } from '../hub.ts';
import type { NoteId } from './audit.ts';

const TRY_AGAIN_MS = 200;
const ANSWER_MS = 20_000;

/** An ERP that does what the documentation tells it: repeats a post that was not answered or answered 503, and signs in again on a 401. */
export interface Erp {
  /** @returns the status of the answer that accepted it. @throws Error when another answer came, or none in time. */
  submit(customer: Customer, xml: string, options?: { timeoutMs?: number }): Promise<number>;
  /** How often each answer came that was none: `503`, `401`, `no answer: <why>`. */
  refusals: Record<string, number>;
}

export function createErp(hub: Hub): Erp {
  /** Empty: it ended, sign in again. A customer not in here still has the one it was made with. */
  const sessions = new Map<Customer, string>();
  const refusals: Record<string, number> = {};

  async function submit(customer: Customer, xml: string, { timeoutMs = 120_000 } = {}): Promise<number> {
    const deadline = performance.now() + timeoutMs;
    let last = '';
    while (performance.now() < deadline) {
      const status = await post(customer, xml).catch((error: Error) => String(error.cause ?? error.message));
      if (status === 200 || status === 202) return status;
      if (status === 401) sessions.set(customer, '');
      if (typeof status === 'number' && ![401, 429, 503].includes(status)) {
        const said = hub.service('edge').lines.findLast(({ level, codigo }) => level === 'error' && codigo !== undefined);
        throw new Error(`POST was answered ${status}; the edge's last error: ${JSON.stringify(said?.err)}`);
      }
      last = String(status);
      const kind = typeof status === 'number' ? last : `no answer: ${withoutAddress(last)}`;
      refusals[kind] = (refusals[kind] ?? 0) + 1;
      await pause(TRY_AGAIN_MS);
    }
    throw new Error(`not accepted within ${timeoutMs} ms; the last answer: ${last}`);
  }

  async function post(customer: Customer, xml: string): Promise<number> {
    const session = (sessions.get(customer) ?? customer.session) || (await signIn(hub, customer.token, customer.secret));
    sessions.set(customer, session);
    const answer = await fetch(`${hub.url()}${customer.path}`, {
      method: 'POST',
      body: xml,
      headers: { 'x-auth-token': session, 'content-type': 'application/xml' },
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    await answer.arrayBuffer();
    return answer.status;
  }

  return { submit, refusals };
}

/** `connect ECONNREFUSED 127.0.0.1:4711` is the same at every port. */
function withoutAddress(message: string): string {
  return message.replace(/\s+\S+:\d+$/, '').replace(/\s+/g, ' ');
}

/** Posts of several customers in turn, started at a steady rate whatever becomes of the earlier ones. */
export interface Load {
  accepted: NoteId[];
  /** Starts no more and waits for the answers still due. Throws when a note was not accepted in the end. */
  stop(): Promise<void>;
}

export function startLoad(erp: Erp, customers: readonly Customer[], { perSecond, from = 1 }: { perSecond: number; from?: number }): Load {
  const accepted: NoteId[] = [];
  const failures: Error[] = [];
  const running = new Set<Promise<void>>();
  let next = 0;
  const timer = setInterval(() => {
    const customer = customers[next % customers.length] as Customer;
    const numero = from + Math.floor(next / customers.length);
    next += 1;
    const one = erp
      .submit(customer, customer.note({ numero }))
      .then(
        () => void accepted.push({ cnpj: customer.cnpj, serie: 1, numero }),
        (error: Error) => void failures.push(error),
      )
      .finally(() => running.delete(one));
    running.add(one);
  }, 1_000 / perSecond);
  return {
    accepted,
    async stop() {
      clearInterval(timer);
      await Promise.all(running);
      if (failures[0]) throw failures[0];
    },
  };
}
