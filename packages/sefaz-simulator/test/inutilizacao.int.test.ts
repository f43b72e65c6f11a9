import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { issueClientPem } from '@malote/testkit/certificates';
import { sampleCnpj } from '@malote/testkit/sample-cnpj';
import { type RangeOptions, signedInutNFe, thisYear } from './signed-inutilizacao.ts';
import { enviNFe, signedNfe } from './signed-nfe.ts';
import { assertValid, CNPJ, type Reply, type Stage, startStage } from './stage.ts';

let stage: Stage;
before(async () => {
  stage = await startStage();
});
after(() => stage.close());

const inutNFe = (from: number, to: number, options: RangeOptions = {}) => signedInutNFe(from, to, { signer: stage.company, ...options });
const send = (xml: string, options = {}): Promise<Reply> => stage.call('NFeInutilizacao4', xml, options);
const authorize = (numero: number, serie = 1) =>
  stage.call('NFeAutorizacao4', enviNFe(signedNfe({ cnpj: CNPJ, numero, serie, signer: stage.company }).xml));

test('a free range is voided with a protocol, and no note gets one of its numbers, before and after a restart', async () => {
  const reply = await send(inutNFe(10, 20));
  assert.deepEqual(reply.all('cStat'), ['102'], reply.body);
  const [nProt = ''] = reply.all('nProt');
  assert.match(nProt, /^135\d\d\d{10}$/);
  assert.deepEqual([reply.all('nNFIni'), reply.all('nNFFin'), reply.all('mod')], [['10'], ['20'], ['55']]);
  assertValid(stage, reply);
  for (const restart of [false, true]) {
    if (restart) await stage.restart();
    assert.deepEqual((await authorize(15)).all('cStat'), ['104', '206']);
    const again = await send(inutNFe(10, 20));
    assert.deepEqual(again.all('cStat'), ['563']);
    assert.match(again.all('xMotivo')[0] ?? '', new RegExp(`mesma faixa de inutilização \\[nProt:${nProt}\\]$`));
    assertValid(stage, again);
  }
  assert.deepEqual((await authorize(21)).all('cStat'), ['104', '100']);
});

test('a range that shares a number with a voided one is 256, with a note 241, also with one that an SVC authorised', async () => {
  assert.deepEqual((await send(inutNFe(100, 110))).all('cStat'), ['102']);
  for (const [from, to] of [
    [110, 120],
    [90, 100],
    [101, 102],
    [90, 200],
  ] as const)
    assert.deepEqual((await send(inutNFe(from, to))).all('cStat'), ['256'], `${from}-${to}`);
  assert.deepEqual((await send(inutNFe(100, 110, { serie: 2 }))).all('cStat'), ['102']);
  await authorize(205);
  assert.deepEqual((await send(inutNFe(200, 210))).all('cStat'), ['241']);
  await stage.admin('POST', '/documents', { uf: 'SP', cnpj: CNPJ, numero: 305, tpEmis: '6' });
  assert.deepEqual((await send(inutNFe(300, 310))).all('cStat'), ['241']);
  assert.deepEqual((await send(inutNFe(306, 310))).all('cStat'), ['102']);
});

test('what is wrong with the request is told with the code of the manual', async () => {
  const other = sampleCnpj(7);
  const credential = issueClientPem(stage.ca, { cnpj: other, razaoSocial: 'Outra' });
  const cases: [string, string][] = [
    ['201', inutNFe(1_001, 11_001)],
    ['224', inutNFe(1_002, 1_001)],
    ['252', inutNFe(1_001, 1_001, { tpAmb: '1' })],
    ['250', inutNFe(1_001, 1_001, { cUF: '43' })],
    ['450', inutNFe(1_001, 1_001, { modelo: '65' })],
    ['453', inutNFe(1_001, 1_001, { ano: String(Number(thisYear) + 1) })],
    ['454', inutNFe(1_001, 1_001, { ano: '05' })],
    ['502', inutNFe(1_001, 1_001, { id: `ID35${thisYear}${CNPJ}55001000001001000001002` })],
    ['297', inutNFe(1_001, 1_001, { tamper: (xml) => xml.replace('Falha no', 'Falha do') })],
    ['213', inutNFe(1_001, 1_001, { signer: credential })],
    ['215', inutNFe(1_001, 1_001, { xJust: 'Curto demais' })],
  ];
  for (const [cStat, xml] of cases) {
    const reply = await send(xml);
    assert.deepEqual(reply.all('cStat'), [cStat], reply.body);
    assert.deepEqual(reply.all('nProt'), []);
    assertValid(stage, reply);
  }
  assert.deepEqual((await send(inutNFe(1_001, 11_000))).all('cStat'), ['102']);
});

test('of two requests of one range at the same moment one is done, and an SVC does not have the service', async () => {
  const xml = inutNFe(20_001, 20_010);
  const codes = (await Promise.all(Array.from({ length: 6 }, () => send(xml)))).map((reply) => reply.all('cStat')[0]);
  assert.deepEqual(codes.sort(), ['102', ...Array<string>(5).fill('563')]);
  assert.equal((await send(xml, { autorizador: 'SVC-AN' })).status, 404);
});
