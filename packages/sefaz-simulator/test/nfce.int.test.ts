import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { systemClock } from '@malote/runtime/clock';
import { issueClientPem } from '@malote/testkit/certificates';
import { sampleCpf } from '@malote/testkit/sample-cnpj';
import { BASE_SP, type NfceOptions, type QrFacts, signedNfce, v2, v2Offline, v3, v3Offline, v3OfflineTo } from './signed-nfce.ts';
import { enviNFe } from './signed-nfe.ts';
import { assertValid, CNPJ, type Stage, startStage } from './stage.ts';

const CSC = '0123456789ABCDEF0123456789ABCDEF';
let stage: Stage;
let next = 1;
before(async () => {
  stage = await startStage();
});
after(() => stage.close());
beforeEach(async () => {
  await stage.admin('DELETE', '/csc');
  await stage.admin('POST', '/csc', { cnpj: CNPJ, uf: 'SP', id: '000001', csc: CSC });
});

const nfce = (options: Partial<NfceOptions> = {}) =>
  signedNfce({ ...(options.cpf === undefined ? { cnpj: CNPJ } : {}), numero: next++, signer: stage.company, ...options });
const send = async (options: Partial<NfceOptions> = {}) => {
  const reply = await stage.call('NFeAutorizacao4', enviNFe(nfce(options).xml), { modelo: options.modelo ?? '65' });
  assertValid(stage, reply);
  return reply;
};
const minutesAgo = (minutes: number) => new Date(systemClock.now().getTime() - minutes * 60_000);

test('an NFC-e is authorised at its own path only, and answered 704 after ten minutes', async () => {
  assert.deepEqual((await send()).all('cStat'), ['104', '100']);
  assert.deepEqual((await send({ dhEmi: minutesAgo(11) })).all('cStat'), ['104', '704']);
  const misled = await stage.call('NFeAutorizacao4', enviNFe(nfce().xml), { modelo: '55' });
  assert.deepEqual(misled.all('cStat'), ['104', '450']);
});

for (const [what, options] of [
  ['version 2', () => ({ qr: v2('1', CSC) })],
  [
    'version 2 with the hash in lower case',
    () => ({ qr: (f: QrFacts) => v2('1', CSC)(f).replace(/[0-9A-F]{40}$/, (h) => h.toLowerCase()) }),
  ],
  ['version 2 offline', () => ({ tpEmis: '9', qr: v2Offline('1', CSC) })],
  ['version 3 offline', () => ({ tpEmis: '9', qr: v3Offline })],
  ['version 3 offline, of an hour ago', () => ({ tpEmis: '9', qr: v3Offline, dhEmi: minutesAgo(60) })],
  ['version 3 offline with a recipient', () => ({ tpEmis: '9', identified: true, qr: v3OfflineTo('2|10000000108') })],
  ['an address in upper case', () => ({ qr: (f: QrFacts) => v3(f).replace(BASE_SP, BASE_SP.toUpperCase()) })],
  [
    'the other address of SP',
    () => ({ qr: (f: QrFacts) => v3(f).replace(BASE_SP, 'https://www.homologacao.nfce.fazenda.sp.gov.br/qrcode') }),
  ],
] as [string, () => Partial<NfceOptions>][]) {
  test(`a QR code of ${what} is accepted`, async () => {
    const reply = await send(options());
    assert.deepEqual(reply.all('cStat'), ['104', '100'], reply.body);
  });
}

const edited = (make: (facts: QrFacts) => string, from: string | RegExp, to: string) => (facts: QrFacts) => make(facts).replace(from, to);
const REFUSED: [string, string, () => Partial<NfceOptions>, RegExp?][] = [
  ['no infNFeSupl', '394', () => ({ qr: null })],
  ['the address of another state', '395', () => ({ qr: edited(v3, BASE_SP, 'https://www.sefaz.rs.gov.br/NFCE/NFCE-COM.aspx') })],
  ['the address of production', '395', () => ({ qr: edited(v3, 'homologacao.', '') })],
  ['http for https', '395', () => ({ qr: edited(v3, 'https:', 'http:') })],
  ['a hash of another CSC', '464', () => ({ qr: v2('1', 'another') })],
  ['an offline hash of another CSC', '464', () => ({ tpEmis: '9', qr: v2Offline('1', 'another') })],
  ['a CSC id that is not registered', '462', () => ({ qr: v2('2', CSC) })],
  ['the key of another note', '397', () => ({ qr: edited(v3, '48019273', '48019274') }), /chNFe/],
  ['another tpAmb', '397', () => ({ qr: edited(v3, '|3|2', '|3|1') }), /tpAmb/],
  ['another day', '397', () => ({ tpEmis: '9', qr: edited(v3Offline, /\|3\|2\|\d\d/, `|3|2|${otherDay()}`) }), /dhEmi/],
  ['another vNF', '397', () => ({ tpEmis: '9', qr: edited(v3Offline, /\|\d+\.\d\d\|/, '|0.01|') }), /vNF/],
  [
    'another digVal',
    '397',
    () => ({ tpEmis: '9', qr: (f) => v2Offline('1', CSC)({ ...f, digest: Buffer.alloc(20).toString('base64') }) }),
    /digVal/,
  ],
  ['a recipient that the note has not', '397', () => ({ tpEmis: '9', qr: v3OfflineTo('2|10000000108') }), /idDest/],
  [
    'a signature of other parameters',
    '583',
    () => ({ tpEmis: '9', qr: (f) => v3Offline(f).replace(/[^|]+$/, () => v3OfflineTo('1|').call(0, f).split('|').at(-1) ?? '') }),
  ],
];
const otherDay = () => (systemClock.now().getUTCDate() < 15 ? '28' : '02');

for (const [what, cStat, options, detail] of REFUSED) {
  test(`a QR code with ${what} is ${cStat}`, async () => {
    const reply = await send(options());
    assert.deepEqual(reply.all('cStat'), ['104', cStat], reply.body);
    if (detail) assert.match(reply.all('xMotivo')[1] ?? '', detail);
  });
}

test('a company without a CSC is 796, one that took it back 463, and other companies do not have it', async () => {
  await stage.admin('DELETE', '/csc');
  assert.deepEqual((await send({ qr: v2('1', CSC) })).all('cStat'), ['104', '796']);
  await stage.admin('POST', '/csc', { cnpj: '12345678', id: '1', csc: CSC });
  assert.deepEqual((await send({ qr: v2('1', CSC) })).all('cStat'), ['104', '796']);
  await stage.admin('POST', '/csc', { cnpj: CNPJ.slice(0, 8), id: '1', csc: CSC, revoked: true });
  assert.deepEqual((await send({ qr: v2('1', CSC) })).all('cStat'), ['104', '463']);
  await stage.admin('POST', '/csc', { id: '1', csc: 'of-everybody' });
  await stage.admin('POST', '/csc', { cnpj: CNPJ, id: '1', csc: CSC });
  assert.deepEqual((await send({ qr: v2('1', CSC) })).all('cStat'), ['104', '100']);
});

test('a CPF needs version 3', async () => {
  const cpf = sampleCpf(1);
  const signer = issueClientPem(stage.ca, { cpf, razaoSocial: 'Produtor' });
  assert.deepEqual((await send({ cpf, serie: 920, signer, qr: v2('1', CSC) })).all('cStat'), ['104', '444']);
  assert.deepEqual((await send({ cpf, serie: 920, signer })).all('cStat'), ['104', '100']);
});

test('an NF-e with tpImp 6 needs version 3 too, at the address of the NFC-e, and may be offline', async () => {
  const simplified = { modelo: '55', tpImp: '6' } as const;
  assert.deepEqual((await send({ ...simplified, qr: null })).all('cStat'), ['104', '394']);
  assert.deepEqual((await send({ ...simplified, qr: v2('1', CSC) })).all('cStat'), ['104', '672']);
  assert.deepEqual((await send({ ...simplified, qr: edited(v3, 'https:', 'http:') })).all('cStat'), ['104', '395']);
  assert.deepEqual((await send({ ...simplified })).all('cStat'), ['104', '100']);
  const dest = { dest: { cpf: '10000000108' } };
  const offline = await send({ ...simplified, ...dest, tpEmis: '9', qr: v3OfflineTo('2|10000000108') });
  assert.deepEqual(offline.all('cStat'), ['104', '100'], offline.body);
});

test('the same number with another tpEmis is another NFC-e there, and the report counts it as doubled and tells both', async () => {
  const numero = 5_000;
  assert.deepEqual((await send({ numero })).all('cStat'), ['104', '100']);
  assert.deepEqual((await send({ numero, cNF: '77300129' })).all('cStat'), ['104', '539']);
  assert.deepEqual((await send({ numero, tpEmis: '9' })).all('cStat'), ['104', '100']);
  type Report = { doubled: number; numbers: { authorizations: { tpEmis: string; autorizador: string }[] }[] };
  const report = await stage.admin<Report>('GET', `/authorizations?modelo=65&numero=${numero}`);
  assert.equal(report.doubled, 1);
  assert.deepEqual(
    report.numbers[0]?.authorizations.map(({ autorizador, tpEmis }) => [autorizador, tpEmis]),
    [
      ['SP', '1'],
      ['SP', '9'],
    ],
  );
});

test('the address list follows the day: RN changed on 25 May 2026', async () => {
  const from = async (day: string, host: string) => {
    const now = new Date(`${day}T12:00:00Z`);
    await stage.shiftClock(now.getTime() - systemClock.now().getTime());
    const qr = ({ chave, tpAmb }: QrFacts) => `${host}/consultarNFCe.aspx?p=${chave}|3|${tpAmb}`;
    const made = nfce({ uf: 'RN', ie: '200000000', dhEmi: now, qr });
    return (await stage.call('NFeAutorizacao4', enviNFe(made.xml), { autorizador: 'SVRS', modelo: '65' })).all('cStat')[1];
  };
  const [before_, after_] = ['https://hom.nfce.sefaz.rn.gov.br', 'http://hom.nfce.set.rn.gov.br'];
  try {
    assert.equal(await from('2026-05-24', before_), '395');
    assert.equal(await from('2026-05-24', after_), '100');
    assert.equal(await from('2026-05-26', before_), '100');
    assert.equal(await from('2026-05-26', after_), '395');
  } finally {
    await stage.shiftClock(0);
  }
});

test('a CSC that is none is refused with the reason, and the admin API never tells one', async () => {
  assert.match(JSON.stringify(await stage.admin('GET', '/csc')), /"…CDEF"/);
  assert.doesNotMatch(JSON.stringify(await stage.admin('GET', '/csc')), /0123456789/);
  for (const [body, reason] of [
    [{ id: '1' }, /csc must be/],
    [{ id: 'x', csc: 'y' }, /id must be/],
    [{ id: '1', csc: 'y', uf: 'XX' }, /no state/],
    [{ id: '1', csc: 'y', cnpj: '123' }, /cnpj must be/],
    [{ id: '1', csc: 'y', token: 'z' }, /token is not allowed/],
  ] as const) {
    assert.match((await stage.admin<{ error: string }>('POST', '/csc', body)).error, reason);
  }
});
