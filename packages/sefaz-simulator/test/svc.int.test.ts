import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { systemClock } from '@malote/runtime/clock';
import { loadScenarioFile } from '../scenario.ts';
import { signedNfce } from './signed-nfce.ts';
import { consSitNFe, consStatServ, enviNFe, type SignedOptions, signedNfe } from './signed-nfe.ts';
import { assertValid, CNPJ, type Stage, startStage } from './stage.ts';

const HOUR = 3_600_000;
const contingencia = { dhCont: '2026-01-01T10:00:00-03:00', xJust: 'Falha na conexao com a SEFAZ' };
let stage: Stage;
let next = 1;
before(async () => {
  stage = await startStage();
});
after(() => stage.close());
afterEach(async () => {
  await stage.admin('DELETE', '/svc');
  await stage.admin('DELETE', '/scenario');
  await stage.shiftClock(0);
});

const set = (svc: unknown) => stage.admin<{ error?: string; endsAt?: string }>('POST', '/svc', svc);
const note = (options: Partial<SignedOptions> = {}) =>
  signedNfe({ cnpj: CNPJ, numero: next++, signer: stage.company, tpEmis: '6', contingencia, ...options });
const authorize = async (xml: string, autorizador = 'SVC-AN', modelo = '55') => {
  const reply = await stage.call('NFeAutorizacao4', enviNFe(xml), { autorizador, modelo });
  assertValid(stage, reply);
  return reply;
};
const status = async (cUF = '35', autorizador = 'SVC-AN') => {
  const reply = await stage.call('NFeStatusServico4', consStatServ(cUF), { autorizador });
  assertValid(stage, reply);
  return reply.all('cStat')[0];
};

test('an SVC that a state switched off answers 114 to status and notes of that state only, and its consult stays open', async () => {
  assert.equal(await status(), '107');
  const before_ = note();
  assert.deepEqual((await authorize(before_.xml)).all('cStat'), ['104', '100']);
  await set({ uf: 'SP', state: 'off' });
  assert.deepEqual([await status(), await status('31'), await status('52', 'SVC-RS')], ['114', '107', '107']);
  const refused = note();
  assert.deepEqual((await authorize(refused.xml)).all('cStat'), ['114']);
  assert.deepEqual(await stage.admin('GET', `/documents?chave=${refused.chave}`), []);
  const consulted = await stage.call('NFeConsultaProtocolo4', consSitNFe(before_.chave), { autorizador: 'SVC-AN' });
  assert.deepEqual(consulted.all('cStat'), ['100', '100']);
  await set({ uf: 'SP', state: 'active' });
  assert.equal(await status(), '107');
  assert.deepEqual((await authorize(refused.xml)).all('cStat'), ['104', '100']);
});

test('an SVC that is ending answers 113 with the hour, still takes notes, and is off when the hour has come', async () => {
  const { endsAt } = await set({ uf: 'SP', state: 'ending', minutes: 20 });
  assert.ok(Date.parse(endsAt ?? '') - systemClock.now().getTime() > 19 * 60_000);
  const reply = await stage.call('NFeStatusServico4', consStatServ('35'), { autorizador: 'SVC-AN' });
  assertValid(stage, reply);
  assert.equal(reply.all('cStat')[0], '113');
  assert.match(reply.all('xMotivo')[0] ?? '', /SEFAZ-SP em \d\d\/\d\d\/\d\d às \d\d:\d\d horas$/);
  assert.deepEqual((await authorize(note().xml)).all('cStat'), ['104', '100']);
  await stage.shiftClock(HOUR);
  assert.equal(await status(), '114');
});

test('switches follow one another by the clock, also from a scenario, and a state goes before its SVC', async () => {
  await set({ autorizador: 'SVC-AN', state: 'off' });
  await set({ uf: 'MG', state: 'active' });
  await set({ autorizador: 'SVC-AN', state: 'active', afterS: 1_800 });
  assert.deepEqual([await status(), await status('31')], ['114', '107']);
  await stage.shiftClock(HOUR);
  assert.equal(await status(), '107');
  await stage.shiftClock(0);
  await stage.admin('POST', '/scenario', { name: 'svc', svc: [{ uf: 'GO', state: 'off' }] });
  assert.deepEqual([await status(), await status('52', 'SVC-RS')], ['107', '114']);
  await stage.admin('POST', '/scenario', loadScenarioFile('sp-em-contingencia'));
  assert.equal(await status(), '114');
  await stage.shiftClock(10 * 60_000, 30_000);
  assert.equal(await status(), '107');
  await stage.shiftClock(17 * 60_000, 30_000);
  assert.equal(await status(), '113');
});

test('the page shows the switches and changes them', async () => {
  const submit = (action: string, fields: Record<string, string>) =>
    fetch(`${stage.simulator.adminUrl}/form/${action}`, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' });
  assert.equal((await submit('svc', { uf: 'GO', state: 'off', afterS: '' })).status, 303);
  assert.equal(await status('52', 'SVC-RS'), '114');
  assert.match(await (await fetch(stage.simulator.adminUrl)).text(), /SVC-RS.*GO.*desabilitada \(114\)/s);
  assert.equal((await submit('svc', { uf: 'XX', state: 'off' })).status, 400);
  await submit('svc-reset', {});
  assert.deepEqual(await stage.admin('GET', '/svc'), []);
});

for (const [body, reason] of [
  [{ state: 'gone' }, /state is one of/],
  [{ state: 'off', autorizador: 'SVRS' }, /no SVC; there are SVC-AN, SVC-RS/],
  [{ state: 'off', autorizador: 'SVC-RS', uf: 'SP' }, /SP has SVC-AN/],
  [{ state: 'off', uf: 'XX' }, /no state/],
  [{ state: 'off', minutes: 3 }, /needs state "ending"/],
  [{ state: 'off', from: '2026-01-01T00:00:00Z', afterS: 1 }, /not both/],
] as const) {
  test(`an SVC is refused: ${JSON.stringify(body)}`, async () => {
    assert.match((await set(body)).error ?? '', reason);
    assert.deepEqual(await stage.admin('GET', '/svc'), []);
  });
}

test('an NFC-e issued off line is 150 when it comes more than a day later, and 558 when its contingency begins after it came', async () => {
  const ago = (ms: number) => new Date(systemClock.now().getTime() - ms);
  const send = (dhEmi: Date, edit?: (xml: string) => string) => {
    const made = signedNfce({ cnpj: CNPJ, numero: next++, signer: stage.company, tpEmis: '9', dhEmi, ...(edit ? { edit } : {}) });
    return authorize(made.xml, 'SP', '65').then((reply) => ({ chave: made.chave, codes: reply.all('cStat') }));
  };
  assert.deepEqual((await send(ago(23 * HOUR))).codes, ['104', '100']);
  const late = await send(ago(25 * HOUR));
  assert.deepEqual(late.codes, ['104', '150']);
  const consulted = await stage.call('NFeConsultaProtocolo4', consSitNFe(late.chave), { modelo: '65' });
  assert.deepEqual(consulted.all('cStat'), ['150', '150']);
  const future = ago(-HOUR)
    .toISOString()
    .replace(/\.\d+Z/, '+00:00');
  assert.deepEqual((await send(ago(0), (xml) => xml.replace(/<dhCont>[^<]*/, `<dhCont>${future}`))).codes, ['104', '558']);
});

test('a fault can take the calls of one state of a shared authoriser, and calls tell the state and the tpEmis', async () => {
  await stage.admin('POST', '/faults', { fault: 'cstat-108', match: { autorizador: 'SVRS', cUF: '33' } });
  assert.deepEqual([await status('33', 'SVRS'), await status('42', 'SVRS')], ['108', '107']);
  await stage.admin('DELETE', '/faults');
  const asked = await stage.calls('service=NFeStatusServico4&autorizador=SVRS&cUF=33');
  assert.deepEqual([asked.length, asked[0]?.cStat], [1, '108']);
  const { xml, chave } = note();
  await authorize(xml);
  assert.deepEqual(
    (await stage.calls(`chave=${chave}`)).map(({ cUF, tpEmis }) => [cUF, tpEmis]),
    [['35', '6']],
  );
});
