import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type Csc, type CscRegistry, readCsc } from './csc.ts';
import type { Database } from './database.ts';
import { type Deadline, type Deadlines, readDeadline } from './deadlines.ts';
import { readFault } from './fault-input.ts';
import type { FaultRegistry } from './faults.ts';
import { checkNumberIsFree, type ForeignDocument, readForeignDocument, registerForeign } from './foreign-document.ts';
import { InputError, integer, list, object, only, parseJson, text } from './json-input.ts';
import { readSvcSwitch, type SvcSwitches } from './svc.ts';

/** A whole situation to test in: what goes wrong and when, the CSCs of the companies, numbers that others hold, deadlines of states. */
export interface Scenario {
  name: string;
  description: string;
  /** Of the faults that draw (`chance`, distributions): the same seed gives the same draws. */
  seed: number;
  /** As given, in the order in which they are tried. */
  faults: readonly unknown[];
  csc: Csc[];
  documents: ForeignDocument[];
  deadlines: Deadline[];
  /** As given: which SVC serves which state from when on. */
  svc: readonly unknown[];
}

interface ScenarioTargets {
  db: Database;
  csc: CscRegistry;
  deadlines: Deadlines;
  svc: SvcSwitches;
  faults: FaultRegistry;
  now: Date;
}

export interface ScenarioSummary {
  name: string;
  description: string;
  seed: number;
  /** ISO 8601, the simulator's clock. */
  since: string;
}

const SHIPPED = new URL('./scenarios/', import.meta.url);

/** Names of the scenarios that come with the simulator. */
export function shippedScenarios(): string[] {
  return readdirSync(SHIPPED)
    .filter((file) => file.endsWith('.json'))
    .map((file) => basename(file, '.json'))
    .sort();
}

/**
 * The JSON of a file, or of a scenario that comes with the simulator, by its name.
 * @throws InputError when there is none, or it is not JSON
 */
export function loadScenarioFile(fileOrName: string): unknown {
  const shipped = shippedScenarios();
  const file = shipped.includes(fileOrName) ? new URL(`./${fileOrName}.json`, SHIPPED) : fileOrName;
  if (typeof file === 'string' && !existsSync(file)) {
    throw new InputError(`there is no file ${join(file)}, nor a scenario of that name; there are ${shipped.join(', ')}`);
  }
  return parseJson(readFileSync(file, 'utf8'), String(fileOrName));
}

/**
 * Reads the whole of it, so that a wrong one changes nothing.
 * @throws InputError with the place, e.g. `faults[2]: …`
 */
export function readScenario(input: unknown, now: Date): Scenario {
  const body = object(input, 'a scenario');
  only(body, ['name', 'description', 'seed', 'faults', 'csc', 'documents', 'deadlines', 'svc'], ' in a scenario');
  list(body.faults, 'faults', (entry) => readFault(entry, now));
  list(body.svc, 'svc', (entry) => readSvcSwitch(entry, now));
  return {
    name: text(body.name, 'name', /^[a-z0-9][a-z0-9-]{0,59}$/, 'lower-case letters, digits and hyphens'),
    description:
      body.description === undefined ? '' : text(body.description, 'description', /^[\s\S]{0,500}$/, 'text of up to 500 characters'),
    seed: body.seed === undefined ? 1 : integer(body.seed, 'seed', 0),
    faults: (body.faults ?? []) as unknown[],
    csc: list(body.csc, 'csc', readCsc),
    documents: list(body.documents, 'documents', (entry) => readForeignDocument(entry, now)),
    deadlines: list(body.deadlines, 'deadlines', readDeadline),
    svc: (body.svc ?? []) as unknown[],
  };
}

/**
 * Puts it in force: its faults and SVCs take the place of all that there are, its CSCs and documents are added to them. Times begin now.
 * @throws InputError when a number is held by another note, or a fault cannot act here; nothing has changed then
 */
export async function applyScenario(
  scenario: Scenario,
  { db, csc, deadlines, svc, faults, now }: ScenarioTargets,
): Promise<ScenarioSummary> {
  for (const document of scenario.documents) checkNumberIsFree(document, db);
  const { name, description, seed } = scenario;
  faults.replace(scenario.faults, now, { name, seed });
  for (const document of scenario.documents) await registerForeign(document, db);
  for (const entry of scenario.csc) csc.add(entry);
  for (const entry of scenario.deadlines) deadlines.add(entry);
  svc.clear();
  for (const entry of scenario.svc) svc.add(entry, now);
  return { name, description, seed, since: now.toISOString() };
}
