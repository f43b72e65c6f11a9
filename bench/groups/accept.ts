import { createCompanies, inTurn } from '../companies.ts';
import type { Group, GroupContext } from '../group.ts';
import { closedLoop, openLoop } from '../load/generate.ts';
import type { Row } from '../row.ts';
import { median, percentile, perWindow } from '../statistics.ts';
import { cpuBetween } from '../usage.ts';
import { refusals, spent } from './load-notes.ts';

const COMPANIES = 8;
const IN_FLIGHT = 32;
const RATE = 250;
const WINDOW_MS = 1_000;

/** POST of distinct notes to an edge alone: edge, MongoDB, RabbitMQ, Redis and the generator share the machine, no worker runs. */
export const accept: Group = async ({ stage: openStage, sizes, log }: GroupContext) => {
  const stage = await openStage({ emissions: 0 });
  try {
    const company = inTurn(await createCompanies(stage, COMPANIES));
    const load = {
      url: stage.url,
      connections: IN_FLIGHT,
      next: () => ({ bytes: company().nextPost() }),
      expected: (status: number) => status === 202,
    };
    log('accept: warm-up');
    await closedLoop({ ...load, seconds: Math.min(5, sizes.seconds) });

    log(`accept: ${sizes.seconds} s with ${IN_FLIGHT} in flight`);
    const before = stage.usage();
    const most = await closedLoop({ ...load, seconds: sizes.seconds });
    const cpu = cpuBetween(before, stage.usage());
    log(`accept: ${sizes.seconds} s at ${RATE}/s`);
    const even = await openLoop({ ...load, rate: RATE, connections: 4 * IN_FLIGHT, seconds: sizes.seconds });

    const rows: Row[] = [
      {
        group: 'accept',
        name: `POST, ${IN_FLIGHT} in flight`,
        value: median(perWindow(most.answeredAt, most.from, most.to, WINDOW_MS)),
        unit: '/s',
        target: { atLeast: 500 },
        note: `p99 ${percentile(most.latencies, 0.99).toFixed(0)} ms; CPU ms a note: ${spent(cpu, most.latencies.length)}${refusals(most)}`,
      },
      {
        group: 'accept',
        name: `POST at ${RATE}/s, p99`,
        value: percentile(even.latencies, 0.99),
        unit: 'ms',
        target: { atMost: 50 },
        note: `p50 ${percentile(even.latencies, 0.5).toFixed(1)} ms, from the moment it was due${refusals(even)}`,
      },
    ];
    return rows;
  } finally {
    await stage.close();
  }
};
