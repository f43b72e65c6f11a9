import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { readRetorno } from '../retorno/read-retorno.ts';
import { parseXml } from '../xml/parse.ts';
import { buildEnvEvento, buildProcEvento, findEvento, readRetEvento } from './ret-evento.ts';
import { stateAfter } from './state-after.ts';

const NS = 'http://www.portalfiscal.inf.br/nfe';
const CNPJ = '11222333000181';
const CHAVE = '35261111222333000181550010000000071481516238';
const WHO = { chave: CHAVE, tpEvento: '110111', nSeqEvento: 1 };

const inner = (cStat: string, more = '<nProt>135260000000077</nProt>', who = WHO) =>
  `<retEvento versao="1.00"><infEvento><tpAmb>2</tpAmb><verAplic>SIM</verAplic><cOrgao>35</cOrgao><cStat>${cStat}</cStat><xMotivo>Evento registrado</xMotivo>` +
  `<chNFe>${who.chave}</chNFe><tpEvento>${who.tpEvento}</tpEvento><nSeqEvento>${who.nSeqEvento}</nSeqEvento><dhRegEvento>2026-11-21T10:00:01-03:00</dhRegEvento>${more}</infEvento></retEvento>`;
const envelope = (cStat: string, content = '') =>
  `<?xml version="1.0"?><retEnvEvento xmlns="${NS}" versao="1.00"><idLote>1</idLote><tpAmb>2</tpAmb><verAplic>SIM</verAplic><cOrgao>35</cOrgao><cStat>${cStat}</cStat><xMotivo>Lote processado</xMotivo>${content}</retEnvEvento>`;
const reasonOf = (body: string, who?: typeof WHO) => {
  const read = readRetEvento(body, who);
  return read.kind === 'unreadable' ? read.reason : read.kind;
};

describe('readRetEvento', () => {
  it('reads the inner result, with its bytes as a document of its own', () => {
    const read = readRetEvento(envelope('128', inner('135')), WHO);
    if (read.kind !== 'said') assert.fail(JSON.stringify(read));
    const { xml, ...told } = read;
    assert.deepEqual(told, {
      ...{ kind: 'said', class: 'registered', cStat: '135', xMotivo: 'Evento registrado' },
      ...{ nProt: '135260000000077', dhRegistro: '2026-11-21T10:00:01-03:00' },
    });
    assert.equal(xml, inner('135').replace('<retEvento', `<retEvento xmlns="${NS}"`));
    assert.equal(parseXml(buildProcEvento('<evento/>', xml ?? '')).root.children[1]?.uri, NS);
  });

  it('takes 136 and the late 155 as registered, and says what a refusal is', () => {
    const classOf = (cStat: string) => {
      const read = readRetEvento(envelope('128', inner(cStat)));
      return read.kind === 'said' ? read.class : read.kind;
    };
    const codes = ['135', '136', '155', '573', '501', '580', '218', '656', '999', '7777'];
    const classes = 'registered registered registered duplicate rejected rejected duplicate throttled internal unknown';
    assert.equal(codes.map(classOf).join(' '), classes);
  });

  it('calls what the envelope alone says a word of the service', () => {
    const read = readRetEvento(envelope('108'));
    assert.deepEqual(read, { kind: 'service', class: 'unavailable', cStat: '108', xMotivo: 'Lote processado' });
    assert.equal(readRetEvento(envelope('215')).kind, 'service');
  });

  it('believes nothing that proves nothing', () => {
    const other = { ...WHO, nSeqEvento: 2 };
    const bad = [
      ['', 'a resposta veio vazia'],
      ['<!DOCTYPE html><html/>', 'a resposta é uma página HTML'],
      ['<retEnviNFe/>', 'a resposta tem a raiz <retEnviNFe>, que não é a deste serviço'],
      [envelope('128'), 'cStat 128 sem retEvento'],
      [envelope('135'), 'cStat 135 sem retEvento'],
      [envelope('128', inner('135', '')), 'retEvento com cStat 135 sem nProt'],
      [envelope('128', inner('128')), 'retEvento com cStat 128, que não é resultado de um evento'],
      [envelope('128', inner('135') + inner('135')), 'a resposta traz 2 retEvento'],
      [envelope('128', '<retEvento/>'), 'o retEvento da resposta está incompleto'],
      [envelope('128', inner('135', undefined, other)), 'a resposta é de outro evento'],
      [envelope('128', inner('135', undefined, { ...WHO, chave: 'x' })), 'a resposta é de outro evento'],
      [`<retEnvEvento xmlns="${NS}"/>`, 'a resposta não traz cStat'],
    ];
    for (const [body = '', reason] of bad) assert.equal(reasonOf(body, WHO), reason, body);
    assert.match(reasonOf(envelope('128', inner('135')).slice(0, -20)), /não é XML legível/);
  });

  it('never throws, whatever it is given, and whatever is missing', () => {
    fc.assert(fc.property(fc.string(), (body) => readRetEvento(body).kind === 'unreadable'));
    const whole = envelope('128', inner('135'));
    fc.assert(fc.property(fc.nat(whole.length - 1), (cut) => readRetEvento(whole.slice(0, cut)).kind === 'unreadable'));
  });
});

describe('findEvento', () => {
  const proc = (tpEvento: string, nSeq: number, autor = CNPJ) =>
    `<procEventoNFe versao="1.00"><evento versao="1.00"><infEvento><CNPJ>${autor}</CNPJ><chNFe>${CHAVE}</chNFe><tpEvento>${tpEvento}</tpEvento><nSeqEvento>${nSeq}</nSeqEvento></infEvento>` +
    '<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo><Reference><DigestValue>abc=</DigestValue></Reference></SignedInfo></Signature></evento>' +
    `${inner('135', undefined, { ...WHO, tpEvento, nSeqEvento: nSeq })}</procEventoNFe>`;
  const prot = `<protNFe versao="4.00"><infProt><chNFe>${CHAVE}</chNFe><nProt>135260000000001</nProt><digVal>x</digVal><cStat>100</cStat><xMotivo>Autorizado</xMotivo></infProt></protNFe>`;
  const consult = (cStat: string, content: string) =>
    readRetorno(
      'consult',
      `<retConsSitNFe xmlns="${NS}" versao="4.00"><cStat>${cStat}</cStat><xMotivo>Texto</xMotivo>${content}</retConsSitNFe>`,
    );
  const cancel = { tpEvento: '110111', nSeqEvento: 1, autor: CNPJ };
  const cce = (nSeqEvento: number, autor = CNPJ) => ({ tpEvento: '110110', nSeqEvento, autor });

  it('finds the event by code, number and author, with its proof', () => {
    const answer = consult('100', prot + proc('110110', 1) + proc('110110', 2));
    const found = findEvento(answer, cce(2));
    if (found.kind !== 'found') assert.fail(JSON.stringify(found));
    assert.deepEqual([found.cStat, found.nProt, found.digest, found.autor], ['135', '135260000000077', 'abc=', CNPJ]);
    assert.match(found.proc ?? '', /^<procEventoNFe xmlns=.*<nSeqEvento>2</);
    assert.equal(findEvento(answer, cce(3)).kind, 'absent');
    assert.equal(findEvento(answer, cancel).kind, 'absent');
  });

  it('gives the event of another author as such, but its own before it', () => {
    const answer = consult('100', prot + proc('110150', 1, '11444777000161') + proc('110150', 1));
    const of = (autor: string) => {
      const found = findEvento(answer, { tpEvento: '110150', nSeqEvento: 1, autor });
      return found.kind === 'found' ? found.autor : found.kind;
    };
    assert.deepEqual([of(CNPJ), of('11444777000161'), of('12345678909')], [CNPJ, '11444777000161', '11444777000161']);
  });

  it('takes a document that is told to be cancelled without a list of events for a cancelamento', () => {
    assert.deepEqual(findEvento(consult('101', prot), cancel), { kind: 'found', cStat: '101', xMotivo: 'Texto' });
    assert.equal(findEvento(consult('101', prot), cce(1)).kind, 'absent');
    const listed = consult('101', prot + proc('110112', 1));
    assert.equal(findEvento(listed, cancel).kind, 'absent');
    assert.equal(findEvento(listed, { ...cancel, tpEvento: '110112' }).kind, 'found');
  });

  it('says absent only when the document itself was told of', () => {
    assert.equal(findEvento(consult('217', ''), cancel).kind, 'absent');
    assert.equal(findEvento(consult('656', ''), cancel).kind, 'service');
    assert.equal(findEvento(consult('108', ''), cancel).kind, 'service');
    assert.equal(findEvento(consult('999', ''), cancel).kind, 'service');
    assert.equal(findEvento(readRetorno('consult', '<html/>'), cancel).kind, 'unreadable');
  });
});

describe('messages', () => {
  it('leaves the bytes of event and answer as they are', () => {
    const evento = `<evento xmlns="${NS}"><infEvento Id="x">á &amp; b</infEvento></evento>`;
    assert.ok(buildEnvEvento(evento, '123456789012345').includes(`<idLote>123456789012345</idLote>${evento}</envEvento>`));
    assert.ok(buildProcEvento(`<?xml version="1.0"?>\n${evento}\n`, '<retEvento/>').endsWith(`${evento}<retEvento/></procEventoNFe>`));
    for (const idLote of ['', '1234567890123456', '1a']) assert.throws(() => buildEnvEvento(evento, idLote), RangeError);
  });
});

describe('stateAfter', () => {
  it('is cancelled when a cancelamento is among them, in whatever order they came', () => {
    const eventos = ['110110', '110111', '110130'].map((tpEvento) => ({ tpEvento, nSeqEvento: 1 }));
    assert.equal(stateAfter(eventos), 'cancelled');
    assert.equal(stateAfter(eventos.toReversed()), 'cancelled');
    assert.equal(stateAfter([{ tpEvento: '110112', nSeqEvento: 1 }]), 'cancelled');
    assert.equal(stateAfter([]), undefined);
    assert.equal(stateAfter([{ tpEvento: '110110', nSeqEvento: 2 }]), undefined);
  });
});
