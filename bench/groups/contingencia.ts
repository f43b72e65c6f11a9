import { type Company, createCompanies, inTurn } from '../companies.ts';
import type { Group } from '../group.ts';
import { openLoop } from '../load/generate.ts';
import type { Row } from '../row.ts';
import type { Stage } from '../stage.ts';
import { percentile } from '../statistics.ts';
import { type Emitted, emit } from './emit.ts';
import { refusals } from './load-notes.ts';

const COMPANIES = 8;
/** The first two companies are of SP: `createCompanies`. */
const OF_SP = 2;
const SP = '35';
const WARM_UP_NOTES = 300;
/** Short, so that the switch is seen within the measure; long enough for a simulator that shares the machine. */
const TIMEOUT_MS = 5_000;
const SP_RATE = 5;
/** Half of what the whole stage carries on two cores: the edge is measured, not the queue in front of a full machine. */
const RATE = 50;
const UNSETTLED = { $in: ['received', 'signed', 'uncertain', 'issued'] };

/**
 * The NF-e of SP never gets an answer: what the other authorisers' notes lose by it, how long a POST takes meanwhile, and when SP's own notes
 * go over the SVC.
 */
export const contingencia: Group = async ({ stage: openStage, sizes, fast, log }) => {
  const stage = await openStage({ fast, contingency: true, env: { MALOTE_SEFAZ_TIMEOUT_MS: String(TIMEOUT_MS) } });
  try {
    const companies = await createCompanies(stage, COMPANIES);
    const [sp, others] = [companies.slice(0, OF_SP), companies.slice(OF_SP)];
    const beside = only(stage, others);
    log('contingencia: warm-up');
    await emit(stage, companies, { notes: WARM_UP_NOTES });
    log(`contingencia: ${sizes.seconds} s, every authoriser well`);
    const alone = await emit(beside, others, { seconds: sizes.seconds });

    const nextOther = inTurn(others);
    const evenly = () =>
      openLoop({
        ...{ url: stage.url, connections: 64, rate: RATE, seconds: sizes.seconds },
        next: () => ({ bytes: nextOther().nextPost() }),
        expected: (status) => status === 202,
      });
    log(`contingencia: ${sizes.seconds} s at ${RATE}/s, every authoriser well`);
    const well = await evenly();
    const up = await silence(stage);
    const nextSp = inTurn(sp);
    const toSp = (seconds: number) =>
      openLoop({
        ...{ url: stage.url, connections: 32, rate: SP_RATE, seconds },
        next: () => ({ bytes: nextSp().nextPost() }),
        expected: (status) => status === 202 || status === 200,
      });
    log(`contingencia: ${sizes.seconds} s, SP silent`);
    const [during, heldUp] = await Promise.all([emit(beside, others, { seconds: sizes.seconds }), toSp(sizes.seconds)]);
    log(`contingencia: ${sizes.seconds} s at ${RATE}/s, SP silent`);
    const [even] = await Promise.all([evenly(), toSp(sizes.seconds)]);
    const switched = await switchSeconds(stage);
    // SP's first notes are consulted with growing pauses from here on: minutes that measure nothing.
    await up();
    return rowsOf({ alone, during, well, even, switched, doubled: await doubled(stage), note: refusals(heldUp) });
  } finally {
    await stage.close();
  }
};

interface Measured {
  alone: Emitted;
  during: Emitted;
  well: Awaited<ReturnType<typeof openLoop>>;
  even: Awaited<ReturnType<typeof openLoop>>;
  /** From the first call without an answer to the first note that the SVC authorised. */
  switched: number;
  doubled: number;
  note: string;
}

function rowsOf({ alone, during, well, even, switched, doubled, note }: Measured): Row[] {
  const group = 'contingencia';
  const [control, beside] = [rateIn(alone), rateIn(during)];
  const p99 = percentile(even.latencies, 0.99);
  return [
    { group, name: 'other authorisers, all well', value: control, unit: '/s', note: `${alone.notes} notes${refusals(alone.load)}` },
    {
      group,
      name: 'other authorisers, SP silent',
      value: beside,
      unit: '/s',
      note: `${during.notes} notes${refusals(during.load)}${note}`,
    },
    { group, name: 'the same, share of the rate', value: beside / control, unit: '', target: { atLeast: 0.9 } },
    { group, name: `POST at ${RATE}/s, all well, p99`, value: percentile(well.latencies, 0.99), unit: 'ms', note: refusals(well) },
    { group, name: `POST at ${RATE}/s, SP silent, p99`, value: p99, unit: 'ms', target: { atMost: 50 }, note: refusals(even) },
    { group, name: 'first silent call to first note at SVC-AN', value: switched, unit: 's', target: { atMost: 30 } },
    { group, name: 'numbers authorised twice', value: doubled, unit: '', target: { atMost: 0 } },
  ];
}

/** Notes per second that became final while notes were posted. */
function rateIn({ load, progress }: Emitted): number {
  const inside = progress.filter(({ at }) => at >= load.from && at <= load.to);
  const [first, last] = [inside[0], inside.at(-1)];
  return first && last && last.at > first.at ? ((last.final - first.final) * 1_000) / (last.at - first.at) : Number.NaN;
}

/** The stage as the notes of some companies see it. */
function only(stage: Stage, companies: readonly Company[]): Stage {
  const emitente = { $in: companies.map(({ cnpj }) => cnpj) };
  return { ...stage, unsettled: () => stage.raw.collection('documentos').countDocuments({ emitente, state: UNSETTLED }) };
}

async function silence({ simulator }: Stage): Promise<() => Promise<void>> {
  const body = JSON.stringify({ fault: 'hang', match: { autorizador: 'SP', modelo: '55' } });
  const answer = await fetch(`${simulator}/faults`, { method: 'POST', body });
  if (!answer.ok) throw new Error(await answer.text());
  return async () => void (await fetch(`${simulator}/faults`, { method: 'DELETE' }));
}

async function switchSeconds({ simulator }: Stage): Promise<number> {
  const arrivals = async (query: string) => {
    const calls = (await (await fetch(`${simulator}/calls?service=NFeAutorizacao4&${query}`)).json()) as { at: string }[];
    return calls.map(({ at }) => Date.parse(at));
  };
  const [silent, there] = await Promise.all([
    arrivals('autorizador=SP&outcome=hanging'),
    arrivals(`autorizador=SVC-AN&cStat=100&cUF=${SP}`),
  ]);
  return there.length === 0 ? Number.NaN : (Math.min(...there) - Math.min(...silent)) / 1_000;
}

async function doubled({ simulator }: Stage): Promise<number> {
  return ((await (await fetch(`${simulator}/authorizations`)).json()) as { doubled: number }).doubled;
}
