import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sampleCpf } from '@malote/testkit/sample-cnpj';
import { SAMPLE_EVENTOS } from '@malote/testkit/sample-eventos';
import fc from 'fast-check';
import { parseChave } from '../chave/chave-acesso.ts';
import { testCertificate } from '../test/test-certificate.ts';
import { acceptedByXmlCrypto } from '../test/verify-with-xml-crypto.ts';
import { at, parseXml, textAt } from '../xml/parse.ts';
import { signXml } from '../xml/sign.ts';
import { escapeText } from '../xml/splice.ts';
import { eventoXmlFromJson } from './json-evento.ts';
import { eventoKind } from './kinds.ts';
import { eventoId, type PrepareEventoRequest, prepareEvento } from './prepare-evento.ts';
import { buildEnvEvento, buildProcEvento } from './ret-evento.ts';

const OFFICIAL = 'http://www.portalfiscal.inf.br/nfe';
const OOBJ = 'http://www.oobj.com.br/nfe';
const CNPJ = '11222333000181';
const CHAVE = '35261111222333000181550010000000071481516238';
const NPROT = '135260000000001';
const evento = (fields: string, ns = OFFICIAL) => `<evento xmlns="${ns}"><infEvento>${fields}</infEvento></evento>`;
const CANCEL = '<tpEvento>110111</tpEvento><detEvento><xJust>Pedido desfeito</xJust></detEvento>';

function run(text: string, more: Partial<PrepareEventoRequest> = {}, tpEvento = '110111') {
  const kind = eventoKind('55', tpEvento) ?? eventoKind('65', tpEvento);
  if (!kind) assert.fail(tpEvento);
  const facts = {
    chave: CHAVE,
    tpAmb: '2',
    autor: CNPJ,
    cOrgao: '35',
    nSeqEvento: 1,
    dhEvento: '2026-11-21T10:00:00-03:00',
    nProt: NPROT,
  } as const;
  return prepareEvento({ doc: parseXml(text), layout: 'sefaz', kind, ...facts, ...more });
}
function prepared(text: string, more: Partial<PrepareEventoRequest> = {}, tpEvento = '110111') {
  const result = run(text, more, tpEvento);
  if (!result.ok) assert.fail(JSON.stringify(result.faults));
  return result.xml;
}
function codesOf(text: string, more: Partial<PrepareEventoRequest> = {}, tpEvento = '110111') {
  const result = run(text, more, tpEvento);
  return result.ok ? [] : result.faults.map(({ code, path }) => `${code} ${path}`);
}
const detTags = (xml: string) => at(parseXml(xml).root, 'infEvento/detEvento')?.children.map((c) => c.local);
const detText = (xml: string, tag: string) => textAt(parseXml(xml).root, `infEvento/detEvento/${tag}`);

const WHOLE =
  `<evento xmlns="${OFFICIAL}" versao="1.00"><infEvento Id="ID110111${CHAVE}01"><cOrgao>35</cOrgao><tpAmb>2</tpAmb><CNPJ>${CNPJ}</CNPJ>` +
  `<chNFe>${CHAVE}</chNFe><dhEvento>2026-11-21T10:00:00-03:00</dhEvento><tpEvento>110111</tpEvento><nSeqEvento>1</nSeqEvento>` +
  `<verEvento>1.00</verEvento><detEvento versao="1.00"><descEvento>Cancelamento</descEvento><nProt>${NPROT}</nProt>` +
  '<xJust>Pedido desfeito</xJust></detEvento></infEvento></evento>';

describe('prepareEvento', () => {
  it('completes the smallest request, and leaves a whole one as it is', () => {
    assert.equal(prepared(evento(CANCEL)), WHOLE);
    assert.equal(prepared(WHOLE), WHOLE);
    assert.equal(prepared(`<envEvento xmlns="${OFFICIAL}" versao="1.00"><idLote>9</idLote>${WHOLE}</envEvento>`), WHOLE);
  });

  it('brings the layout oobj into form: namespace, prefixes, blanks, CDATA', () => {
    const old = `<?xml version="1.0"?>\n<o:envEvento xmlns:o="${OOBJ}">\n <o:evento>\n  <o:infEvento>\n   <o:tpEvento>110111</o:tpEvento>
      <o:detEvento>\n <o:xJust><![CDATA[Pedido desfeito]]></o:xJust>\n</o:detEvento>\n</o:infEvento></o:evento></o:envEvento>`;
    assert.equal(prepared(old, { layout: 'oobj' }), WHOLE);
    assert.equal(prepared(evento(CANCEL, OOBJ), { layout: 'oobj' }), WHOLE);
  });

  it('gives one form to a request, however it is dressed', () => {
    const text = fc.string({ minLength: 1, maxLength: 30, unit: fc.constantFrom(...'aÇ&<>"\'0 ]') }).filter((t) => t.trim() !== '');
    const blank = fc.constantFrom('', ' ', '\n  ', '<!-- nota -->', '\t');
    const dress = fc.record({
      prefix: fc.constantFrom('', 'o:'),
      ns: fc.constantFrom(OFFICIAL, OOBJ),
      lote: fc.boolean(),
      cdata: fc.boolean(),
      blank,
    });
    fc.assert(
      fc.property(text, dress, (just, { prefix: p, ns, lote, cdata, blank: b }) => {
        const content = cdata ? `<![CDATA[${just.replaceAll(']]>', '')}]]>` : escapeText(just);
        const plain = cdata ? just.replaceAll(']]>', '') : just;
        const tag = (name: string, inner: string) => `<${p}${name}>${inner}</${p}${name}>`;
        const inner = `${b}${tag('tpEvento', '110111')}${b}${tag('detEvento', `${b}${tag('xJust', content)}${b}`)}${b}`;
        const body = tag('evento', `${b}${tag('infEvento', inner)}${b}`);
        const whole = lote ? tag('envEvento', `${b}${body}${b}`) : body;
        const declared = whole.replace('>', ` xmlns${p ? ':o' : ''}="${ns}">`);
        assert.equal(prepared(declared, { layout: 'oobj' }), WHOLE.replace('Pedido desfeito', escapeText(plain)));
      }),
    );
  });

  it('keeps what the caller wrote in detEvento byte for byte', () => {
    const own = '<nProt>135260000000009</nProt><xJust>R&amp;D &#xE7; teste longo</xJust>';
    const xml = prepared(evento(`<tpEvento>110111</tpEvento><detEvento>${own}</detEvento>`));
    assert.ok(xml.includes(`<descEvento>Cancelamento</descEvento>${own}</detEvento>`), xml);
  });

  it('fills empty elements and an empty detEvento', () => {
    const xml = prepared(evento('<cOrgao/><tpEvento>110111</tpEvento><detEvento><nProt/><xJust>x</xJust></detEvento>'));
    assert.deepEqual(detTags(xml), ['descEvento', 'nProt', 'xJust']);
    assert.equal(detText(xml, 'nProt'), NPROT);
    assert.deepEqual(detTags(prepared(evento('<tpEvento>110111</tpEvento><detEvento/>'))), ['descEvento', 'nProt']);
  });

  it('writes the organ that it is given over a given one, and keeps a given dhEvento', () => {
    assert.equal(prepared(evento(`<cOrgao>99</cOrgao>${CANCEL}`)), WHOLE);
    const at = '2026-11-21T09:30:00-02:00';
    const result = run(evento(`<dhEvento>${at}</dhEvento>${CANCEL}`));
    if (!result.ok) assert.fail(JSON.stringify(result.faults));
    assert.equal(result.dhEvento, at);
    assert.equal(result.xml, WHOLE.replace('2026-11-21T10:00:00-03:00', at));
    const cpf = sampleCpf(1);
    assert.match(prepared(evento(CANCEL), { autor: cpf }), new RegExp(`<CPF>${cpf}</CPF>`));
  });

  it('spells descEvento as the layout does, and refuses another text', () => {
    const det = (desc: string) =>
      evento(`<tpEvento>110111</tpEvento><detEvento><descEvento>${desc}</descEvento><xJust>x</xJust></detEvento>`);
    assert.equal(detText(prepared(det('CANCELAMENTO')), 'descEvento'), 'Cancelamento');
    assert.deepEqual(codesOf(det('Carta de Correcao')), ['EVT-023 infEvento/detEvento/descEvento']);
    const cce = evento(
      '<tpEvento>110110</tpEvento><detEvento><descEvento>Carta de Correção</descEvento><xCorrecao>x</xCorrecao></detEvento>',
    );
    assert.equal(detText(prepared(cce, {}, '110110'), 'descEvento'), 'Carta de Correção');
  });

  it('puts the fixed conditions of use where the XSD wants them, and only then', () => {
    const cce = prepared(evento('<tpEvento>110110</tpEvento><detEvento><xCorrecao>Rua A</xCorrecao></detEvento>'), {}, '110110');
    assert.deepEqual(detTags(cce), ['descEvento', 'xCorrecao', 'xCondUso']);
    const ator = (autorizacao: string) =>
      detTags(
        prepared(evento(`<tpEvento>110150</tpEvento><detEvento><autXML><CNPJ>1</CNPJ></autXML>${autorizacao}</detEvento>`), {}, '110150'),
      );
    const author = ['descEvento', 'cOrgaoAutor', 'tpAutor', 'verAplic', 'autXML'];
    assert.deepEqual(ator('<tpAutorizacao>1</tpAutorizacao>'), [...author, 'tpAutorizacao', 'xCondUso']);
    assert.deepEqual(ator('<tpAutorizacao>0</tpAutorizacao>'), [...author, 'tpAutorizacao']);
    assert.deepEqual(ator(''), author);
  });

  it('says who the author is: 1 for the emitter of the key, 2 for another where both may be it', () => {
    const ator = evento('<tpEvento>211110</tpEvento><detEvento><gCredPresOper/></detEvento>');
    assert.equal(detText(prepared(ator, {}, '211110'), 'tpAutor'), '1');
    assert.equal(detText(prepared(ator, { autor: '11444777000161' }, '211110'), 'tpAutor'), '2');
    assert.equal(detText(prepared(evento('<tpEvento>212110</tpEvento><detEvento/>'), {}, '212110'), 'tpAutor'), '8');
  });

  it('takes the protocolo of the event that is undone, not that of the note', () => {
    const undo = evento('<tpEvento>111502</tpEvento><detEvento><idPedidoCancelado>x</idPedidoCancelado></detEvento>');
    assert.deepEqual(codesOf(undo, {}, '111502'), ['EVT-027 infEvento/detEvento/nProt']);
    assert.equal(detText(prepared(undo, { nProtEvento: '135260000000077' }, '111502'), 'nProt'), '135260000000077');
    const entrega = evento('<tpEvento>110131</tpEvento><detEvento/>');
    assert.deepEqual(codesOf(entrega, {}, '110131'), ['EVT-027 infEvento/detEvento/nProtEvento']);
    assert.equal(detText(prepared(entrega, { nProtEvento: '135260000000077' }, '110131'), 'nProtEvento'), '135260000000077');
  });

  it('refuses what contradicts the facts, each by its name', () => {
    const codes = codesOf(
      `<evento xmlns="${OFFICIAL}" versao="2.00"><infEvento Id="ID1"><tpAmb>1</tpAmb><CNPJ>11444777000161</CNPJ><chNFe>${CHAVE.slice(0, 43)}9</chNFe>` +
        '<tpEvento>110111</tpEvento><verEvento>1.01</verEvento></infEvento><Signature xmlns="http://www.w3.org/2000/09/xmldsig#"/></evento>',
    );
    assert.deepEqual(codes.sort(), [
      'EVT-005 infEvento/detEvento',
      'EVT-020 evento/Signature',
      'EVT-021 infEvento/@Id',
      'EVT-022 @versao',
      'EVT-022 infEvento/verEvento',
      'EVT-024 infEvento/CNPJ',
      'EVT-025 infEvento/chNFe',
      'EVT-026 infEvento/tpAmb',
    ]);
  });

  it('refuses foreign elements and attributes', () => {
    const foreign = evento('<tpEvento>110111</tpEvento><detEvento><x xmlns="urn:x"/><xJust xmlns:a="urn:a" a:b="1">x</xJust></detEvento>');
    assert.deepEqual(codesOf(foreign), ['EVT-002 evento/infEvento/detEvento/x', 'EVT-006 evento/infEvento/detEvento/xJust']);
  });

  it('makes every event of the samples signable, and xml-crypto accepts each, in its lote and its proc too', () => {
    const certificate = testCertificate();
    for (const { modelo, tpEvento, body } of SAMPLE_EVENTOS) {
      const json = eventoXmlFromJson(body, { modelo });
      if (!json.ok) assert.fail(`${tpEvento}: ${JSON.stringify(json.faults)}`);
      const { xml } = signXml(prepared(json.xml, {}, tpEvento), { element: 'infEvento' }, certificate);
      for (const text of [xml, buildEnvEvento(xml, '1'), buildProcEvento(xml, '<retEvento/>')]) {
        assert.ok(acceptedByXmlCrypto(text, certificate.certPem), tpEvento);
      }
    }
  });
});

describe('eventoId', () => {
  it('has 54 characters from which key, code and number come back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 100_000, max: 999_999 }), fc.integer({ min: 1, max: 99 }), (code, nSeqEvento) => {
        const id = eventoId({ tpEvento: String(code), chave: CHAVE, nSeqEvento });
        assert.match(id, /^ID[0-9]{12}[0-9A-Z]{12}[0-9]{28}$/);
        assert.equal(id.length, 54);
        assert.deepEqual([id.slice(2, 8), id.slice(8, 52), Number(id.slice(52))], [String(code), CHAVE, nSeqEvento]);
        assert.ok(parseChave(id.slice(8, 52)));
      }),
    );
  });
});
