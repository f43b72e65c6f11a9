import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '@malote/testkit/eventually';
import { sampleCnpj } from '@malote/testkit/sample-cnpj';
import { type Customer, newCustomer } from '../customer.ts';
import { startHub } from '../hub.ts';
import { assertAllAuthorized, audit, type NoteId } from './audit.ts';
import { createErp, startLoad } from './erp.ts';
import { untilFinal } from './until-final.ts';

const PREFETCH = 16;
const PER_SECOND = 12;
const WINDOW_MS = 6_000;
const WARM_UP = 999;
/** For the notes posted last, and for a machine that is busy: far less than a hanging call takes. */
const GRACE_MS = 3_000;

const hub = await startHub({ env: { MALOTE_SEFAZ_TIMEOUT_MS: '20000', MALOTE_BREAKER_RESET_MS: '1000' } });
after(() => hub.close());
const erp = createErp(hub);
const all: NoteId[] = [];

/** Posts notes of the customers in turn at a steady rate, and counts those of each that are authorised when the window is over. */
async function completedOf(customers: readonly Customer[], from: number): Promise<number[]> {
  const load = startLoad(erp, customers, { perSecond: PER_SECOND, from });
  await pause(WINDOW_MS);
  await load.stop();
  all.push(...load.accepted);
  await pause(GRACE_MS);
  const count = ({ cnpj }: Customer) =>
    hub.raw.collection('documentos').countDocuments({ emitente: cnpj, numero: { $gte: from, $ne: WARM_UP }, state: 'authorized' });
  return Promise.all(customers.map(count));
}

test('one authoriser that hangs leaves the others at least 90 % of their rate', async () => {
  const company = (n: number, uf: 'SP' | 'MG' | 'RS') => newCustomer(hub, { cnpj: sampleCnpj(n), uf });
  const [hanging, mg, rs, sp] = await Promise.all([company(1, 'SP'), company(2, 'MG'), company(3, 'RS'), company(4, 'SP')]);
  const customers = [mg, rs, sp];
  // First calls open connections, compile schemas and decode keys: they are no measure of a rate.
  await Promise.all(customers.map((customer) => erp.submit(customer, customer.note({ numero: WARM_UP }))));
  await Promise.all(customers.map((customer) => customer.untilStatus(WARM_UP, 'Autorizada', 60_000)));
  const control = await completedOf(customers, 1);

  await hub.simulator.fault({ fault: 'hang', match: { cnpj: hanging.cnpj } });
  const numeros = Array.from({ length: 2 * PREFETCH }, (_, index) => index + 1);
  await Promise.all(numeros.map((numero) => erp.submit(hanging, hanging.note({ numero }))));
  all.push(...numeros.map((numero) => ({ cnpj: hanging.cnpj, serie: 1, numero })));
  const openCalls = { emitente: hanging.cnpj, 'attempts.result': 'open' };
  await eventually(async () => (await hub.raw.collection('documentos').countDocuments(openCalls)) === PREFETCH);
  const beside = await completedOf(customers, 1_001);

  const said = `authorised in ${WINDOW_MS + GRACE_MS} ms, MG RS SP: alone ${control.join(' ')}, beside a hanging SP ${beside.join(' ')}`;
  for (const other of [0, 1]) {
    assert.ok((control[other] ?? 0) >= (0.8 * PER_SECOND * WINDOW_MS) / 1_000 / customers.length, `the control run is no measure: ${said}`);
    assert.ok((beside[other] ?? 0) >= 0.9 * (control[other] ?? 0), said);
  }
  // The neighbour in the hanging authoriser's own queue is held up: so the measure sees what a missing bulkhead would do.
  assert.ok((beside[2] ?? 0) < 0.5 * (control[2] ?? 0), said);

  await hub.simulator.clearFaults();
  assert.equal(await untilFinal(hub, { timeoutMs: 90_000 }), 0);
  assertAllAuthorized(await audit(hub, all));
});
