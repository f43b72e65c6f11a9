import { type Company, createCompanies, inTurn } from '../companies.ts';
import type { Group } from '../group.ts';
import { openLoop } from '../load/generate.ts';
import type { Stage } from '../stage.ts';
import { percentile } from '../statistics.ts';
import { cpuBetween } from '../usage.ts';
import { emit } from './emit.ts';
import { refusals, spent } from './load-notes.ts';

const COMPANIES = 8;
const NOTES = 400;
const RATE = 500;

/** GET of authorised notes by key, with their XML, while nothing else goes on. */
export const read: Group = async ({ stage: openStage, sizes, log }) => {
  const stage = await openStage({ fast: true });
  try {
    const companies = await createCompanies(stage, COMPANIES);
    log(`read: ${NOTES} notes are emitted`);
    await emit(stage, companies, { notes: NOTES });
    await stage.stopEmission();
    const request = inTurn(await requestsOf(stage, companies));
    const load = {
      url: stage.url,
      connections: 64,
      next: () => ({ bytes: request() }),
      expected: (status: number) => status === 200,
    };
    await openLoop({ ...load, rate: RATE, seconds: Math.min(5, sizes.seconds) });
    log(`read: ${sizes.seconds} s at ${RATE}/s`);
    const before = stage.usage();
    const even = await openLoop({ ...load, rate: RATE, seconds: sizes.seconds });
    const cpu = cpuBetween(before, stage.usage());
    return [
      {
        group: 'read',
        name: `GET by key at ${RATE}/s, p99`,
        value: percentile(even.latencies, 0.99),
        unit: 'ms',
        target: { atMost: 15 },
        note: `p50 ${percentile(even.latencies, 0.5).toFixed(1)} ms; CPU ms a call: ${spent(cpu, even.latencies.length)}${refusals(even)}`,
      },
    ];
  } finally {
    await stage.close();
  }
};

async function requestsOf({ raw }: Stage, companies: readonly Company[]): Promise<Buffer[]> {
  const byCnpj = new Map(companies.map((company) => [company.cnpj, company]));
  const rows = await raw
    .collection('documentos')
    .find({ state: 'authorized' }, { projection: { chave: 1, emitente: 1 } })
    .toArray();
  return rows.flatMap(({ chave, emitente }) => {
    const company = byCnpj.get(emitente);
    return company ? [company.get(`${company.path}/${chave}`)] : [];
  });
}
