import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { systemClock } from '@malote/runtime/clock';
import { createCa, issueClientPem } from '@malote/testkit/certificates';
import { sampleCnpj, sampleCpf } from '@malote/testkit/sample-cnpj';
import { consSitNFe, consStatServ, enviNFe, type SignedOptions, signedNfe } from './signed-nfe.ts';
import { assertValid, CNPJ, type Stage, startStage } from './stage.ts';

let stage: Stage;
let next = 1;
before(async () => {
  stage = await startStage();
});
after(() => stage.close());

const HOUR = 3_600_000;
const ago = (ms: number) => new Date(systemClock.now().getTime() - ms);
const note = (options: Partial<SignedOptions> = {}) =>
  signedNfe({ ...(options.cpf === undefined ? { cnpj: CNPJ } : {}), numero: next++, signer: stage.company, ...options });
const contingencia = { dhCont: '2026-01-01T10:00:00-03:00', xJust: 'Falha na conexao com a SEFAZ' };

interface Row {
  what: string;
  cStat: string;
  note: () => Partial<SignedOptions>;
  autorizador?: string;
  ambiente?: string;
}

const replace = (from: string | RegExp, to: string) => (xml: string) => xml.replace(from, to);

const OF_THE_NOTE: Row[] = [
  { what: 'content changed after signing', cStat: '297', note: () => ({ tamper: replace('<natOp>Venda', '<natOp>Vendo') }) },
  { what: 'a changed signature value', cStat: '297', note: () => ({ tamper: replace(/<SignatureValue>..../, '<SignatureValue>AAAA') }) },
  { what: 'a Reference to another Id', cStat: '298', note: () => ({ tamper: replace('URI="#NFe', 'URI="#NFX') }) },
  { what: 'a certificate that is none', cStat: '290', note: () => ({ tamper: replace(/<X509Certificate>..../, '<X509Certificate>AAAA') }) },
  { what: 'a certificate of another company', cStat: '213', note: () => ({ cnpj: sampleCnpj(2) }) },
  {
    what: 'a certificate without CNPJ and CPF',
    cStat: '292',
    note: () => ({ signer: issueClientPem(stage.ca, { cnpj: CNPJ, razaoSocial: 'X', withoutDocumento: true }) }),
  },
  {
    what: 'a signing certificate that has run out',
    cStat: '291',
    note: () => ({ signer: issueClientPem(stage.ca, { cnpj: CNPJ, razaoSocial: 'X', notAfter: ago(HOUR) }) }),
  },
  {
    what: 'a signing certificate of an unknown authority',
    cStat: '293',
    note: () => ({ signer: issueClientPem(createCa(), { cnpj: CNPJ, razaoSocial: 'X' }) }),
  },
  { what: 'tpAmb of the other environment', cStat: '252', ambiente: '1', note: () => ({}) },
  { what: 'a state that the authoriser does not serve', cStat: '226', autorizador: 'RS', note: () => ({}) },
  { what: 'an emitter without IE away from SVRS', cStat: '166', note: () => ({ ie: null }) },
  { what: 'tpEmis 6 at a normal authoriser', cStat: '570', note: () => ({ tpEmis: '6', contingencia }) },
  { what: 'tpEmis 1 at an SVC', cStat: '713', autorizador: 'SVC-AN', note: () => ({}) },
  { what: 'tpEmis 7 at SVC-AN', cStat: '584', autorizador: 'SVC-AN', note: () => ({ tpEmis: '7', contingencia }) },
  { what: 'a state that the SVC does not serve', cStat: '582', autorizador: 'SVC-RS', note: () => ({ tpEmis: '7', contingencia }) },
  { what: 'tpEmis 9 without tpImp 6', cStat: '711', note: () => ({ tpEmis: '9', contingencia }) },
  { what: 'a justification in normal emission', cStat: '556', note: () => ({ contingencia }) },
  { what: 'no justification in contingency', cStat: '557', autorizador: 'SVC-AN', note: () => ({ tpEmis: '6' }) },
  { what: 'a wrong check digit in the key', cStat: '236', note: () => ({ cDV: 'wrong' }) },
  {
    what: 'cDV unlike the key',
    cStat: '253',
    note: () => ({ edit: (xml) => xml.replace(/<cDV>(\d)/, (_, d) => `<cDV>${(Number(d) + 1) % 10}`) }),
  },
  { what: 'an Id unlike the fields', cStat: '502', note: () => ({ edit: replace(/<nNF>\d+/, '<nNF>999999') }) },
  { what: 'a weak cNF', cStat: '897', note: () => ({ cNF: '12345678' }) },
  { what: 'a date more than five minutes ahead', cStat: '703', note: () => ({ dhEmi: ago(-6 * 60_000) }) },
  { what: 'a date more than 30 days back', cStat: '228', note: () => ({ dhEmi: ago(31 * 24 * HOUR) }) },
  { what: 'an on-the-spot note (tpImp 6) of an hour ago', cStat: '704', note: () => ({ tpImp: '6', dhEmi: ago(HOUR) }) },
  { what: 'a recipient without the sentence of homologação', cStat: '598', note: () => ({ dest: { xNome: 'Cliente Real Ltda' } }) },
];

for (const row of OF_THE_NOTE) {
  test(`${row.what} is rejected with ${row.cStat} in the protocol`, async () => {
    const options = row.note();
    // Every digit but the right one: found by trying, since the right one depends on the number.
    const made = options.cDV === 'wrong' ? wrongDigit() : note(options);
    const { autorizador = 'SP', ambiente = '2' } = row;
    const reply = await stage.call('NFeAutorizacao4', enviNFe(made.xml), { autorizador, ambiente });
    assert.deepEqual(reply.all('cStat'), ['104', row.cStat], reply.body);
    assert.deepEqual(reply.all('nProt'), []);
    assertValid(stage, reply);
    const [known] = await stage.admin<unknown[]>('GET', `/documents?chave=${made.chave}`);
    assert.equal(known, undefined);
  });
}

function wrongDigit() {
  const numero = next++;
  const right = note({ numero }).chave.at(-1);
  return note({ numero, cDV: String((Number(right) + 1) % 10) });
}

test('a CPF producer, a letter CNPJ and a note without IE at SVRS are accepted', async () => {
  const cpf = sampleCpf(1);
  const producer = issueClientPem(stage.ca, { cpf, razaoSocial: 'Produtor' });
  const first = await stage.call('NFeAutorizacao4', enviNFe(note({ cpf, serie: 920, signer: producer }).xml));
  assert.deepEqual(first.all('cStat'), ['104', '100'], first.body);
  const cnpj = '12ABC34501DE35';
  const letters = issueClientPem(stage.ca, { cnpj, razaoSocial: 'Letras', otherNameType: 'printable' });
  const made = note({ cnpj, signer: letters });
  const second = await stage.call('NFeAutorizacao4', enviNFe(made.xml), { credential: letters });
  assert.deepEqual(second.all('cStat'), ['104', '100'], second.body);
  assert.deepEqual((await stage.call('NFeConsultaProtocolo4', consSitNFe(made.chave))).all('cStat'), ['100', '100']);
  const noIe = await stage.call('NFeAutorizacao4', enviNFe(note({ ie: null }).xml), { autorizador: 'SVRS' });
  assert.deepEqual(noIe.all('cStat'), ['104', '100'], noIe.body);
});

const OF_THE_MESSAGE: { what: string; cStat: string; payload: () => string; service?: string }[] = [
  { what: 'indSinc 0 with one note', cStat: '452', payload: () => enviNFe(note().xml, '0') },
  { what: 'indSinc 1 with two notes', cStat: '764', payload: () => enviNFe([note().xml, note().xml]) },
  {
    what: 'a note that its schema refuses',
    cStat: '225',
    payload: () => enviNFe(note({ edit: replace('<modFrete>9', '<modFrete>8') }).xml),
  },
  { what: 'a lot that its schema refuses', cStat: '215', payload: () => enviNFe(note().xml).replace('<idLote>1', '<idLote>x') },
  { what: 'an ill-formed message', cStat: '243', payload: () => enviNFe(note().xml).replace('</idLote>', '') },
  { what: 'white space between tags', cStat: '588', payload: () => enviNFe(note().xml).replace('<idLote>', '\n<idLote>') },
  { what: 'another root element', cStat: '516', payload: () => consSitNFe('0'.repeat(44)) },
  { what: 'no versao', cStat: '517', payload: () => enviNFe(note().xml).replace(' versao="4.00"', '') },
  { what: 'another version', cStat: '239', payload: () => enviNFe(note().xml).replace('versao="4.00"', 'versao="3.10"') },
  { what: 'a prefix', cStat: '404', payload: () => enviNFe('').replaceAll('enviNFe', 'n:enviNFe').replace('xmlns=', 'xmlns:n=') },
  { what: 'another namespace', cStat: '587', payload: () => enviNFe(note().xml.replace('portalfiscal.inf.br', 'oobj.com.br')) },
  {
    what: 'a message of more than 512 kB',
    cStat: '214',
    payload: () => enviNFe(note().xml).replace('</enviNFe>', `${' '.repeat(530_000)}</enviNFe>`),
  },
  { what: 'a key too short to be one', cStat: '215', service: 'NFeConsultaProtocolo4', payload: () => consSitNFe('123') },
  {
    what: 'a status request without cUF',
    cStat: '215',
    service: 'NFeStatusServico4',
    payload: () => consStatServ('').replace('<cUF></cUF>', ''),
  },
];

for (const row of OF_THE_MESSAGE) {
  test(`${row.what} is refused as a whole with ${row.cStat}`, async () => {
    const reply = await stage.call(row.service ?? 'NFeAutorizacao4', row.payload());
    assert.equal(reply.status, 200, reply.body);
    assert.deepEqual(reply.all('cStat'), [row.cStat], reply.body);
    assertValid(stage, reply);
  });
}

test('a schema fault names the element', async () => {
  const reply = await stage.call('NFeAutorizacao4', enviNFe(note({ edit: replace('<modFrete>9', '<modFrete>8') }).xml));
  assert.match(reply.all('xMotivo')[0] ?? '', /^Rejeição: Falha no Schema XML do lote de NFe \[Elemento: .*modFrete/);
});

test('a consult tells 252, 226, 236 and 217', async () => {
  const { chave } = note();
  const consult = async (key: string, options = {}) => (await stage.call('NFeConsultaProtocolo4', consSitNFe(key), options)).all('cStat');
  assert.deepEqual(await consult(chave, { ambiente: '1' }), ['252']);
  assert.deepEqual(await consult(chave, { autorizador: 'RS' }), ['226']);
  assert.deepEqual(await consult(chave.slice(0, 43) + ((Number(chave[43]) + 1) % 10)), ['236']);
  assert.deepEqual(await consult(chave), ['217']);
});
