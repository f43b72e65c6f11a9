import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '@malote/runtime/clock';
import { sampleNfce } from '@malote/testkit/sample-nfce';
import { sampleNfe } from '@malote/testkit/sample-nfe';
import type { DemoAccount } from './demo-account.ts';

/** What the demo emits, by model. */
const MODELOS = {
  '55': { sigla: 'NF-e', sample: sampleNfe, lastFile: 'last-number.json' },
  '65': { sigla: 'NFC-e', sample: sampleNfce, lastFile: 'last-number-65.json' },
} as const;

export interface DemoResult {
  sigla: string;
  status: string;
  chave: string;
  protocolo: string;
  cStat: string;
  motivo: string;
  numero: number;
  documentUrl: string;
  xmlFile: string;
  /** An unsigned NF-e with the next number, for the reader to post. */
  nextFile?: string;
  stages: { name: string; ms: number }[];
}

export interface DemoOptions {
  modelo: keyof typeof MODELOS;
  edge: string;
  account: DemoAccount;
  cnpj: string;
  /** Where the last number used is kept. */
  dir: string;
  xmlDir: string;
  clock: Clock;
  timeoutMs?: number;
}

const PROCESSING = new Set(['Em processamento', 'Em recuperação']);

/** Emits one document as an ERP does: signs in, posts the unsigned XML, asks until the answer is final. */
export async function runDemo(options: DemoOptions): Promise<DemoResult> {
  const { edge, clock, cnpj, modelo } = options;
  const { sigla, sample, lastFile } = MODELOS[modelo];
  const docs = `${edge}/api/empresas/${cnpj}/docs/hom/${modelo}`;
  const numero = reserveNumber(join(options.dir, lastFile));
  mkdirSync(options.xmlDir, { recursive: true });

  const begun = clock.monotonic();
  const headers = { 'x-auth-token': await signIn(edge, options.account) };
  const signedInAt = clock.monotonic();
  const xml = sample({ cnpj, uf: 'SP', numero, dhEmi: clock.now() });
  const accepted = await fetch(docs, { method: 'POST', headers: { ...headers, 'content-type': 'application/xml' }, body: xml });
  if (!accepted.ok) throw new Error(`POST ${docs} answered ${accepted.status}: ${await accepted.text()}`);
  let document = (await accepted.json()) as Record<string, unknown>;
  const location = new URL(accepted.headers.get('location') ?? '', edge).href;
  const acceptedAt = clock.monotonic();
  while (PROCESSING.has(String(document.status)) && clock.monotonic() - acceptedAt < (options.timeoutMs ?? 60_000)) {
    await delay(25);
    document = await getJson(location, headers);
  }
  const finalAt = clock.monotonic();

  const chave = String(document.chaveAcesso ?? '');
  const documentUrl = `${docs}/${chave}`;
  const xmlFile = join(options.xmlDir, `${chave}.xml`);
  if (document.status === 'Autorizada') writeFileSync(xmlFile, await getText(`${documentUrl}.xml`, headers));
  const nextFile = join(options.xmlDir, 'proxima-nfe.xml');
  // An NFC-e of now would be too old (5 minutes) when the reader posts it.
  if (modelo === '55')
    writeFileSync(nextFile, sample({ cnpj, uf: 'SP', numero: reserveNumber(join(options.dir, lastFile)), dhEmi: clock.now() }));
  const sefaz = chave === '' ? 0 : await sefazTime(`${documentUrl}/tentativas`, headers);
  return {
    sigla,
    status: String(document.status),
    chave,
    protocolo: String(document.protocolo ?? ''),
    cStat: String(document.codigoStatus ?? ''),
    motivo: String(document.motivo ?? JSON.stringify(document.faults ?? '')),
    numero,
    documentUrl,
    xmlFile,
    ...(modelo === '55' ? { nextFile } : {}),
    stages: [
      { name: 'sign in', ms: signedInAt - begun },
      { name: 'POST until accepted', ms: acceptedAt - signedInAt },
      { name: 'sign, validate, queue, store', ms: Math.max(0, finalAt - acceptedAt - sefaz) },
      { name: 'SEFAZ (simulator) answered in', ms: sefaz },
      { name: 'POST until final', ms: finalAt - signedInAt },
    ],
  };
}

async function signIn(edge: string, { token, secret }: DemoAccount): Promise<string> {
  const authorization = `Basic ${Buffer.from(`${token}:${secret}`).toString('base64')}`;
  const answer = await fetch(`${edge}/session`, { method: 'POST', headers: { authorization, accept: 'application/json' } });
  if (!answer.ok) throw new Error(`POST ${edge}/session answered ${answer.status}: ${await answer.text()}`);
  return ((await answer.json()) as { 'x-auth-token': string })['x-auth-token'];
}

async function getText(url: string, headers: Record<string, string>): Promise<string> {
  const answer = await fetch(url, { headers });
  if (!answer.ok) throw new Error(`GET ${url} answered ${answer.status}: ${await answer.text()}`);
  return answer.text();
}

async function getJson(url: string, headers: Record<string, string>): Promise<Record<string, unknown>> {
  return JSON.parse(await getText(url, headers)) as Record<string, unknown>;
}

/** Milliseconds all calls to the authoriser took together, from the attempt ledger. */
async function sefazTime(url: string, headers: Record<string, string>): Promise<number> {
  const ledger = (await getJson(url, headers)) as unknown;
  const attempts = (Array.isArray(ledger) ? ledger : ((ledger as { tentativas?: unknown[] }).tentativas ?? [])) as { duracaoMs?: number }[];
  return attempts.reduce((sum, attempt) => sum + (attempt.duracaoMs ?? 0), 0);
}

/** Numbers used so far and the one given away in the prepared file; a number is never used for two contents. */
function reserveNumber(file: string): number {
  const last = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { last: number }).last : 0;
  writeFileSync(file, JSON.stringify({ last: last + 1 }));
  return last + 1;
}
