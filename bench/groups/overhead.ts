import { createCompanies, inTurn } from '../companies.ts';
import type { Group } from '../group.ts';
import { openLoop } from '../load/generate.ts';
import { percentile } from '../statistics.ts';
import { refusals } from './load-notes.ts';

const COMPANIES = 8;
const RATE = 20;
const WAIT_S = 30;

interface SimulatorCall {
  chave?: string;
  service?: string;
  durationMs: number;
}

/** From the moment a note is due to be posted until its caller has the final answer, without the time the authority itself took. */
export const overhead: Group = async ({ stage: openStage, sizes, fast, log }) => {
  const stage = await openStage({ fast });
  try {
    const company = inTurn(await createCompanies(stage, COMPANIES, `wait=${WAIT_S}`));
    const waited = new Map<string, number>();
    const load = (seconds: number) =>
      openLoop({
        url: stage.url,
        connections: 64,
        rate: RATE,
        seconds,
        next: () => ({
          bytes: company().nextPost(),
          onAnswer: ({ body }, ms) => {
            const { chaveAcesso, status } = JSON.parse(body.toString()) as { chaveAcesso?: string; status: string };
            if (status !== 'Autorizada' || !chaveAcesso) throw new Error(`a note ended ${status}`);
            waited.set(chaveAcesso, ms);
          },
        }),
        expected: (status) => status === 200,
      });
    log('overhead: warm-up');
    await load(Math.min(5, sizes.seconds));
    waited.clear();
    log(`overhead: ${sizes.seconds} s at ${RATE}/s`);
    const result = await load(sizes.seconds);
    const calls = (await (await fetch(`${stage.simulator}/calls?service=NFeAutorizacao4`)).json()) as SimulatorCall[];
    const sefaz = new Map(calls.map(({ chave = '', durationMs }) => [chave, durationMs]));
    const over = [...waited].map(([chave, ms]) => ms - (sefaz.get(chave) ?? 0));
    return [
      {
        group: 'overhead',
        name: `hub alone at ${RATE} notes/s, p95`,
        value: percentile(over, 0.95),
        unit: 'ms',
        target: { atMost: 60 },
        note:
          `p50 ${percentile(over, 0.5).toFixed(0)}, p99 ${percentile(over, 0.99).toFixed(0)} ms; end to end p95 ` +
          `${percentile([...waited.values()], 0.95).toFixed(0)} ms, ${fast ? 'fast' : 'full'} simulator${refusals(result)}`,
      },
    ];
  } finally {
    await stage.close();
  }
};
