import { randomBytes } from 'node:crypto';
import { readPfx } from '@malote/sefaz/pfx';
import { issueCompanyPfx } from '@malote/testkit/certificates';
import { sampleBranchCnpj, sampleCnpj } from '@malote/testkit/sample-cnpj';
import type { Db, Document } from 'mongodb';
import { type Company, companyOf, IE } from './companies.ts';
import type { Stage } from './stage.ts';

const BATCH = 1_000;
const AT_A_TIME = 4;
const NOTES_PER_COMPANY = 1_000;
/** Far from the companies that send during a bench. */
const FIRST_COMPANY = 100_000;

/**
 * Stores `count` authorised notes beside an authorised one that is there, with their signed bytes: the same fields under other identities,
 * `NOTES_PER_COMPANY` for each of many companies. The bytes are random, since compressed ones do not compress again.
 */
export async function fillDocuments({ raw }: Stage, count: number, log: (line: string) => void): Promise<void> {
  const model = await raw.collection('documentos').findOne({ state: 'authorized' });
  const content = model && (await raw.collection('conteudos').findOne({ _id: model.conteudo }));
  if (!model || !content) throw new Error('no authorised note to copy');
  const size = content.bytes.length();
  let next = 0;
  let said = 0;
  const work = async (): Promise<void> => {
    while (next < count) {
      const from = next;
      next += BATCH;
      const numbers = Array.from({ length: Math.min(BATCH, count - from) }, (_, i) => from + i);
      await insertBoth(
        raw,
        numbers.map((n) => copyOf(model, n, size)),
      );
      if (next < said) continue;
      said = next + count / 5;
      log(`fill: ${next} documents`);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, work));
}

async function insertBoth(raw: Db, rows: { documento: Document; conteudo: Document }[]): Promise<void> {
  const options = { ordered: false, writeConcern: { w: 1 } };
  await raw.collection('conteudos').insertMany(
    rows.map(({ conteudo }) => conteudo),
    options,
  );
  await raw.collection('documentos').insertMany(
    rows.map(({ documento }) => documento),
    options,
  );
}

function copyOf(model: Document, n: number, size: number): { documento: Document; conteudo: Document } {
  const emitente = sampleCnpj(FIRST_COMPANY + Math.floor(n / NOTES_PER_COMPANY));
  const numero = 1 + (n % NOTES_PER_COMPANY);
  const { tpAmb, modelo, cUF, chave } = model as { tpAmb: string; modelo: string; cUF: string; chave: string };
  const digest = randomBytes(32).toString('hex');
  const conteudo = `${emitente}.${chave.slice(2, 6)}.${digest}`;
  return {
    documento: {
      ...model,
      _id: `${emitente}.${tpAmb}.${modelo}.${cUF}.001.${String(numero).padStart(9, '0')}` as never,
      emitente,
      empresa: emitente,
      numero,
      fingerprint: digest,
      chave: chave.slice(0, 6) + emitente + chave.slice(20, 25) + String(numero).padStart(9, '0') + chave.slice(34),
      conteudo,
    },
    conteudo: { _id: conteudo as never, bytes: randomBytes(size), tamanho: size * 2 },
  };
}

/** More than the connections a worker keeps open (packages/sefaz/connections.ts), so that companies in turn always find theirs closed. */
const CERTIFICATES = 600;

/**
 * Adds `count` branches to a company's account, every one with a certificate of its own row, encrypted for it: 600 certificates in turn,
 * since ten thousand keys would take a quarter of an hour to make.
 * @returns them as senders
 */
export async function fillCompanies(stage: Stage, headquarters: Company, count: number, log: (line: string) => void): Promise<Company[]> {
  const { store, ca } = stage;
  const { conta, session } = headquarters;
  const certificates = Array.from({ length: Math.ceil(Math.min(CERTIFICATES, count / 10)) }, () => {
    const { pfx } = issueCompanyPfx(ca, { cnpj: headquarters.cnpj, razaoSocial: 'COMERCIAL EXEMPLO LTDA', senha: 'bench' });
    const { key: _key, certDer: _certDer, tipo: _tipo, keyPem, certPem, chainPem, ...info } = readPfx(pfx, 'bench');
    return { info, material: { keyPem, certPem, chainPem } };
  });
  log(`fill: ${certificates.length} certificates`);
  const companies: Company[] = [];
  let next = 2;
  const work = async (): Promise<void> => {
    while (next < count + 2) {
      const { info, material } = certificates[next % certificates.length] as (typeof certificates)[number];
      const cnpj = sampleBranchCnpj(0, next++);
      await store.empresas.put({ conta, documento: cnpj, uf: 'SP', ie: IE, razaoSocial: 'Filial Exemplo Ltda' });
      const id = await store.certificados.put({ conta, empresa: cnpj }, info, material);
      await store.empresas.useCertificado({ conta, documento: cnpj }, id);
      companies.push(companyOf({ conta, cnpj, uf: 'SP', session, dhEmi: stage.now() }));
      if (companies.length % 5_000 === 0) log(`fill: ${companies.length} companies`);
    }
  };
  await Promise.all(Array.from({ length: 16 }, work));
  return companies;
}
