import { createCompanies } from '../companies.ts';
import type { Group } from '../group.ts';
import type { Row } from '../row.ts';
import type { Stage } from '../stage.ts';
import { cpuBetween } from '../usage.ts';
import { spent } from './load-notes.ts';

const ENTITIES = 10_000;
const ROWS = 1_000;
const BATCH = 1_000;
const TARGET_S = 10;

const documentOf = (n: number): string => String(n + 1).padStart(14, '0');

/** A contract system blocks every customer of one contract, each call when the one before was answered, and frees them again. */
export const entities: Group = async ({ stage: openStage, log }) => {
  const stage = await openStage({ emissions: 0, entityBlock: true });
  try {
    const [company] = await createCompanies(stage, 1);
    if (!company) throw new Error('no company');
    await fill(stage, company.conta);
    const call = async (from: number, Parametro: 1 | 2): Promise<void> => {
      const Empresas = Array.from({ length: ROWS }, (_, n) => ({
        ...{ tipopessoa: 2, cnpj: documentOf(from + n), IE: 'ISENTO', UF: 'SP', Parametro },
      }));
      const response = await fetch(new URL('/rest/RestAtBlqEnt', stage.url), {
        method: 'POST',
        headers: { 'x-auth-token': company.session, 'content-type': 'application/json' },
        body: JSON.stringify({ contrato: '12345', Empresas }),
      });
      const { result } = (await response.json()) as { result: { OK: boolean }[] };
      const changed = result.filter(({ OK }) => OK).length;
      if (response.status !== 200 || changed !== ROWS) throw new Error(`${response.status}, ${changed} of ${ROWS} rows`);
    };
    const all = async (parametro: 1 | 2): Promise<number> => {
      const started = performance.now();
      for (let from = 0; from < ENTITIES; from += ROWS) await call(from, parametro);
      return (performance.now() - started) / 1_000;
    };
    log(`entities: ${ENTITIES} activated, once before the measurement: that issues their tokens`);
    await all(2);
    log(`entities: ${ENTITIES} blocked by ${ENTITIES / ROWS} calls`);
    const before = stage.usage();
    const blocked = await all(1);
    const cpu = cpuBetween(before, stage.usage());
    const freed = await all(2);
    const limit = { name: 'MongoDB alone', value: await plainUpdates(stage) };
    const row = (name: string, value: number): Row => ({ group: 'entities', name, value, unit: 's', target: { atMost: TARGET_S }, limit });
    return [
      { ...row(`${ENTITIES} blocked`, blocked), note: `calls of ${ROWS} rows; CPU ms an entity: ${spent(cpu, ENTITIES)}` },
      row(`${ENTITIES} freed`, freed),
    ];
  } finally {
    await stage.close();
  }
};

async function fill({ raw }: Stage, conta: string): Promise<void> {
  const now = new Date(0);
  const rows = Array.from({ length: ENTITIES }, (_, n) => {
    const documento = documentOf(n);
    const chave = `${documento}.SP.ISENTO`;
    const entidade = String(n + 1).padStart(6, '0');
    return {
      ...{ _id: `${conta}.${chave}.${entidade}`, schema: 1, version: 1, conta, documento, uf: 'SP', ie: 'ISENTO', chave, entidade },
      ...{ bloqueada: false, pedido: 'fill', seqInicial: 0, seq: 0, historico: [], createdAt: now, updatedAt: now },
    };
  });
  await raw.collection('entidades').insertMany(rows as never[]);
}

/** Seconds that the server takes for one majority update of each entity, in batches and with nothing around it. */
async function plainUpdates({ raw }: Stage): Promise<number> {
  const collection = raw.collection('entidades');
  const ids = (await collection.find({}, { projection: { _id: 1 } }).toArray()).map(({ _id }) => _id);
  const started = performance.now();
  for (let from = 0; from < ids.length; from += BATCH) {
    const writes = ids.slice(from, from + BATCH).map((_id) => ({
      updateOne: { filter: { _id }, update: { $set: { bloqueada: true }, $inc: { version: 1 } } },
    }));
    await collection.bulkWrite(writes, { ordered: false, writeConcern: { w: 'majority', journal: true } });
  }
  return (performance.now() - started) / 1_000;
}
