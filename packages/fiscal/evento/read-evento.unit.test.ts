import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseXml } from '../xml/parse.ts';
import { readEvento } from './read-evento.ts';

const OFFICIAL = 'http://www.portalfiscal.inf.br/nfe';
const OOBJ = 'http://www.oobj.com.br/nfe';
const CHAVE = '35261111222333000181550010000000071481516238';

/** The smallest request: what the old client of the Oobj hub sends. */
const evento = (fields: string, ns = OFFICIAL) => `<evento xmlns="${ns}"><infEvento>${fields}</infEvento></evento>`;
const CANCEL = '<tpEvento>110111</tpEvento><detEvento><xJust>Pedido desfeito pelo cliente</xJust></detEvento>';

const read = (text: string, layout: 'sefaz' | 'oobj' = 'sefaz') => readEvento(parseXml(text), layout);
function pedidoOf(text: string, layout: 'sefaz' | 'oobj' = 'sefaz') {
  const result = read(text, layout);
  if (!result.ok) assert.fail(JSON.stringify(result.faults));
  return result.pedido;
}
function codesOf(text: string, layout: 'sefaz' | 'oobj' = 'sefaz') {
  const result = read(text, layout);
  return result.ok ? [] : result.faults.map(({ code, path }) => `${code} ${path}`);
}

describe('readEvento', () => {
  it('reads what is there and leaves open what is not', () => {
    const { fingerprint, ...pedido } = pedidoOf(evento(CANCEL));
    assert.match(fingerprint, /^[0-9a-f]{64}$/);
    const open = { chave: undefined, tpAmb: undefined, autor: undefined, nSeqEvento: undefined, dhEvento: undefined };
    assert.deepEqual(pedido, { ...open, tpEvento: '110111', assinado: false });
    const whole = pedidoOf(
      `<?xml version="1.0"?><envEvento xmlns="${OFFICIAL}" versao="1.00"><idLote>1</idLote>${evento(
        `<cOrgao>35</cOrgao><tpAmb>2</tpAmb><CNPJ>11222333000181</CNPJ><chNFe>${CHAVE}</chNFe><dhEvento>2026-11-21T10:00:00-03:00</dhEvento><tpEvento>110110</tpEvento><nSeqEvento>02</nSeqEvento><detEvento/>`,
      )}</envEvento>`,
    );
    assert.equal(whole.chave, CHAVE);
    assert.equal(whole.nSeqEvento, 2);
    assert.equal(whole.autor, '11222333000181');
    assert.equal(whole.dhEvento, '2026-11-21T10:00:00-03:00');
  });

  it('takes the layout oobj only when it is asked for', () => {
    assert.deepEqual(codesOf(evento(CANCEL, OOBJ)), ['EVT-003 evento']);
    assert.equal(pedidoOf(evento(CANCEL, OOBJ), 'oobj').tpEvento, '110111');
    assert.equal(pedidoOf(evento(CANCEL), 'oobj').tpEvento, '110111');
    assert.deepEqual(codesOf(evento(CANCEL, 'urn:x')), ['EVT-002 evento']);
    assert.deepEqual(codesOf('<evento><infEvento/></evento>'), ['EVT-002 evento']);
  });

  it('reads the manifestação of the old client, whose service comes later', () => {
    const manifesto = `<envEvento xmlns="${OOBJ}"><evento><infEvento><chNFe>${CHAVE}</chNFe><tpEvento>210210</tpEvento><detEvento/></infEvento></evento></envEvento>`;
    assert.equal(pedidoOf(manifesto, 'oobj').tpEvento, '210210');
  });

  it('wants exactly one event, with tpEvento', () => {
    const one = `<evento><infEvento>${CANCEL}</infEvento></evento>`;
    assert.deepEqual(codesOf(`<envEvento xmlns="${OFFICIAL}">${one}${one}</envEvento>`), ['EVT-004 envEvento']);
    assert.deepEqual(codesOf(`<envEvento xmlns="${OFFICIAL}"/>`), ['EVT-004 envEvento']);
    assert.deepEqual(codesOf('<eventoCTe xmlns="http://www.portalfiscal.inf.br/cte"/>'), ['EVT-001 eventoCTe']);
    assert.deepEqual(codesOf(`<evento xmlns="${OFFICIAL}"/>`), ['EVT-005 evento/infEvento']);
    assert.deepEqual(codesOf(evento('<detEvento/>')), ['EVT-008 infEvento/tpEvento']);
  });

  it('names every invalid field', () => {
    const bad =
      '<tpAmb>3</tpAmb><CNPJ>1</CNPJ><chNFe>123</chNFe><dhEvento>ontem</dhEvento><tpEvento>cancelar</tpEvento><nSeqEvento>100</nSeqEvento>';
    assert.deepEqual(codesOf(evento(bad)).sort(), [
      'EVT-007 infEvento/chNFe',
      'EVT-008 infEvento/tpEvento',
      'EVT-009 infEvento/nSeqEvento',
      'EVT-010 infEvento/dhEvento',
      'EVT-011 infEvento/tpAmb',
      'EVT-012 infEvento/CNPJ',
    ]);
    const both = `<CNPJ>11222333000181</CNPJ><CPF>12345678909</CPF>${CANCEL}`;
    assert.deepEqual(codesOf(evento(both)), ['EVT-012 infEvento']);
  });

  it('wants the number of the event to be cancelled with 110001', () => {
    assert.deepEqual(codesOf(evento('<tpEvento>110001</tpEvento>')), ['EVT-009 infEvento/nSeqEvento']);
    assert.equal(pedidoOf(evento('<tpEvento>110001</tpEvento><nSeqEvento>3</nSeqEvento>')).nSeqEvento, 3);
  });

  it('sees a signature', () => {
    const text = evento(CANCEL).replace('</evento>', '<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"/></evento>');
    assert.equal(pedidoOf(text).assinado, true);
  });

  it('has one fingerprint for one request, whenever it is posted, and another for another', () => {
    const of = (text: string) => pedidoOf(text).fingerprint;
    const first = of(evento(`<dhEvento>2026-11-21T10:00:00-03:00</dhEvento>${CANCEL}`));
    assert.equal(
      of(evento(`<dhEvento>2026-11-21T11:00:00-03:00</dhEvento>${CANCEL}`).replace('<infEvento>', '<infEvento Id="ID1">')),
      first,
    );
    assert.equal(of(evento(CANCEL.replace('<detEvento>', '<detEvento >'))), first);
    assert.notEqual(of(evento(CANCEL.replace('cliente', 'comprador'))), first);
    assert.notEqual(of(evento(CANCEL.replace('110111', '110112'))), first);
    assert.notEqual(of(evento(`<nSeqEvento>1</nSeqEvento>${CANCEL}`)), first);
  });
});
