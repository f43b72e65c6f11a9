import { createCompanies } from '../companies.ts';
import type { Group } from '../group.ts';
import { slope } from '../statistics.ts';
import type { Usage } from '../usage.ts';
import { checkAllAuthorized, emit } from './emit.ts';

const COMPANIES = 8;
/** Of the notes: heap and caches grow to their size first. */
const WARM_UP = 0.3;
/** Growth that a process of some hundred MB shows by chance. */
const FLAT_MB = 50;

/** Resident memory of each process while notes are emitted, as growth per 100,000 notes after the warm-up. */
export const memory: Group = async ({ stage: openStage, sizes, log }) => {
  const stage = await openStage({ fast: true });
  try {
    const companies = await createCompanies(stage, COMPANIES);
    const samples: { notes: number; usage: Map<string, Usage> }[] = [];
    const every = Math.max(1, Math.floor(sizes.notes / 200));
    let next = 0;
    let said = 0;
    log(`memory: ${sizes.notes} notes`);
    await emit(stage, companies, {
      notes: sizes.notes,
      onProgress(final) {
        if (final < next) return;
        next = final + every;
        samples.push({ notes: final, usage: stage.usage() });
        if (final < said) return;
        said = final + sizes.notes / 10;
        log(`memory: ${final} notes`);
      },
    });
    await checkAllAuthorized(stage);
    const measured = samples.filter(({ notes }) => notes >= sizes.notes * WARM_UP);
    return [...(measured.at(-1)?.usage.keys() ?? [])]
      .filter((name) => name !== 'bench')
      .map((name) => {
        const points = measured.map(({ notes, usage }) => ({ x: notes / 100_000, y: usage.get(name)?.rssMb ?? 0 }));
        // The simulator keeps every call for its page, and the database its cache: neither is a leak.
        const isOurs = name === 'edge' || name === 'emission';
        return {
          group: 'memory',
          name: `${name}, growth per 100,000 notes`,
          value: slope(points),
          unit: 'MB',
          ...(isOurs ? { target: { atMost: FLAT_MB } } : {}),
          note: `${points[0]?.y.toFixed(0)} MB after the warm-up, ${points.at(-1)?.y.toFixed(0)} MB at the end of ${sizes.notes} notes`,
        };
      });
  } finally {
    await stage.close();
  }
};
