import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sampleAlphanumericCnpj, sampleCnpj, sampleCpf } from '@malote/testkit/sample-cnpj';
import { type SampleNfeOptions, sampleNfe } from '@malote/testkit/sample-nfe';
import { buildChave, parseChave } from '../chave/chave-acesso.ts';
import { at, parseXml, textAt } from '../xml/parse.ts';
import { type PrepareRequest, prepare } from './prepare.ts';

const CNPJ = sampleCnpj(1);
const BASE: SampleNfeOptions = { cnpj: CNPJ, uf: 'SP', serie: 7, numero: 42, dhEmi: '2026-11-30T23:59:00-03:00' };
const NFE = sampleNfe(BASE);
const CNF = '48151623';
const KEY = { cUF: '35', aamm: '2611', documento: CNPJ, modelo: '55', serie: '7', numero: '42', tpEmis: '1', cNF: CNF };
const RESP_TEC = { cnpj: sampleCnpj(9), xContato: 'Fulano & Cia', email: 'dfe@exemplo.com.br', fone: '6133334444' };
const OFFICIAL = 'http://www.portalfiscal.inf.br/nfe';

function run(text: string, more: Partial<PrepareRequest> = {}) {
  return prepare({ text, layout: 'sefaz', tpEmis: '1', cNF: CNF, ...more });
}

function prepared(text: string, more: Partial<PrepareRequest> = {}) {
  const result = run(text, more);
  if (!result.ok) assert.fail(JSON.stringify(result.faults));
  return result;
}

function refusedBy(text: string, more: Partial<PrepareRequest> = {}): [string, string][] {
  const result = run(text, more);
  return result.ok ? [] : result.faults.map((f) => [f.code, f.path]);
}

const field = (xml: string, path: string) => textAt(parseXml(xml).root, `infNFe/${path}`);
const ideTags = (xml: string) => at(parseXml(xml).root, 'infNFe/ide')?.children.map((c) => c.local) ?? [];

describe('prepare', () => {
  it('adds what is missing in the places of the XSD and changes no other byte', () => {
    const { xml, chave, versao } = prepared(NFE);
    assert.equal(versao, '4.00');
    assert.equal(chave, buildChave(KEY));
    const expected = NFE.replace('<infNFe versao="4.00">', `<infNFe Id="NFe${chave}" versao="4.00">`)
      .replace('<natOp>', `<cNF>${CNF}</cNF><natOp>`)
      .replace('<tpAmb>', `<tpEmis>1</tpEmis><cDV>${chave[43]}</cDV><tpAmb>`);
    assert.equal(xml, expected);
  });

  it('cuts the month of the chave from dhEmi as written, not from UTC', () => {
    const { chave } = prepared(sampleNfe({ ...BASE, dhEmi: '2026-11-30T23:59:00-03:00' }));
    assert.equal(parseChave(chave)?.aamm, '2611');
  });

  it('puts an alphanumeric CNPJ and a padded CPF into the chave', () => {
    const letters = sampleAlphanumericCnpj(5);
    assert.equal(parseChave(prepared(sampleNfe({ ...BASE, cnpj: letters })).chave)?.documento, letters);
    const cpf = prepared(sampleNfe({ ...BASE, cnpj: undefined, cpf: sampleCpf(2), serie: 920 }));
    assert.equal(parseChave(cpf.chave)?.documento, `000${sampleCpf(2)}`);
  });

  it('gives the same bytes when it is asked again with the same cNF', () => {
    assert.deepEqual(prepared(NFE), prepared(NFE));
  });

  it('leaves a complete document as it is', () => {
    const { xml } = prepared(NFE);
    assert.equal(prepared(xml, { cNF: '90817263' }).xml, xml);
  });

  it('keeps a given cNF, and takes that of a given Id', () => {
    const given = prepared(sampleNfe({ ...BASE, cNF: '90817263' }));
    assert.equal(parseChave(given.chave)?.cNF, '90817263');
    const id = buildChave({ ...KEY, cNF: '11223344' });
    const byId = prepared(NFE.replace('<infNFe', `<infNFe Id="NFe${id}"`));
    assert.equal(byId.chave, id);
    assert.equal(field(byId.xml, 'ide/cNF'), '11223344');
  });

  it('replaces empty cNF and cDV', () => {
    const { xml, chave } = prepared(NFE.replace('<natOp>', '<cNF/><natOp>').replace('<tpAmb>', '<tpEmis>1</tpEmis><cDV></cDV><tpAmb>'));
    assert.equal(field(xml, 'ide/cNF'), CNF);
    assert.equal(field(xml, 'ide/cDV'), chave[43]);
    assert.equal(ideTags(xml).filter((tag) => tag === 'cNF' || tag === 'cDV').length, 2);
  });

  it('writes the tpEmis decided, with its own chave and contingência fields, over the one given', () => {
    const given = prepared(NFE).xml;
    const contingencia = { dhCont: '2026-11-30T22:00:00-03:00', xJust: 'SEFAZ <fora> do ar' };
    const { xml, chave } = prepared(given, { tpEmis: '6', contingencia });
    assert.equal(chave, buildChave({ ...KEY, tpEmis: '6' }));
    assert.equal(field(xml, 'ide/tpEmis'), '6');
    assert.equal(field(xml, 'ide/xJust'), contingencia.xJust);
    assert.deepEqual(ideTags(xml).slice(-4), ['procEmi', 'verProc', 'dhCont', 'xJust']);
    assert.ok(xml.includes(`Id="NFe${chave}"`) && !xml.includes(buildChave(KEY)));
  });

  it('writes verProc only where it is missing', () => {
    assert.equal(field(prepared(NFE, { verProc: 'Malote 1' }).xml, 'ide/verProc'), 'ERP Exemplo 7.3');
    const without = NFE.replace(/<verProc>.*?<\/verProc>/, '');
    assert.equal(field(prepared(without, { verProc: 'Malote 1' }).xml, 'ide/verProc'), 'Malote 1');
    assert.equal(field(prepared(without).xml, 'ide/verProc'), undefined);
  });
});

describe('prepare gives SEFAZ its form', () => {
  const plain = prepared(NFE).xml;
  const odd: [string, string, Partial<PrepareRequest>][] = [
    ['an indented document with declaration', sampleNfe({ ...BASE, pretty: true, declaration: true }), {}],
    ['CRLF and tabs between tags', NFE.replaceAll('><', '>\r\n\t<'), {}],
    ['blanks written as character references', NFE.replaceAll('</cUF>', '</cUF>&#13;&#xA;'), {}],
    ['comments between tags and around', `<!-- a -->${NFE.replaceAll('</cUF>', '</cUF> <!-- b --> ')}<!-- c -->`, {}],
    ['a lote', `<enviNFe xmlns="${OFFICIAL}" versao="4.00"><idLote>1</idLote>${NFE}</enviNFe>`, {}],
    ['a lote that declares the namespace for the note', `<enviNFe xmlns="${OFFICIAL}">${NFE.replace(/ xmlns="[^"]*"/, '')}</enviNFe>`, {}],
    ['prefixes', NFE.replace(/<(\/?)(?=[a-zA-Z])/g, '<$1n:').replace('xmlns=', 'xmlns:n='), {}],
    ['the layout oobj', sampleNfe({ ...BASE, namespace: 'oobj' }), { layout: 'oobj' }],
    [
      'the namespace repeated inside',
      NFE.replace('<emit>', `<emit xmlns="${OFFICIAL}">`).replace('<infNFe', `<infNFe xmlns="${OFFICIAL}"`),
      {},
    ],
    ['unused declarations of an XML library', NFE.replace('<NFe', '<NFe xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'), {}],
    [
      'a schemaLocation on the root',
      NFE.replace('<NFe', '<NFe xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="a b.xsd"'),
      {},
    ],
  ];
  for (const [what, text, more] of odd) it(`from ${what}`, () => assert.equal(prepared(text, more).xml, plain));

  it('with CDATA and comments inside values resolved in what is signed', () => {
    const text = NFE.replace('Pedido 4711', 'Pedido <![CDATA[<A & B>]]><!-- x --> &amp; 4711');
    assert.ok(prepared(text).xml.includes('<infCpl>Pedido &lt;A &amp; B&gt; &amp; 4711</infCpl>'));
  });

  it('and keeps character references and spaces inside values as written', () => {
    const text = NFE.replace('Pedido 4711', '  Pedido &#231;&#xE3;o &quot;a&quot;  ');
    assert.ok(prepared(text).xml.includes('<infCpl>  Pedido &#231;&#xE3;o &quot;a&quot;  </infCpl>'));
  });

  it('and keeps text that stands between tags for the XSD to refuse', () => {
    assert.ok(prepared(NFE.replace('</mod>', '</mod>x')).xml.includes('</mod>x'));
  });
});

describe('prepare and infRespTec', () => {
  const CSRT = 'G8063VRTNDMO886SFNK5LDUDEI24XJ22YIPO';
  const withCsrt = { respTec: { ...RESP_TEC, idCSRT: '1' }, csrt: CSRT };

  it('adds nothing when none is configured', () => {
    assert.equal(field(prepared(NFE).xml, 'infRespTec/CNPJ'), undefined);
  });

  it('adds the group at the end of infNFe', () => {
    const { xml } = prepared(NFE, { respTec: RESP_TEC });
    assert.match(xml, /<infRespTec><CNPJ>\d{14}<\/CNPJ><xContato>Fulano &amp; Cia<\/xContato>.*<\/fone><\/infRespTec><\/infNFe>/);
  });

  it('adds it before what the XSD wants after it', () => {
    const text = NFE.replace('</infNFe>', ' <agropecuario/></infNFe>');
    assert.match(prepared(text, { respTec: RESP_TEC }).xml, /<\/infRespTec><agropecuario\/><\/infNFe>/);
  });

  it('fills hashCSRT from the CSRT and the chave (NT 2018.005)', async () => {
    const { hashCsrt } = await import('./resp-tec.ts');
    assert.equal(hashCsrt(CSRT, '41180678393592000146558900000006041028190697'), 'aWv6LeEM4X6u4+qBI2OYZ8grigw=');
    const { xml, chave } = prepared(NFE, withCsrt);
    assert.equal(field(xml, 'infRespTec/idCSRT'), '01');
    assert.equal(field(xml, 'infRespTec/hashCSRT'), hashCsrt(CSRT, chave));
  });

  const own = (inner: string) =>
    NFE.replace('</infNFe>', `<infRespTec><CNPJ>${RESP_TEC.cnpj}</CNPJ><xContato>Outro</xContato>${inner}</infRespTec></infNFe>`);

  it('keeps the group of the document', () => {
    const { xml } = prepared(own(''), withCsrt);
    assert.equal(field(xml, 'infRespTec/xContato'), 'Outro');
    assert.equal(field(xml, 'infRespTec/hashCSRT'), undefined);
  });

  it('completes the group of the document when its CSRT is the one configured', () => {
    for (const inner of ['<idCSRT>01</idCSRT>', '<idCSRT>01</idCSRT><hashCSRT/>']) {
      const { xml, chave } = prepared(own(inner), withCsrt);
      assert.equal(xml.match(/<hashCSRT>[^<]{28}<\/hashCSRT>/g)?.length, 1);
      assert.ok(chave);
    }
  });

  it('refuses an idCSRT whose CSRT is not known here', () => {
    assert.deepEqual(refusedBy(own('<idCSRT>02</idCSRT>'), withCsrt), [['EMI-036', 'infNFe/infRespTec/hashCSRT']]);
    assert.deepEqual(refusedBy(own('<idCSRT>01</idCSRT>')), [['EMI-036', 'infNFe/infRespTec/hashCSRT']]);
  });
});

describe('prepare refuses', () => {
  const withId = (change: Partial<typeof KEY>) => NFE.replace('<infNFe', `<infNFe Id="NFe${buildChave({ ...KEY, ...change })}"`);
  const complete = prepared(NFE);
  const otherDv = String((Number(complete.chave[43]) + 1) % 10);

  const cases: [what: string, xml: string, code: string, path: string][] = [
    ['an Id that is no chave', NFE.replace('<infNFe', '<infNFe Id="NFe123"'), 'EMI-032', 'infNFe/@Id'],
    ['an Id without its prefix', NFE.replace('<infNFe', `<infNFe Id="${complete.chave}"`), 'EMI-032', 'infNFe/@Id'],
    ['an Id of another number', withId({ numero: '43' }), 'EMI-032', 'infNFe/@Id'],
    ['an Id of another emitter', withId({ documento: sampleCnpj(2) }), 'EMI-032', 'infNFe/@Id'],
    ['an Id of another month', withId({ aamm: '2612' }), 'EMI-032', 'infNFe/@Id'],
    ['an Id of another tpEmis than written', withId({ tpEmis: '6' }), 'EMI-032', 'infNFe/@Id'],
    [
      'an Id with a wrong check digit',
      complete.xml.replace(complete.chave, complete.chave.slice(0, 43) + otherDv),
      'EMI-032',
      'infNFe/@Id',
    ],
    ['a cDV that is not the one of the key', complete.xml.replace(/<cDV>.<\/cDV>/, `<cDV>${otherDv}</cDV>`), 'EMI-033', 'infNFe/ide/cDV'],
    ['a weak cNF', sampleNfe({ ...BASE, cNF: '12345678' }), 'EMI-034', 'infNFe/ide/cNF'],
    ['a cNF equal to the number', sampleNfe({ ...BASE, cNF: '00000042' }), 'EMI-034', 'infNFe/ide/cNF'],
    ['a cNF of 7 digits', sampleNfe({ ...BASE, cNF: '4815162' }), 'EMI-034', 'infNFe/ide/cNF'],
    ['another layout version', NFE.replace('versao="4.00"', 'versao="3.10"'), 'EMI-035', 'infNFe/@versao'],
    ['an element of another namespace', NFE.replace('<xFant>', '<xFant xmlns="urn:x">'), 'EMI-002', 'NFe/infNFe/emit/xFant'],
    [
      'a prefixed attribute inside',
      NFE.replace('<xFant>', '<xFant xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true">'),
      'EMI-006',
      'NFe/infNFe/emit/xFant',
    ],
    ['what identity refuses', NFE.replace(/<dhEmi>.*?<\/dhEmi>/, ''), 'EMI-014', 'infNFe/ide/dhEmi'],
    ['XML that is not well-formed', '<NFe>', 'xml-malformado', ''],
  ];
  for (const [what, xml, code, path] of cases) it(`${what} (${code})`, () => assert.deepEqual(refusedBy(xml), [[code, path]]));

  it('a signed contingency note, as long as those are not taken', () => {
    const contingencia = { dhCont: '2026-11-30T22:00:00-03:00', xJust: 'SEFAZ indisponivel' };
    const signed = sampleNfe({ ...BASE, tpEmis: '9', contingencia }).replace(
      '</NFe>',
      '<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"/></NFe>',
    );
    assert.deepEqual(refusedBy(signed, { tpEmis: '9' }), [['EMI-031', 'NFe/Signature']]);
  });

  it('says every part in which an Id differs', () => {
    const result = run(withId({ numero: '43', serie: '8' }));
    const message = result.ok ? '' : (result.faults[0]?.message ?? '');
    assert.match(message, /serie é 008 no Id e 007 nos campos; número é 000000043 no Id e 000000042 nos campos/);
  });

  it('a weak cNF of the caller by throwing: that is a bug', () => {
    assert.throws(() => run(NFE, { cNF: '11111111' }), RangeError);
  });

  it('the emission of a model that has no preparation yet', () => {
    const cte =
      '<CTe xmlns="http://www.portalfiscal.inf.br/cte"><infCte><ide><cUF>35</cUF><mod>57</mod><serie>1</serie><nCT>1</nCT>' +
      `<dhEmi>2026-11-21T10:00:00-03:00</dhEmi><tpEmis>1</tpEmis><tpAmb>2</tpAmb></ide><emit><CNPJ>${CNPJ}</CNPJ></emit></infCte></CTe>`;
    assert.deepEqual(refusedBy(cte), [['EMI-037', 'CTe']]);
  });
});
