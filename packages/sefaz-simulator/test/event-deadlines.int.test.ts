import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { systemClock } from '@malote/runtime/clock';
import { eventScene } from './event-scene.ts';
import { assertValid, CNPJ, type Stage, startStage } from './stage.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
let stage: Stage;
before(async () => {
  stage = await startStage({ deadlines: [{ uf: 'RS', modelo: '65', minutes: 60 }] });
});
after(() => stage.close());
afterEach(async () => {
  await stage.admin('DELETE', '/deadlines');
  await stage.shiftClock(0);
});
const { authorised, authorisedNfce, cancel, send, toAn, consult, eventCode } = eventScene(() => stage);

/** Goes on by the simulator's clock; what is sent then says when by the same clock. */
async function later(ms: number): Promise<Date> {
  await stage.shiftClock(ms);
  return new Date(systemClock.now().getTime() + ms);
}

test('an NFC-e of 31 minutes is 501 in a rigid state, and 155 in a tolerant one', async () => {
  const [rigid, tolerant] = [await authorisedNfce(), await authorisedNfce()];
  const dhEvento = await later(31 * MINUTE);
  const refused = await send(cancel(rigid, { dhEvento }), { modelo: '65' });
  assert.deepEqual(refused.all('cStat'), ['128', '501'], refused.body);
  assertValid(stage, refused, '110111');
  assert.deepEqual((await consult(rigid.chave, { modelo: '65' })).all('cStat'), ['100', '100']);

  await stage.admin('POST', '/deadlines', { uf: 'SP', modelo: '65', minutes: 30, late: 'accept', lateMinutes: 1_440 });
  const taken = await send(cancel(tolerant, { dhEvento }), { modelo: '65' });
  assert.deepEqual(taken.all('cStat'), ['128', '155'], taken.body);
  assert.equal(taken.all('nProt').length, 1);
  assertValid(stage, taken, '110111');
  const consulted = await consult(tolerant.chave, { modelo: '65' });
  assert.deepEqual(consulted.all('cStat'), ['151', '100', '155']);
  assertValid(stage, consulted);
  await stage.restart();
  assert.deepEqual((await consult(tolerant.chave, { modelo: '65' })).all('cStat'), ['151', '100', '155']);
  assert.equal(await eventCode(send(cancel(rigid, { dhEvento: await later(2 * DAY) }), { modelo: '65' })), '501');
});

test('an NF-e is cancelled within 24 hours by the national rule', async () => {
  const [inTime, late] = [await authorised(), await authorised()];
  assert.equal(await eventCode(send(cancel(inTime, { dhEvento: await later(DAY - 5 * MINUTE) }))), '135');
  assert.equal(await eventCode(send(cancel(late, { dhEvento: await later(DAY + 5 * MINUTE) }))), '501');
});

test('other events out of time are 596 with the deadline in force', async () => {
  const { chave } = await stage.admin<{ chave: string }>('POST', '/documents', { uf: 'SP', cnpj: '11222333000181', numero: 1, dest: CNPJ });
  const dhEvento = await later(11 * DAY);
  const late = await toAn(chave, '210210', { dhEvento });
  assert.deepEqual(late.all('cStat'), ['128', '596'], late.body);
  assert.equal(late.all('xMotivo')[1], 'Rejeição: Evento apresentado fora do prazo: [prazo: 10 dias]');
  assertValid(stage, late, '210210');
  assert.equal(await eventCode(toAn(chave, '210200', { dhEvento })), '135');
});

test('a deadline given at the start is for its state and model, and a wrong one is refused with the reason', async () => {
  await stage.restart();
  assert.deepEqual(await stage.admin('GET', '/deadlines'), [{ tpEvento: '110111', minutes: 60, late: 'refuse', uf: 'RS', modelo: '65' }]);
  const ofScenario = { uf: 'SP', modelo: '65', tpEvento: '110112', minutes: 1_440, late: 'refuse' };
  await stage.admin('POST', '/scenario', { name: 'prazos', deadlines: [ofScenario] });
  assert.deepEqual((await stage.admin<object[]>('GET', '/deadlines'))[1], ofScenario);
  for (const [input, reason] of [
    [{ minutes: -1 }, /minutes must be a whole number/],
    [{ minutes: 30, late: 'maybe' }, /"refuse" or "accept"/],
    [{ minutes: 30, uf: 'XX' }, /is no state/],
    [{ minutes: 30, lateMinutes: 60 }, /lateMinutes needs late "accept"/],
    [{ minutes: 30, late: 'accept', lateMinutes: 10 }, /at least 30/],
    [{ minutes: 30, hours: 1 }, /hours is not allowed/],
  ] as const)
    assert.match((await stage.admin<{ error: string }>('POST', '/deadlines', input)).error, reason);
});
