import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { systemClock } from '@malote/runtime/clock';
import { issueClientPem } from '@malote/testkit/certificates';
import { sampleCnpj } from '@malote/testkit/sample-cnpj';
import { checkDigit } from '../chave.ts';
import { type Authorised, eventScene } from './event-scene.ts';
import { cancelamento, type EventOptions, envEvento } from './signed-evento.ts';
import { assertValid, CNPJ, type Stage, startStage } from './stage.ts';

let stage: Stage;
let note: Authorised;
before(async () => {
  stage = await startStage();
  note = await authorised();
});
after(() => stage.close());
const { authorised, event, cancel, send, toAn, toSvrs, eventCode } = eventScene(() => stage);

const HOUR = 3_600_000;
const at = (ms: number) => new Date(systemClock.now().getTime() + ms);
/** The note's key with other characters at a position, and a right check digit. */
const keyWith = (position: number, text: string) => {
  const base = (note.chave.slice(0, position) + text + note.chave.slice(position + text.length)).slice(0, 43);
  return base + checkDigit(base);
};

const CASES: [string, string, () => Partial<EventOptions>][] = [
  ['the other environment', '252', () => ({ tpAmb: '1' })],
  ['an unknown kind', '491', () => ({ tpEvento: '110199', descEvento: 'Desconhecido' })],
  ['a kind that only an authority registers', '576', () => ({ tpEvento: '990900', cOrgao: '91' })],
  ['another version of the event', '492', () => ({ edit: (xml) => xml.replace('<verEvento>1.00', '<verEvento>2.00') })],
  ['an Id of another event', '572', () => ({ id: `ID110110${note.chave}01` })],
  ['an Id with a sequence of one digit less', '572', () => ({ id: `ID110111${note.chave}10` })],
  ['a second sequence of a cancellation', '594', () => ({ nSeqEvento: 2 })],
  ['the órgão of another state', '657', () => ({ cOrgao: '43' })],
  ['a CNPJ with wrong digits', '489', () => ({ autor: `${CNPJ.slice(0, 12)}00` })],
  ['a CPF with wrong digits', '490', () => ({ autor: '12345678900' })],
  ['a key with a wrong check digit', '236', () => ({ chave: note.chave.slice(0, 43) + ((Number(note.chave[43]) + 1) % 10) })],
  ['a key of no state', '614', () => ({ chave: keyWith(0, '99'), cOrgao: '35' })],
  ['a key of the future', '615', () => ({ chave: keyWith(2, '99') })],
  ['a key of the thirteenth month', '616', () => ({ chave: keyWith(4, '13') })],
  ['a key of another model', '618', () => ({ chave: keyWith(20, '57') })],
  ['a key of an NFC-e', '450', () => ({ chave: keyWith(20, '65') })],
  ['a key without a number', '619', () => ({ chave: keyWith(25, '000000000') })],
  ['a justification that is too short', '493', () => ({ det: cancelamento(note.nProt, 'Curta') })],
  ['a description of another event', '493', () => ({ descEvento: 'Cancelamento por substituicao' })],
  ['a protocol that is not the one of the note', '222', () => ({ det: cancelamento('135260000000999') })],
  ['an event before the emission', '577', () => ({ dhEvento: at(-2 * HOUR) })],
  ['an event in the future', '578', () => ({ dhEvento: at(HOUR) })],
  ['something changed after the signature', '297', () => ({ tamper: (xml) => xml.replace('Erro na', 'Engano na') })],
  ['no signature that covers the event', '298', () => ({ tamper: (xml) => xml.replace(/URI="#ID/, 'URI="#IX') })],
];

for (const [what, cStat, options] of CASES) {
  test(`${what} is ${cStat}, without a protocol, and registers nothing`, async () => {
    const reply = await send(cancel(note, options()));
    assert.deepEqual(reply.all('cStat'), ['128', cStat], reply.body);
    assert.deepEqual(reply.all('nProt'), []);
    assertValid(stage, reply);
    assert.deepEqual(await stage.admin('GET', `/events?chave=${note.chave}`), []);
  });
}

test('an event before the authorisation is 579, unless the note was issued in contingency', async () => {
  const early = { dhEmi: at(-2 * HOUR) };
  const normal = await authorised(early);
  assert.equal(await eventCode(send(cancel(normal, { dhEvento: at(-HOUR) }))), '579');
  const contingencia = { dhCont: '2026-01-01T10:00:00-03:00', xJust: 'Falha na conexao com a SEFAZ' };
  const fsda = await authorised({ ...early, tpEmis: '5', contingencia });
  assert.equal(await eventCode(send(cancel(fsda, { dhEvento: at(-HOUR) }))), '135');
});

test('an author who is not the emitter is 574, and a signature of another company 213 or, of a recipient, 631', async () => {
  const other = sampleCnpj(7);
  const signer = issueClientPem(stage.ca, { cnpj: other, razaoSocial: 'Outra' });
  assert.equal(await eventCode(send(cancel(note, { autor: other, signer }))), '574');
  assert.equal(await eventCode(send(cancel(note, { signer }))), '213');
  const { chave } = await authorised({ dest: { cnpj: other } });
  assert.equal(await eventCode(toAn(chave, '210210', { autor: other })), '631');
  assert.equal(await eventCode(toAn(chave, '210210', { autor: other, signer })), '135');
});

test('a key that ends in another way than the stored one is unknown', async () => {
  assert.equal(await eventCode(send(event(keyWith(35, '77300129'), '110111', { det: cancelamento(note.nProt) }))), '494');
});

test('a lot that breaks the schema, the version or the root is refused as a whole', async () => {
  const whole = async (xml: string) => (await stage.call('NFeRecepcaoEvento4', xml)).all('cStat');
  const lote = envEvento(cancel(note));
  assert.deepEqual(await whole(lote.replace('<idLote>1', '<idLote>x')), ['215']);
  assert.deepEqual(await whole(lote.replace('versao="1.00"', 'versao="4.00"')), ['239']);
  assert.deepEqual(await whole(lote.replaceAll('envEvento', 'enviEvento')), ['516']);
  assert.deepEqual(await whole(lote.replace('</idLote>', '</idLote>\n')), ['588']);
});

test('an event of a note without IE is taken by SVRS only, whatever the state', async () => {
  const semIe = await authorised({ ie: null }, { autorizador: 'SVRS' });
  assert.equal(await eventCode(send(cancel(semIe))), '188');
  assert.equal(await eventCode(send(cancel(semIe), { autorizador: 'SVRS' })), '135');
});

test('delivery, failed delivery and the interested party are registered and taken back, in answers of their own schemas', async () => {
  const { chave, nProt } = await authorised();
  const own = '<cOrgaoAutor>35</cOrgaoAutor>';
  const hash = 'noauBnfaoS02PYxVm8ufox7OKww=';
  const when = '2026-01-02T10:00:00-03:00';
  const steps = [
    [
      '110130',
      `<tpAutor>1</tpAutor><verAplic>1.0</verAplic><dhEntrega>${when}</dhEntrega><nDoc>12345</nDoc><xNome>Maria</xNome><hashComprovante>${hash}</hashComprovante>`,
      toAn,
    ],
    [
      '110192',
      `<verAplic>1.0</verAplic><dhTentativaEntrega>${when}</dhTentativaEntrega><tpMotivo>1</tpMotivo><hashTentativaEntrega>${hash}</hashTentativaEntrega>`,
      toSvrs,
    ],
    ['110150', `<tpAutor>1</tpAutor><verAplic>1.0</verAplic><autXML><CNPJ>${sampleCnpj(7)}</CNPJ></autXML>`, toAn],
  ] as const;
  const given: string[] = [];
  for (const [tpEvento, det, post] of steps) {
    const reply = await post(chave, tpEvento, { det: own + det });
    assert.deepEqual(reply.all('cStat'), ['128', '135'], reply.body);
    assertValid(stage, reply, tpEvento);
    given.push(reply.all('nProt')[0] ?? '');
  }
  assert.equal(await eventCode(send(cancel({ chave, nProt }))), '826');
  const back = (tpAutor: string, nProtEvento = '') => `${own}${tpAutor}<verAplic>1.0</verAplic><nProtEvento>${nProtEvento}</nProtEvento>`;
  const delivery = await toAn(chave, '110131', { det: back('<tpAutor>1</tpAutor>', given[0]) });
  assert.deepEqual(delivery.all('cStat'), ['128', '135'], delivery.body);
  assertValid(stage, delivery, '110131');
  const failed = await toSvrs(chave, '110193', { det: back('', given[1]) });
  assert.deepEqual(failed.all('cStat'), ['128', '135'], failed.body);
  assertValid(stage, failed, '110193');
  assert.equal(await eventCode(send(cancel({ chave, nProt }))), '135');
});
