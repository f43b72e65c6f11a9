import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { issueClientPem } from '@malote/testkit/certificates';
import { sampleCnpj } from '@malote/testkit/sample-cnpj';
import { eventScene } from './event-scene.ts';
import { envEvento, JUSTIFICATIVA } from './signed-evento.ts';
import { enviNFe, signedNfe } from './signed-nfe.ts';
import { assertValid, CNPJ, type Stage, startStage } from './stage.ts';

let stage: Stage;
before(async () => {
  stage = await startStage();
});
after(() => stage.close());
const { authorised, authorisedNfce, event, cancel, send, toAn, toSvrs, consult, eventCode, nextNumber } = eventScene(() => stage);

const COND_USO =
  'A Carta de Correcao e disciplinada pelo paragrafo 1o-A do art. 7o do Convenio S/N, de 15 de dezembro de 1970 e pode ser utilizada para ' +
  'regularizacao de erro ocorrido na emissao de documento fiscal, desde que o erro nao esteja relacionado com: I - as variaveis que determinam ' +
  'o valor do imposto tais como: base de calculo, aliquota, diferenca de preco, quantidade, valor da operacao ou da prestacao; II - a correcao ' +
  'de dados cadastrais que implique mudanca do remetente ou do destinatario; III - a data de emissao ou de saida.';
const correction = { det: `<xCorrecao>O volume e de 12 caixas</xCorrecao><xCondUso>${COND_USO}</xCondUso>` };

test('a cancellation is registered with a protocol, and the consult tells it with the event as it was signed', async () => {
  const note = await authorised();
  const evento = cancel(note);
  const reply = await send(evento);
  assert.deepEqual(reply.all('cStat'), ['128', '135'], reply.body);
  assert.match(reply.all('nProt')[0] ?? '', /^135\d\d\d{10}$/);
  assert.notEqual(reply.all('nProt')[0], note.nProt);
  assert.deepEqual(reply.all('xEvento'), ['Cancelamento']);
  assert.deepEqual(reply.all('CNPJDest'), [note.dest]);
  assertValid(stage, reply, '110111');

  const consulted = await consult(note.chave);
  assert.deepEqual(consulted.all('cStat'), ['101', '100', '135']);
  assert.ok(consulted.retorno.includes(evento), consulted.retorno);
  assert.equal(consulted.all('nProt').at(-1), reply.all('nProt')[0]);
  assertValid(stage, consulted);

  const again = await stage.call('NFeAutorizacao4', enviNFe(note.xml));
  assert.deepEqual(again.all('cStat'), ['104', '218']);
});

test('the same event again is 573 with the protocol of the stored one, before and after a restart', async () => {
  const note = await authorised();
  const evento = cancel(note);
  const [nProt = ''] = (await send(evento)).all('nProt');
  for (const restart of [false, true]) {
    if (restart) await stage.restart();
    const again = await send(evento);
    assert.deepEqual(again.all('cStat'), ['128', '573']);
    assert.equal(again.all('xMotivo')[1], `Rejeição: Duplicidade de Evento [nProt:${nProt}]`);
    assertValid(stage, again, '110111');
    const consulted = await consult(note.chave);
    assert.deepEqual(consulted.all('cStat'), ['101', '100', '135']);
    assert.equal(consulted.all('nProt').at(-1), nProt);
  }
});

test('of one cancellation sent many times at once one is registered', async () => {
  const evento = cancel(await authorised());
  const codes = await Promise.all(Array.from({ length: 6 }, () => eventCode(send(evento))));
  assert.deepEqual(codes.sort(), ['135', ...Array<string>(5).fill('573')]);
});

test('an event needs a note that is known and authorised', async () => {
  const { chave } = signedNfe({ cnpj: CNPJ, numero: nextNumber(), signer: stage.company });
  const unknown = await send(cancel({ chave, nProt: '135260000000001' }));
  assert.deepEqual(unknown.all('cStat'), ['128', '494']);
  assertValid(stage, unknown, '110111');
  const denied = signedNfe({ cnpj: CNPJ, numero: nextNumber(), signer: stage.company }).chave;
  await stage.admin('POST', '/documents', { chave: denied, cStat: '110' });
  assert.equal(await eventCode(send(cancel({ chave: denied, nProt: '135260000000001' }))), '580');
  const cancelled = await authorised();
  await send(cancel(cancelled));
  assert.equal(await eventCode(send(event(cancelled.chave, '110110', correction))), '580');
});

test('corrections are numbered 1 to 20, a consult gives all of them in order, and an NFC-e has none', async () => {
  const { chave } = await authorised();
  for (const nSeqEvento of [1, 2, 20]) {
    const reply = await send(event(chave, '110110', { ...correction, nSeqEvento }));
    assert.deepEqual(reply.all('cStat'), ['128', '135'], reply.body);
    assertValid(stage, reply, '110110');
  }
  assert.equal(await eventCode(send(event(chave, '110110', { ...correction, nSeqEvento: 2 }))), '573');
  assert.equal(await eventCode(send(event(chave, '110110', { ...correction, nSeqEvento: 21 }))), '594');
  const consulted = await consult(chave);
  assert.deepEqual(consulted.all('cStat'), ['100', '100', '135', '135', '135']);
  assert.deepEqual(
    consulted.all('nSeqEvento').filter((_, i) => i % 2 === 0),
    ['1', '2', '20'],
  );
  assertValid(stage, consulted);
  const nfce = await authorisedNfce();
  assert.equal(await eventCode(send(event(nfce.chave, '110110', correction), { modelo: '65' })), '784');
});

test('a manifestação goes to AN with cOrgao 91, from the recipient, and a confirmation blocks the cancellation', async () => {
  const recipient = sampleCnpj(40);
  const signer = issueClientPem(stage.ca, { cnpj: recipient, razaoSocial: 'Destinataria' });
  const note = await authorised({ dest: { cnpj: recipient } });
  const own = { signer, autor: recipient };
  assert.equal(await eventCode(toAn(note.chave, '210210')), '575');
  const ciencia = await toAn(note.chave, '210210', own);
  assert.deepEqual(ciencia.all('cStat'), ['128', '135'], ciencia.body);
  assert.match(ciencia.all('nProt')[0] ?? '', /^891\d\d\d{10}$/);
  assertValid(stage, ciencia, '210210');
  const denied = { ...own, det: `<xJust>${JUSTIFICATIVA}</xJust>` };
  assert.equal(await eventCode(toAn(note.chave, '210240', denied)), '135');
  assert.equal(await eventCode(toAn(note.chave, '210240', own)), '493');
  assert.equal(await eventCode(toAn(note.chave, '210200', own)), '135');
  assert.equal(await eventCode(toAn(note.chave, '210200', { ...own, nSeqEvento: 3 })), '594');
  assert.equal(await eventCode(send(cancel(note))), '221');
  const other = await authorised({ dest: { cnpj: recipient } });
  assert.equal(await eventCode(toAn(other.chave, '210220', own)), '135');
  assert.equal(await eventCode(toAn(other.chave, '210210', own)), '655');
  assert.equal(await eventCode(send(cancel(other))), '135');
  assert.deepEqual((await consult(other.chave)).all('tpEvento'), ['210220', '210220', '110111', '110111']);
});

test('an event that AN or SVRS registers is refused by the state, and the other way round', async () => {
  const { chave, nProt } = await authorised();
  assert.equal(await eventCode(send(event(chave, '210210', { cOrgao: '91' }))), '657');
  assert.equal(await eventCode(toAn(chave, '210210', { cOrgao: '35' })), '657');
  assert.equal(await eventCode(send(cancel({ chave, nProt }, { cOrgao: '91' }), { autorizador: 'AN' })), '657');
  assert.equal(await eventCode(send(cancel({ chave, nProt }), { autorizador: 'SVRS' })), '249');
  assert.equal(await eventCode(send(cancel({ chave, nProt }), { autorizador: 'RS' })), '249');
  assert.equal((await stage.call('NFeAutorizacao4', '', { autorizador: 'AN' })).status, 404);
});

test('SVRS registers events of every state with cOrgao 92, one without a schema of its own too, and 110001 takes one back', async () => {
  const { chave } = await authorised();
  const own = { descEvento: 'Atualização da Data de Previsão de Entrega', det: '<cOrgaoAutor>35</cOrgaoAutor>' };
  const reply = await toSvrs(chave, '112150', own);
  assert.deepEqual(reply.all('cStat'), ['128', '135'], reply.body);
  assert.match(reply.all('nProt')[0] ?? '', /^392/);
  assertValid(stage, reply, '112150');
  const takeBack = (nProtEvento: string, tpEventoAut = '112150') =>
    eventCode(toSvrs(chave, '110001', { det: `<tpEventoAut>${tpEventoAut}</tpEventoAut><nProtEvento>${nProtEvento}</nProtEvento>` }));
  const [nProt = ''] = reply.all('nProt');
  assert.equal(await takeBack('392260000009999'), '460');
  assert.equal(await takeBack(nProt, '112140'), '636');
  assert.equal(await takeBack(nProt), '135');
});

test('an SVC cancels what it authorised, and nothing else', async () => {
  const contingencia = { dhCont: '2026-01-01T10:00:00-03:00', xJust: 'Falha na conexao com a SEFAZ' };
  const svc = await authorised({ tpEmis: '6', contingencia }, { autorizador: 'SVC-AN' });
  const normal = await authorised();
  assert.equal(await eventCode(send(cancel(normal), { autorizador: 'SVC-AN' })), '494');
  assert.equal(await eventCode(send(event(svc.chave, '110110', correction), { autorizador: 'SVC-AN' })), '586');
  const reply = await send(cancel(svc), { autorizador: 'SVC-AN' });
  assert.deepEqual(reply.all('cStat'), ['128', '135']);
  assert.match(reply.all('nProt')[0] ?? '', /^235/);
  assert.deepEqual((await consult(svc.chave, { autorizador: 'SVC-AN' })).all('cStat'), ['101', '100', '135']);
});

test('a lot of several events is answered event by event', async () => {
  const [first, second] = [await authorised(), await authorised()];
  const reply = await stage.call('NFeRecepcaoEvento4', envEvento(cancel(first), cancel(second, { nSeqEvento: 2 }), cancel(second)));
  assert.deepEqual(reply.all('cStat'), ['128', '135', '594', '135'], reply.body);
  assertValid(stage, reply);
});
