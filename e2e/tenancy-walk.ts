import { randomUUID } from 'node:crypto';
import { chaveDv } from '@malote/fiscal/chave/check-digits';
import type { Operation } from './api-description.ts';
import type { FullAccount } from './full-scene.ts';

/** Somebody who asks for what is another's; two of them are alike but for their CNPJ. */
export interface Stranger {
  cnpj: string;
  /** How they say who they are, by name; the same names for both. */
  ways: Record<string, () => Record<string, string>>;
  signInAgain(): Promise<void>;
}

export interface Difference {
  operation: string;
  way: string;
  where: string;
  /** What is answered of the account's things, and of what is nobody's. */
  theirs: string;
  nobodys: string;
}

export interface WalkOptions {
  url: string;
  owner: Pick<FullAccount, 'cnpj' | 'operations' | 'pedido' | 'marks'>;
  strangers: readonly [Stranger, Stranger];
  /** A CNPJ that no account has. */
  nobody: string;
  /** Operation → query without which it says nothing of what it is asked for; `@` stands for the CNPJ. */
  queries: Record<string, string>;
  skip: ReadonlySet<string>;
}

/**
 * Asks every operation in every way for what belongs to the owner, and, as an equal stranger, for the same things of nobody. What is answered must not
 * differ: not by status, text or header. Where the path names a company, once with the owner's and once with the stranger's own one.
 */
export async function walkAsStrangers(options: WalkOptions): Promise<{ calls: number; differences: Difference[]; told: string[] }> {
  const { url, owner, strangers, nobody, queries, skip } = options;
  const [one, twin] = strangers;
  const nobodysPedido = randomUUID();
  const differences: Difference[] = [];
  const told: string[] = [];
  let calls = 0;

  const ask = async (
    by: Stranger,
    way: string,
    operation: Operation,
    { target, company, pedido }: Asked,
    body: Operation['bodies'][number],
  ) => {
    const parameters: Record<string, string> = { ...operation.parameters, ...(operation.parameters.pedido ? { pedido } : {}) };
    const path = operation.path.replace(/\{(\w+)\}/g, (_, name: string) =>
      name === 'empresa' ? company : retarget(parameters[name] ?? '', owner.cnpj, target),
    );
    const query = (queries[operation.id] ?? '').replaceAll('@', target);
    const headers = { ...by.ways[way]?.(), ...(body.type ? { 'content-type': body.type } : {}) };
    const text = body.text === undefined ? undefined : retarget(naming(body.text, owner.cnpj), owner.cnpj, target);
    const answer = await fetch(`${url}${path}${query}`, {
      method: operation.method,
      headers,
      ...(text === undefined ? {} : { body: text }),
      redirect: 'manual',
    });
    calls += 1;
    if (operation.method === 'DELETE' && path === '/session') await by.signInAgain();
    return { status: answer.status, headers: answer.headers, text: await answer.text() };
  };

  for (const operation of inOrder(owner.operations)) {
    if (skip.has(operation.id)) continue;
    for (const body of operation.bodies) {
      for (const where of 'empresa' in operation.parameters ? ['their company', 'own company'] : ['']) {
        for (const way of Object.keys(one.ways).slice(operation.open ? -1 : 0)) {
          const own = where === 'own company';
          const theirs = await ask(
            one,
            way,
            operation,
            { target: owner.cnpj, company: own ? one.cnpj : owner.cnpj, pedido: owner.pedido },
            body,
          );
          const nobodys = await ask(
            twin,
            way,
            operation,
            { target: nobody, company: own ? twin.cnpj : nobody, pedido: nobodysPedido },
            body,
          );
          const same = (answer: Awaited<ReturnType<typeof ask>>) => {
            const named = ['content-type', 'location', 'allow', 'www-authenticate'].map((name) => `${name}: ${answer.headers.get(name)}`);
            const said = [answer.status, ...named, answer.text].join('\n');
            const alike = retarget(retarget(said, owner.cnpj, nobody), one.cnpj, twin.cnpj).replaceAll(owner.pedido, nobodysPedido);
            return alike.replace(VARYING, '~');
          };
          const name = `${operation.method} ${operation.path} (${operation.id})`;
          if (same(theirs) !== same(nobodys))
            differences.push({ operation: name, way, where, theirs: same(theirs), nobodys: same(nobodys) });
          const marks = Object.entries(owner.marks).filter(([, mark]) => theirs.text.includes(mark));
          for (const [mark] of marks) told.push(`${name}, ${way}, ${where}: ${mark}`);
        }
      }
    }
  }
  return { calls, differences, told };
}

interface Asked {
  target: string;
  company: string;
  pedido: string;
}

/** Reading first; the end of things, of the own session too, last. */
const ORDER = ['GET', 'POST', 'PUT', 'DELETE'];
const inOrder = (operations: readonly Operation[]) => [...operations].sort((a, b) => ORDER.indexOf(a.method) - ORDER.indexOf(b.method));

/** Trace ids, sessions, ids of requests, TOKENs and hashes, instants: what no two answers share. */
const VARYING =
  /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b|\b[0-9a-f]{32,64}\b|\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)|"exp":\d+/g;

/** The same text about another company: keys of documents get their own check digit. */
function retarget(text: string, from: string, to: string): string {
  const keys = new RegExp(`\\d{6}${from}\\d{24}`, 'g');
  return text
    .replace(keys, (key) => {
      const first43 = `${key.slice(0, 6)}${to}${key.slice(20, 43)}`;
      return `${first43}${chaveDv(first43)}`;
    })
    .replaceAll(from, to);
}

/** A JSON body that names this company wherever it names one. */
function naming(text: string, cnpj: string): string {
  if (!text.startsWith('{')) return text;
  return JSON.stringify(JSON.parse(text), (key, value) => {
    if (/^(?:cnpj|registrationNumber)$/i.test(key)) return cnpj;
    if (/^ie$/i.test(key)) return '110042490114';
    return /^uf$/i.test(key) ? 'SP' : value;
  });
}
