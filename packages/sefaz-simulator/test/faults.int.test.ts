import assert from 'node:assert/strict';
import { Agent } from 'node:https';
import { after, afterEach, before, test } from 'node:test';
import { systemClock } from '@malote/runtime/clock';
import { eventually } from '@malote/testkit/eventually';
import { consSitNFe, consStatServ, enviNFe, signedNfe } from './signed-nfe.ts';
import { assertValid, CNPJ, type Stage, startStage } from './stage.ts';

let stage: Stage;
let next = 1;
before(async () => {
  stage = await startStage();
});
after(() => stage.close());
afterEach(() => stage.admin('DELETE', '/faults'));

const note = () => signedNfe({ cnpj: CNPJ, numero: next++, signer: stage.company });
const authorize = (xml: string, options = {}) => stage.call('NFeAutorizacao4', enviNFe(xml), options);
const fault = (body: object) => stage.admin<{ id: string; error?: string }>('POST', '/faults', body);
const authorised = async (chave: string) => (await stage.admin<unknown[]>('GET', `/documents?chave=${chave}`)).length;
const outcomes = async (chave: string) => (await stage.calls(`chave=${chave}`)).map((c) => [c.outcome, c.fault, c.cStat]);

test('answer-lost authorises, cuts the connection, and the next send is 204', async () => {
  const { xml, chave } = note();
  await fault({ fault: 'answer-lost', match: { chave }, times: 1 });
  await assert.rejects(authorize(xml), { code: 'ECONNRESET' });
  assert.equal(await authorised(chave), 1);
  assert.deepEqual((await authorize(xml)).all('cStat'), ['104', '204']);
  assert.deepEqual(await outcomes(chave), [
    ['cut', 'answer-lost', '100'],
    ['answered', undefined, '204'],
  ]);
});

test('reset-after-read cuts the connection and does nothing', async () => {
  const { xml, chave } = note();
  await fault({ fault: 'reset-after-read', match: { service: 'NFeAutorizacao4', cnpj: CNPJ, serie: 1, numero: next - 1 }, times: 1 });
  await assert.rejects(authorize(xml), { code: 'ECONNRESET' });
  assert.equal(await authorised(chave), 0);
  assert.deepEqual(await outcomes(chave), [['cut', 'reset-after-read', undefined]]);
});

test('reset-before-read cuts the connection when the headers are there, by the path alone', async () => {
  const { xml, chave } = note();
  await fault({ fault: 'reset-before-read', match: { autorizador: 'SP', service: 'NFeAutorizacao4' }, times: 1 });
  const status = await stage.call('NFeStatusServico4', consStatServ('35'));
  assert.deepEqual(status.all('cStat'), ['107']);
  await assert.rejects(authorize(xml), (error: NodeJS.ErrnoException) => error.code === 'ECONNRESET' || error.code === 'EPIPE');
  assert.equal(await authorised(chave), 0);
  const [call] = await stage.calls('fault=reset-before-read');
  assert.deepEqual([call?.service, call?.autorizador, call?.chave], ['NFeAutorizacao4', 'SP', undefined]);
});

test('refuse-tls resets new connections before TLS, and closes idle ones so that the next call meets it', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const { xml } = note();
  await stage.call('NFeStatusServico4', consStatServ('35'), { agent });
  await fault({ fault: 'refuse-tls', times: 1 });
  await eventually(() => Object.keys(agent.freeSockets).length === 0);
  await assert.rejects(authorize(xml, { agent }), { code: 'ECONNRESET' });
  assert.deepEqual((await authorize(xml, { agent })).all('cStat'), ['104', '100']);
  assert.deepEqual(
    (await stage.calls('fault=refuse-tls')).map((call) => call.outcome),
    ['no-tls'],
  );
  agent.destroy();
});

for (const [name, count] of [
  ['hang', 0],
  ['hang-after-authorising', 1],
] as const) {
  test(`${name} never answers, and ${count} note is authorised`, async () => {
    const { xml, chave } = note();
    await fault({ fault: name, match: { chave }, times: 1 });
    const giveUp = new AbortController();
    const call = authorize(xml, { signal: giveUp.signal });
    const rejected = assert.rejects(call, { name: 'AbortError' });
    await eventually(async () => (await stage.calls(`chave=${chave}&outcome=hanging`)).length === 1);
    giveUp.abort();
    await rejected;
    assert.equal(await authorised(chave), count);
  });
}

for (const [name, status, pattern] of [
  ['http-403', 403, /Forbidden/],
  ['http-413', 413, /Too Large/],
  ['http-500', 500, /Internal/],
  ['http-503', 503, /Unavailable/],
  ['html', 200, /<html>/],
  ['empty', 200, /^$/],
] as const) {
  test(`${name} answers HTTP ${status} without authorising`, async () => {
    const { xml, chave } = note();
    await fault({ fault: name, match: { chave }, times: 1 });
    const reply = await authorize(xml);
    assert.equal(reply.status, status);
    assert.match(reply.body, pattern);
    assert.equal(await authorised(chave), 0);
  });
}

for (const [spec, expected] of [
  [{ fault: 'answer', cStat: '539', xMotivo: 'Rejeição: Duplicidade [chNFe:1]' }, ['104', '539']],
  [{ fault: 'answer', cStat: '999' }, ['999']],
  [{ fault: 'answer', cStat: '999', level: 'documento' }, ['104', '999']],
  [{ fault: 'answer', cStat: '1217' }, ['104', '1217']],
  [{ fault: 'cstat-108' }, ['108']],
  [{ fault: 'cstat-109' }, ['109']],
  [{ fault: 'cstat-656' }, ['656']],
  [{ fault: 'cstat-999' }, ['999']],
  [{ fault: '103-in-protocol' }, ['104', '103']],
  [{ fault: '104-without-protocol' }, ['104']],
] as const) {
  test(`${JSON.stringify(spec)} gives cStat ${expected.join(', ')} in a valid answer and authorises nothing`, async () => {
    const { xml, chave } = note();
    await fault({ ...spec, match: { chave }, times: 1 });
    const reply = await authorize(xml);
    assert.deepEqual(reply.all('cStat'), expected);
    assertValid(stage, reply);
    assert.equal(await authorised(chave), 0);
  });
}

test('a scripted cStat also fits consult and status', async () => {
  await fault({ fault: 'answer', cStat: '656', times: 2 });
  const consulted = await stage.call('NFeConsultaProtocolo4', consSitNFe(note().chave));
  assert.deepEqual(consulted.all('cStat'), ['656']);
  assertValid(stage, consulted);
  const status = await stage.call('NFeStatusServico4', consStatServ('35'));
  assert.deepEqual(status.all('cStat'), ['656']);
  assertValid(stage, status);
});

test('answer-after-authorising hides an authorisation behind another cStat', async () => {
  const { xml, chave } = note();
  await fault({ fault: 'answer-after-authorising', cStat: '999', match: { chave }, times: 1 });
  assert.deepEqual((await authorize(xml)).all('cStat'), ['999']);
  assert.equal(await authorised(chave), 1);
});

test('slow answers late, with what was decided at once', async () => {
  const { xml, chave } = note();
  await fault({ fault: 'slow', delayMs: 1500, match: { chave }, times: 1 });
  const started = systemClock.monotonic();
  let answered = false;
  const call = authorize(xml).finally(() => {
    answered = true;
  });
  await eventually(async () => (await authorised(chave)) === 1, { everyMs: 10 });
  assert.equal(answered, false);
  assert.deepEqual((await call).all('cStat'), ['104', '100']);
  assert.ok(systemClock.monotonic() - started >= 1500);
});

test('slow by a distribution draws one delay per call', async () => {
  const delay = { distribution: 'uniform', fromMs: 50, toMs: 400 };
  await fault({ fault: 'slow', delay, seed: 3, times: 4 });
  for (let i = 0; i < 4; i++) await stage.call('NFeStatusServico4', consStatServ('35'));
  const took = (await stage.calls('fault=slow')).slice(-4).map((call) => call.durationMs);
  assert.ok(
    took.every((ms) => ms >= 49 && ms < 1_400),
    String(took),
  );
  assert.ok(Math.max(...took) - Math.min(...took) > 20, `all alike: ${took}`);
});

test('size-limit answers 413 to a request that is too large, before its body is read, and serves smaller ones', async () => {
  await fault({ fault: 'size-limit', maxBytes: 20_000 });
  const { xml, chave } = note();
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  assert.deepEqual((await authorize(xml, { agent })).all('cStat'), ['104', '100']);
  const large = signedNfe({ cnpj: CNPJ, numero: next++, signer: stage.company, itens: 400 });
  const refused = await authorize(large.xml, { agent });
  assert.deepEqual([refused.status, refused.body], [413, 'Request Entity Too Large']);
  assert.deepEqual([await authorised(chave), await authorised(large.chave)], [1, 0]);
  const [call] = await stage.calls('fault=size-limit');
  assert.deepEqual([call?.httpStatus, call?.chave], [413, undefined]);
  assert.deepEqual((await authorize(note().xml, { agent })).all('cStat'), ['104', '100'], 'the connection goes on');
  agent.destroy();
});

test('slow-before-processing authorises even when the caller has gone: a late arrival', async () => {
  const { xml, chave } = note();
  await fault({ fault: 'slow-before-processing', delayMs: 300, match: { chave }, times: 1 });
  const giveUp = new AbortController();
  const call = assert.rejects(authorize(xml, { signal: giveUp.signal }), { name: 'AbortError' });
  await eventually(async () => (await stage.admin<{ hits: number }[]>('GET', '/faults'))[0]?.hits === 1, { everyMs: 10 });
  giveUp.abort();
  await call;
  assert.equal(await authorised(chave), 0);
  await eventually(async () => (await authorised(chave)) === 1);
  // Logged after the authorisation is on disk: a moment later.
  await eventually(async () => (await stage.calls(`chave=${chave}`))[0]?.outcome === 'gone');
});

test('times counts down, until ends by the clock, and a fault can be taken back', async () => {
  await fault({ fault: 'http-503', times: 2 });
  const status = async () => (await stage.call('NFeStatusServico4', consStatServ('35'))).status;
  assert.deepEqual([await status(), await status(), await status()], [503, 503, 200]);
  await fault({ fault: 'http-500', until: new Date(systemClock.now().getTime() + 3_600_000).toISOString() });
  assert.equal(await status(), 500);
  await stage.shiftClock(2 * 3_600_000);
  assert.equal(await status(), 200);
  await stage.shiftClock(0);
  assert.equal(await status(), 500);
  await stage.admin('DELETE', '/faults');
  const { id } = await fault({ fault: 'http-503' });
  assert.equal(await status(), 503);
  assert.deepEqual(await stage.admin('DELETE', `/faults/${id}`), { removed: 1 });
  assert.equal(await status(), 200);
});

for (const [body, reason] of [
  [{ fault: 'nonsense' }, /not known; known are/],
  [{ fault: 'reset-before-read', match: { numero: 1 } }, /before the body is read/],
  [{ fault: 'refuse-tls', match: { autorizador: 'SP' } }, /not allowed/],
  [{ fault: 'hang', match: { number: 1 } }, /number is not allowed/],
  [{ fault: 'slow' }, /delayMs/],
  [{ fault: 'answer' }, /needs cStat/],
  [{ fault: 'hang', times: 0 }, /times/],
  [{ fault: 'hang', until: 'tomorrow' }, /until/],
  [{ fault: 'hang', delayMs: 3 }, /no delayMs/],
  [{ fault: 'size-limit' }, /maxBytes/],
  [{ fault: 'hang', skip: 0 }, /skip/],
  [{ fault: 'hang', chance: 0 }, /chance/],
  [{ fault: 'slow', delayMs: 1, delay: { distribution: 'fixed', ms: 1 } }, /one of them/],
  [{ fault: 'wrong-chain', match: { numero: 1 } }, /not allowed/],
] as const) {
  test(`the fault ${JSON.stringify(body)} is refused with the reason`, async () => {
    assert.match((await fault(body)).error ?? '', reason);
    assert.deepEqual(await stage.admin('GET', '/faults'), []);
  });
}

test('an unknown filter of the call log is an error, not an empty list', async () => {
  const answer = await stage.admin<{ error: string }>('GET', '/calls?number=3');
  assert.match(answer.error, /no filter/);
});

test('the simulator stops within two seconds while calls hang and are slow, and keeps what it authorised', async () => {
  const own = await startStage();
  const hanging = signedNfe({ cnpj: CNPJ, numero: 1, signer: own.company });
  const slow = signedNfe({ cnpj: CNPJ, numero: 2, signer: own.company });
  await own.admin('POST', '/faults', { fault: 'hang', match: { numero: 1 } });
  await own.admin('POST', '/faults', { fault: 'slow', delayMs: 60_000, match: { numero: 2 } });
  const calls = [hanging, slow].map(({ xml }) => assert.rejects(own.call('NFeAutorizacao4', enviNFe(xml))));
  await eventually(async () => (await own.calls('outcome=hanging')).length === 1);
  await eventually(async () => (await own.admin<unknown[]>('GET', '/documents')).length === 1);
  const started = systemClock.monotonic();
  await own.restart(() => assert.ok(systemClock.monotonic() - started < 2_000));
  await Promise.all(calls);
  const report = await own.admin<{ total: number }>('GET', '/authorizations');
  assert.equal(report.total, 1);
  await own.close();
});

test('fast mode checks neither schema nor signature, and the rest as ever', async () => {
  const fast = await startStage({ fast: true, schemasDir: undefined });
  const send = (options = {}) =>
    fast.call('NFeAutorizacao4', enviNFe(signedNfe({ cnpj: CNPJ, numero: 1, signer: fast.company, ...options }).xml));
  const tampered = await send({
    tamper: (xml: string) => xml.replace('<natOp>Venda', '<natOp>Vendo').replace('<modFrete>9', '<modFrete>8'),
  });
  assert.deepEqual(tampered.all('cStat'), ['104', '100']);
  assert.deepEqual((await send()).all('cStat'), ['104', '204']);
  assert.deepEqual((await send({ cNF: '11111111' })).all('cStat'), ['104', '897']);
  await fast.close();
});
