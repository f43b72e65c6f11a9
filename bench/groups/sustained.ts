import { createCompanies } from '../companies.ts';
import type { Group } from '../group.ts';
import type { Row } from '../row.ts';
import { median } from '../statistics.ts';
import { cpuBetween } from '../usage.ts';
import { checkAllAuthorized, type Emitted, emit } from './emit.ts';
import { refusals } from './load-notes.ts';

const COMPANIES = 8;
const WARM_UP_NOTES = 600;
const WINDOW_MS = 2_000;

/** Notes from POST to authorised with everything on this machine, and what each process spends on them. */
export const sustained: Group = async ({ stage: openStage, sizes, fast, log }) => {
  const rows: Row[] = [];
  for (const isFast of fast ? [true] : [false, true]) {
    const mode = isFast ? 'fast simulator' : 'full simulator';
    const stage = await openStage({ fast: isFast });
    try {
      const companies = await createCompanies(stage, COMPANIES);
      log(`sustained, ${mode}: warm-up`);
      await emit(stage, companies, { notes: WARM_UP_NOTES });
      log(`sustained, ${mode}: ${sizes.seconds} s`);
      const before = stage.usage();
      const emitted = await emit(stage, companies, { seconds: sizes.seconds });
      const cpu = cpuBetween(before, stage.usage());
      await checkAllAuthorized(stage);
      rows.push({
        group: 'sustained',
        name: `notes to authorised, ${mode}`,
        value: median(windowsOf(emitted)),
        unit: '/s',
        target: { atLeast: 100 },
        note: `${emitted.notes} notes in ${emitted.seconds.toFixed(0)} s, one emission process${refusals(emitted.load)}`,
      });
      const total = [...cpu.values()].reduce((sum, seconds) => sum + seconds, 0);
      for (const [name, seconds] of [['all', total] as const, ...[...cpu].sort(([, a], [, b]) => b - a)]) {
        rows.push({
          group: 'sustained',
          name: `CPU of ${name} per 1,000 notes, ${mode}`,
          value: (seconds * 1_000) / emitted.notes,
          unit: 's',
        });
      }
    } finally {
      await stage.close();
    }
  }
  return rows;
};

/** Notes per second that became final in each window. */
function windowsOf({ progress }: Emitted): number[] {
  const rates: number[] = [];
  let from = progress[0];
  for (const point of progress) {
    if (!from || point.at - from.at < WINDOW_MS) continue;
    rates.push(((point.final - from.final) * 1_000) / (point.at - from.at));
    from = point;
  }
  return rates;
}
