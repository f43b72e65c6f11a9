import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { loadScenarioFile, shippedScenarios } from '../scenario.ts';
import { signedNfce, v2 } from './signed-nfce.ts';
import { consStatServ, enviNFe, signedNfe } from './signed-nfe.ts';
import { CNPJ, type Stage, startStage } from './stage.ts';

interface FaultState {
  id: string;
  fault: string;
  scenario?: string;
  hits: number;
  from?: string;
  until?: string;
}

let stage: Stage;
let next = 1;
before(async () => {
  stage = await startStage();
});
after(() => stage.close());
afterEach(async () => {
  await stage.admin('DELETE', '/scenario');
  await stage.shiftClock(0);
});

const load = (scenario: unknown) => stage.admin<{ name?: string; since?: string; error?: string }>('POST', '/scenario', scenario);
const faults = () => stage.admin<FaultState[]>('GET', '/faults');
const status = async () => (await stage.call('NFeStatusServico4', consStatServ('35'))).status;
const authorize = (numero: number) => stage.call('NFeAutorizacao4', enviNFe(signedNfe({ cnpj: CNPJ, numero, signer: stage.company }).xml));

test('a scenario brings its faults, CSCs and documents, and its faults take the place of all others', async () => {
  await stage.admin('POST', '/faults', { fault: 'http-500' });
  const numero = next++;
  await load({
    name: 'my-day',
    csc: [{ id: '1', csc: 'of-the-scenario' }],
    documents: [{ uf: 'SP', cnpj: CNPJ, numero }],
    faults: [{ fault: 'cstat-109', match: { service: 'NFeStatusServico4' }, times: 1 }],
  });
  assert.deepEqual(
    (await faults()).map(({ fault, scenario }) => [fault, scenario]),
    [['cstat-109', 'my-day']],
  );
  assert.deepEqual((await stage.call('NFeStatusServico4', consStatServ('35'))).all('cStat'), ['109']);
  assert.deepEqual((await authorize(numero)).all('cStat'), ['104', '539']);
  const nfce = signedNfce({ cnpj: CNPJ, numero: next++, signer: stage.company, qr: v2('1', 'of-the-scenario') });
  assert.deepEqual((await stage.call('NFeAutorizacao4', enviNFe(nfce.xml), { modelo: '65' })).all('cStat'), ['104', '100']);
  assert.equal((await stage.admin<{ name: string }>('GET', '/scenario')).name, 'my-day');
  await stage.admin('DELETE', '/scenario');
  assert.deepEqual([await faults(), await stage.admin('GET', '/scenario')], [[], null]);
});

test('faults of a scenario come and go by the clock, counted from the moment it was loaded', async () => {
  await load({
    name: 'ups-and-downs',
    faults: [
      { fault: 'http-503', afterS: 60, forS: 120 },
      { fault: 'http-500', afterS: 180, forS: 60 },
    ],
  });
  const seen: number[] = [];
  for (const seconds of [0, 90, 200, 300]) {
    await stage.shiftClock(seconds * 1_000, 500);
    seen.push(await status());
  }
  assert.deepEqual(seen, [200, 503, 500, 200]);
});

test('skip lets calls pass first, and chance draws by the seed: the same scenario loses the same answers again', async () => {
  const scenario = {
    name: 'some',
    seed: 5,
    faults: [
      { fault: 'http-500', skip: 2, times: 1 },
      { fault: 'http-503', chance: 0.5 },
    ],
  };
  const run = async () => {
    await load(scenario);
    const seen: number[] = [];
    for (let i = 0; i < 24; i++) seen.push(await status());
    return seen;
  };
  const first = await run();
  assert.deepEqual(await run(), first);
  assert.equal(first[2], 500);
  assert.equal(first.filter((code) => code === 500).length, 1);
  const lost = first.filter((code) => code === 503).length;
  assert.ok(lost >= 5 && lost <= 18, String(lost));
  await load({ ...scenario, seed: 6 });
  const other: number[] = [];
  for (let i = 0; i < 24; i++) other.push(await status());
  assert.notDeepEqual(other, first);
});

test('every scenario that is shipped can be loaded by its name, and begins without harm', async () => {
  assert.deepEqual(shippedScenarios(), ['dia-normal', 'fora-do-ar', 'respostas-perdidas', 'sefaz-lenta', 'sp-em-contingencia']);
  for (const name of shippedScenarios()) {
    const { description } = loadScenarioFile(name) as { description: string };
    assert.ok(description.length > 40);
    assert.equal((await load(name)).name, name);
    assert.equal(
      (await faults()).every((fault) => fault.scenario === name),
      true,
    );
  }
});

test('fora-do-ar goes from 200 to 503 or HTML, to no connection, to 108, and back', async () => {
  await load('fora-do-ar');
  assert.equal(await status(), 200);
  await stage.shiftClock(100_000, 500);
  const down = await stage.call('NFeStatusServico4', consStatServ('35'));
  assert.ok(down.status === 503 || down.body.includes('<html>'));
  await stage.shiftClock(200_000, 500);
  await assert.rejects(status());
  await stage.shiftClock(330_000, 500);
  assert.deepEqual((await stage.call('NFeStatusServico4', consStatServ('35'))).all('cStat'), ['108']);
  await stage.shiftClock(400_000, 500);
  assert.equal(await status(), 200);
});

test('a scenario that is wrong is refused with the place of what is wrong, and changes nothing', async () => {
  await load({ name: 'before', faults: [{ fault: 'http-503' }] });
  const numero = next++;
  assert.deepEqual((await stage.admin<{ chave: string }>('POST', '/documents', { uf: 'SP', cnpj: CNPJ, numero })).chave.length, 44);
  for (const [scenario, reason] of [
    [[], /a scenario must be a JSON object/],
    [{}, /name must be/],
    [{ name: 'x', fault: [] }, /fault is not allowed in a scenario; allowed: name, description/],
    [{ name: 'x', faults: {} }, /faults must be a list/],
    [{ name: 'x', faults: [{ fault: 'hang' }, { fault: 'slow' }] }, /faults\[1\]: "slow" needs delayMs or delay/],
    [{ name: 'x', faults: [{ fault: 'hang', afterS: 1, from: '2026-01-01' }] }, /faults\[0\]: give from or afterS/],
    [{ name: 'x', faults: [{ fault: 'hang', chance: 2 }] }, /faults\[0\]: chance/],
    [{ name: 'x', csc: [{ id: '1' }] }, /csc\[0\]: csc must be/],
    [{ name: 'x', documents: [{ chave: '1' }] }, /documents\[0\]: chave must be/],
    [{ name: 'x', csc: [{ id: '9', csc: 'z' }], documents: [{ uf: 'SP', cnpj: CNPJ, numero, cNF: '11223344' }] }, /held by/],
    ['no-such-scenario', /no file .*there are dia-normal/],
  ] as const) {
    assert.match((await load(scenario)).error ?? '', reason);
  }
  assert.deepEqual(
    (await faults()).map(({ fault, scenario }) => [fault, scenario]),
    [['http-503', 'before']],
  );
  assert.doesNotMatch(JSON.stringify(await stage.admin('GET', '/csc')), /"id":"9"/);
  assert.equal((await stage.admin<{ name: string }>('GET', '/scenario')).name, 'before');
});

test('a scenario given at the start is in force from the first call', async () => {
  const own = await startStage({
    scenario: { name: 'from-the-start', faults: [{ fault: 'http-503', times: 1 }] },
    csc: [{ id: '3', csc: 'x' }],
  });
  assert.equal((await own.call('NFeStatusServico4', consStatServ('35'))).status, 503);
  assert.equal((await own.call('NFeStatusServico4', consStatServ('35'))).status, 200);
  assert.equal((await own.admin<{ id: string }[]>('GET', '/csc'))[0]?.id, '3');
  await own.close();
});
