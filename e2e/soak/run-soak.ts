import { setTimeout as pause } from 'node:timers/promises';
import type { Devstack } from '@malote/devstack/devstack';
import { sampleAlphanumericCnpj, sampleCnpj } from '@malote/testkit/sample-cnpj';
import { type Customer, type CustomerOptions, newCustomer } from '../customer.ts';
import { audit, type Books, type NoteId } from '../faults/audit.ts';
import { createErp } from '../faults/erp.ts';
import { untilFinal } from '../faults/until-final.ts';
import { type Hub, startHub } from '../hub.ts';
import { faultFor, type NoteFault } from './fault-script.ts';
import { seeded } from './random.ts';
import { startSaboteur } from './saboteur.ts';
import { type FaultRow, faultTable, mostConsultsInAnHour, type PlannedNote } from './tally.ts';

export interface SoakOptions {
  notes: number;
  /** Share of the notes that meet a fault, 0 to 1. */
  faults: number;
  seed: number;
  /** Notes posted per second, while nothing is down. */
  perSecond: number;
  /** The simulator checks neither schema nor signature. */
  fast: boolean;
  /** Processes and servers that are ended at random; all of them when absent. */
  victims?: readonly string[];
  /** Protections taken out (MALOTE_TEST_WITHOUT), to see the soak fail. */
  without: string;
  stack: Devstack;
  log: (line: string) => void;
}

export interface SoakResult {
  options: Pick<SoakOptions, 'notes' | 'faults' | 'seed' | 'perSecond' | 'fast' | 'without'>;
  books: Books;
  /** Posts that were never accepted. */
  notAccepted: string[];
  /** Notes that ended refused without having met a fault that refuses. */
  refusedWithoutReason: string[];
  faultTable: FaultRow[];
  ended: Record<string, number>;
  refusals: Record<string, number>;
  mostConsultsInAnHour: number;
  seconds: { posting: number; settling: number };
}

/** NFe 55 authorisers of their own, SVRS twice, and SVAN. */
const UFS = ['SP', 'SP', 'MG', 'RS', 'PR', 'SC', 'CE', 'MA'] as const satisfies CustomerOptions['uf'][];
const MAX_POSTING = 40;
/** More than the notes that wait at any moment. */
const MAX_SCRIPTED_AGAIN = 300;
/** Of each process, shown when notes are left over. */
const LAST_LINES = 15;
/** Short, so that a call without an answer ends within the run; the back-offs pass by the movable clock. */
const ENV = {
  MALOTE_SEFAZ_TIMEOUT_MS: '4000',
  MALOTE_SHUTDOWN_MS: '10000',
  MALOTE_BREAKER_RESET_MS: '2000',
  MALOTE_SESSION_RATE_LIMIT: '100000',
  MALOTE_RATE_LIMIT_IP: '100000000',
  MALOTE_RATE_LIMIT_CONTA: '100000000',
};

/** Emits notes of several companies while SEFAZ misbehaves and every process and server is ended at random, and then audits what became of them. */
export async function runSoak(options: SoakOptions): Promise<SoakResult> {
  const { notes, faults, seed, perSecond, fast, without, stack, log } = options;
  const hub = await startHub({ stack, fast, env: { ...ENV, MALOTE_TEST_WITHOUT: without } });
  try {
    await hub.start('emission-2');
    const customers = await Promise.all(UFS.map((uf, index) => newCustomer(hub, { cnpj: cnpjOf(index), uf })));
    const erp = createErp(hub);
    const plan = planOf(customers, notes, faults, seed);
    const scripted: NoteFault[] = [];
    const simulatorStarted = () => scriptAgain(hub, scripted);
    const saboteur = startSaboteur({ hub, stack, only: options.victims, random: seeded(seed + 1), log, simulatorStarted });
    const clock = startClock(hub, seeded(seed + 2));
    const notAccepted: string[] = [];
    const accepted: PlannedNote[] = [];
    const startedAt = performance.now();
    const running = new Set<Promise<void>>();
    let reportedAt = startedAt;

    for (const [index, note] of plan.entries()) {
      const due = startedAt + (index * 1_000) / perSecond;
      await pause(Math.max(0, due - performance.now()));
      while (running.size >= MAX_POSTING) await Promise.race(running);
      const one = post(note)
        .then(
          () => void accepted.push(note),
          (error: Error) => void notAccepted.push(`${note.customer.cnpj} ${note.numero}: ${error.message}`),
        )
        .finally(() => running.delete(one));
      running.add(one);
      if (performance.now() - reportedAt > 15_000) {
        reportedAt = performance.now();
        log(`${index + 1} posted, ${accepted.length} accepted`);
      }
    }
    await Promise.all(running);
    await clock.stop();
    await saboteur.stop();
    const postedAt = performance.now();
    log(`all ${accepted.length} accepted; waiting until every note is final`);
    const left = await untilFinal(hub, { timeoutMs: 60_000 + notes * 20 });
    if (left > 0) {
      log(`${left} notes are not final`);
      for (const name of ['emission', 'emission-2', 'simulator'] as const)
        for (const line of hub.service(name).lines.slice(-LAST_LINES)) log(`${name}: ${JSON.stringify(line)}`);
    }
    const seconds = { posting: (postedAt - startedAt) / 1_000, settling: (performance.now() - postedAt) / 1_000 };

    const ids = accepted.map(idOf);
    const books = await audit(hub, ids);
    const calls = await hub.simulator.calls({});
    const { table, refusedWithoutReason } = await faultTable(hub, accepted, calls);
    const consults = mostConsultsInAnHour(calls);
    const { ended } = saboteur;
    return {
      options: { notes, faults, seed, perSecond, fast, without },
      ...{ books, notAccepted, refusedWithoutReason, faultTable: table, ended, refusals: erp.refusals, seconds },
      mostConsultsInAnHour: consults,
    };

    async function post({ customer, numero, fault }: PlannedNote): Promise<void> {
      // The simulator may be down at this moment: it is told at its next start.
      if (fault) {
        scripted.push(fault);
        await hub.simulator.fault(fault.scripted).catch(() => {});
      }
      await erp.submit(customer, customer.note({ numero }));
    }
  } finally {
    await hub.close();
  }
}

/** True when nothing was lost, doubled or left over. */
export function isClean({ books, notAccepted, refusedWithoutReason, mostConsultsInAnHour: consults, options }: SoakResult): boolean {
  const wrong = [books.lost, books.doubled, books.unfinished, notAccepted, refusedWithoutReason];
  return books.accepted === options.notes && wrong.every((list) => list.length === 0) && consults <= 10;
}

const cnpjOf = (index: number) => (index === 0 ? sampleAlphanumericCnpj(1) : sampleCnpj(index));
const idOf = ({ customer, numero }: PlannedNote): NoteId => ({ cnpj: customer.cnpj, serie: 1, numero });

function planOf(customers: readonly Customer[], notes: number, faults: number, seed: number): PlannedNote[] {
  const random = seeded(seed);
  return Array.from({ length: notes }, (_, index) => {
    const customer = customers[index % customers.length] as Customer;
    const note = { customer, numero: 1 + Math.floor(index / customers.length) };
    const fault = faultFor(idOf(note), faults, random);
    return { ...note, ...(fault ? { fault } : {}) };
  });
}

/** Faults of single notes that no call has met yet are scripted anew; those for whichever call comes next are gone with the process. */
async function scriptAgain(hub: Hub, scripted: readonly NoteFault[]): Promise<void> {
  const met = new Set((await hub.simulator.calls({})).filter(({ fault }) => fault).map(({ cnpj, numero }) => `${cnpj} ${numero}`));
  const waiting = scripted.filter(({ scripted: { match } }) => match && !met.has(`${match.cnpj} ${match.numero}`));
  await Promise.all(waiting.slice(-MAX_SCRIPTED_AGAIN).map((fault) => hub.simulator.fault(fault.scripted)));
}

/** The clock of all processes runs ahead in leaps while the notes are posted, so that back-offs come due in the middle of it all. */
function startClock(hub: Awaited<ReturnType<typeof startHub>>, random: ReturnType<typeof seeded>): { stop(): Promise<void> } {
  const leaving = new AbortController();
  const work = async () => {
    while (!leaving.signal.aborted) {
      await pause(random.integer(1_000, 4_000), undefined, { signal: leaving.signal }).catch(() => {});
      hub.advance(random.integer(1_000, 30_000));
    }
  };
  const working = work();
  return {
    async stop() {
      leaving.abort();
      await working;
    },
  };
}
