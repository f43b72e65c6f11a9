import assert from 'node:assert/strict';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { systemClock } from '@malote/runtime/clock';
import { issueClientPem } from '@malote/testkit/certificates';
import { sampleCnpj } from '@malote/testkit/sample-cnpj';
import { consSitNFe, enviNFe, type SignedOptions, signedNfe } from './signed-nfe.ts';
import { CNPJ, type Stage, startStage } from './stage.ts';

let stage: Stage;
before(async () => {
  stage = await startStage();
});
after(() => stage.close());

const contingencia = { dhCont: '2026-01-01T10:00:00-03:00', xJust: 'Falha na conexao com a SEFAZ' };
const note = (options: Partial<SignedOptions> & { numero: number }) => signedNfe({ cnpj: CNPJ, signer: stage.company, ...options });
const authorize = (xml: string, options = {}) => stage.call('NFeAutorizacao4', enviNFe(xml), options);
const report = (query: string) =>
  stage.admin<{ total: number; doubled: number; numbers: { authorizations: { autorizador: string }[] }[] }>(
    'GET',
    `/authorizations?${query}`,
  );

test('the same key again is 204 with the receipt, and authorises nothing', async () => {
  const { xml } = note({ numero: 1 });
  assert.deepEqual((await authorize(xml)).all('cStat'), ['104', '100']);
  const again = await authorize(xml);
  assert.deepEqual(again.all('cStat'), ['104', '204']);
  assert.match(again.all('xMotivo')[1] ?? '', /^Rejeição: Duplicidade de NF-e \[nRec:35\d{13}\]$/);
  assert.deepEqual(again.all('nProt'), []);
  assert.deepEqual([(await report('numero=1')).total, (await report('numero=1')).doubled], [1, 0]);
});

test('another key of the same number is 539 with the key that has it', async () => {
  const first = note({ numero: 2 });
  await authorize(first.xml);
  const second = await authorize(note({ numero: 2, cNF: '77300129' }).xml);
  assert.deepEqual(second.all('cStat'), ['104', '539']);
  assert.match(second.all('xMotivo')[1] ?? '', new RegExp(`\\[chNFe:${first.chave}\\]\\[nRec:\\d{15}\\]$`));
});

test('the SVC has its own database: the number is authorised twice, and counted as doubled', async () => {
  await authorize(note({ numero: 3 }).xml);
  const svc = await authorize(note({ numero: 3, tpEmis: '6', contingencia }).xml, { autorizador: 'SVC-AN' });
  assert.deepEqual(svc.all('cStat'), ['104', '100']);
  assert.match(svc.all('nProt')[0] ?? '', /^235/);
  const { total, doubled, numbers } = await report('numero=3');
  assert.deepEqual([total, doubled, numbers[0]?.authorizations.map((a) => a.autorizador)], [2, 1, ['SP', 'SVC-AN']]);
});

test('many simultaneous sends of one note give one authorisation', async () => {
  const { xml } = note({ numero: 4 });
  const replies = await Promise.all(Array.from({ length: 8 }, () => authorize(xml)));
  const codes = replies.map((reply) => reply.all('cStat')[1]).sort();
  assert.deepEqual(codes, ['100', ...Array<string>(7).fill('204')]);
});

test('a consult of another key of an authorised number is 562, 561 or 613, with the key only for its own company', async () => {
  const stored = note({ numero: 5 });
  await authorize(stored.xml);
  const consult = (chave: string, options = {}) => stage.call('NFeConsultaProtocolo4', consSitNFe(chave), options);
  const otherCnf = note({ numero: 5, cNF: '77300129' });
  const mine = await consult(otherCnf.chave);
  assert.deepEqual(mine.all('cStat'), ['562']);
  assert.match(mine.all('xMotivo')[0] ?? '', new RegExp(`\\[chNFe:${stored.chave}\\]$`));
  const credential = issueClientPem(stage.ca, { cnpj: sampleCnpj(7), razaoSocial: 'Outra' });
  const foreign = await consult(otherCnf.chave, { credential });
  assert.deepEqual(foreign.all('cStat'), ['562']);
  assert.doesNotMatch(foreign.all('xMotivo')[0] ?? '', /chNFe/);
  const month = systemClock.now();
  month.setUTCDate(15);
  month.setUTCMonth(month.getUTCMonth() - 1);
  assert.deepEqual((await consult(note({ numero: 5, dhEmi: month }).chave)).all('cStat'), ['561']);
  assert.deepEqual((await consult(note({ numero: 5, tpEmis: '5' }).chave)).all('cStat'), ['613']);
});

test('authorisations, protocol numbers and calls survive a restart, even with a torn last line', async () => {
  const before = note({ numero: 6 });
  const [nProt = ''] = (await authorize(before.xml)).all('nProt');
  await stage.restart(() => appendFileSync(join(stage.dir, 'state', 'state.jsonl'), '{"ambiente":"2","cha'));
  assert.deepEqual((await authorize(before.xml)).all('cStat'), ['104', '204']);
  assert.deepEqual((await stage.call('NFeConsultaProtocolo4', consSitNFe(before.chave))).all('nProt'), [nProt]);
  const [after = ''] = (await authorize(note({ numero: 7 }).xml)).all('nProt');
  assert.equal(BigInt(after), BigInt(nProt) + 1n);
  const calls = await stage.calls('numero=6');
  assert.deepEqual(
    calls.map((call) => [call.service, call.cStat]),
    [
      ['NFeAutorizacao4', '100'],
      ['NFeAutorizacao4', '204'],
      ['NFeConsultaProtocolo4', '100'],
    ],
  );
});

test('a shifted clock moves the authorisation, the window of dates and the certificates', async () => {
  const DAY = 24 * 3_600_000;
  await stage.shiftClock(40 * DAY);
  const old = note({ numero: 8 });
  assert.deepEqual((await authorize(old.xml)).all('cStat'), ['104', '228']);
  const now = note({ numero: 8, dhEmi: new Date(systemClock.now().getTime() + 40 * DAY) });
  assert.deepEqual((await authorize(now.xml)).all('cStat'), ['104', '100']);
  await stage.shiftClock(40 * 365 * DAY);
  assert.deepEqual((await authorize(now.xml)).all('cStat'), ['281']);
  await stage.shiftClock(0);
});
