import { type Company, createCompanies } from '../companies.ts';
import { fillCompanies, fillDocuments } from '../fill.ts';
import type { Group } from '../group.ts';
import type { Row } from '../row.ts';
import type { Stage } from '../stage.ts';
import { median, percentile } from '../statistics.ts';
import { cpuBetween } from '../usage.ts';
import { checkAllAuthorized, emit } from './emit.ts';

const COMPANIES = 8;
const ROUNDS = 5;
const COUNTED = ['edge', 'emission', 'mongodb', 'rabbitmq', 'redis'];

interface Candidate {
  name: string;
  stage: Stage;
  companies: readonly Company[];
  cpuMs: number[];
  acceptMs: number[];
}

/**
 * What a note costs when much is stored, against an empty hub: hubs side by side on the same servers, measured in turn, so that what else
 * the machine does meets them alike.
 */
export const growth: Group = async ({ stage: openStage, sizes, log }) => {
  const stages: Stage[] = [];
  const open = async (): Promise<{ stage: Stage; companies: Company[] }> => {
    const stage = await openStage({ fast: true });
    stages.push(stage);
    const companies = await createCompanies(stage, COMPANIES);
    await emit(stage, companies, { notes: 100 });
    return { stage, companies };
  };
  try {
    const empty = await open();
    const documents = await open();
    await fillDocuments(documents.stage, sizes.documents, log);
    const companies = await open();
    const branches = await fillCompanies(companies.stage, companies.companies[0] as Company, Math.min(sizes.companies, 9_998), log);
    const candidate = (name: string, from: { stage: Stage; companies: readonly Company[] }): Candidate => ({
      ...{ name, ...from },
      cpuMs: [],
      acceptMs: [],
    });
    const reference = candidate('empty', empty);
    const all = [
      reference,
      candidate(`${sizes.documents} stored documents`, documents),
      candidate(`${branches.length} stored companies`, companies),
      candidate(`${branches.length} companies, each note of another`, { stage: companies.stage, companies: branches }),
    ];
    const notes = Math.ceil(sizes.seconds * 30);
    // The round before the first is for warming up: caches, compiled code, connections.
    for (let round = 0; round <= ROUNDS; round++) {
      log(`growth: round ${round} of ${ROUNDS}`);
      for (const one of all) await measure(one, notes, round > 0);
    }
    for (const stage of stages) await checkAllAuthorized(stage);
    return all.slice(1).flatMap((one): Row[] => [
      {
        group: 'growth',
        name: `CPU of a note, ${one.name}`,
        value: ratioOf(one.cpuMs, reference.cpuMs),
        unit: '× empty',
        target: { atMost: 1.1 },
        note: `${median(one.cpuMs).toFixed(2)} ms of ${COUNTED.join(', ')}; ${median(reference.cpuMs).toFixed(2)} ms when empty`,
      },
      {
        group: 'growth',
        name: `POST p50, ${one.name}`,
        value: ratioOf(one.acceptMs, reference.acceptMs),
        unit: '× empty',
        target: { atMost: 1.1 },
        note: `${median(one.acceptMs).toFixed(1)} ms; ${median(reference.acceptMs).toFixed(1)} ms when empty`,
      },
    ]);
  } finally {
    for (const stage of stages) await stage.close();
  }
};

async function measure(candidate: Candidate, notes: number, isCounted: boolean): Promise<void> {
  const { stage, companies, cpuMs, acceptMs } = candidate;
  // The next round goes on with companies that have not been seen for longest.
  const seen = notes % companies.length;
  candidate.companies = [...companies.slice(seen), ...companies.slice(0, seen)];
  const before = stage.usage();
  const emitted = await emit(stage, companies, { notes });
  const cpu = cpuBetween(before, stage.usage());
  if (!isCounted) return;
  cpuMs.push((COUNTED.reduce((sum, name) => sum + (cpu.get(name) ?? 0), 0) * 1_000) / emitted.notes);
  acceptMs.push(percentile(emitted.load.latencies, 0.5));
}

/** Of each round's pair, since what the machine does otherwise changes from round to round. */
function ratioOf(values: readonly number[], reference: readonly number[]): number {
  return median(values.map((value, round) => value / (reference[round] ?? Number.NaN)));
}
