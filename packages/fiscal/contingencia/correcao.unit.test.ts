import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sampleNfce } from '@malote/testkit/sample-nfce';
import { sampleNfe } from '@malote/testkit/sample-nfe';
import fc from 'fast-check';
import { prepare } from '../emission/prepare.ts';
import { testCertificate } from '../test/test-certificate.ts';
import { parseXml, type XmlElement } from '../xml/parse.ts';
import { signXml } from '../xml/sign.ts';
import { checkCorrecao } from './correcao.ts';
import { PERMITIDOS, PROTEGIDOS } from './data/correcao.data.ts';
import { noteFields } from './note-fields.ts';

const CONTINGENCIA = { dhCont: '2026-11-21T09:58:00-03:00', xJust: 'SEFAZ fora do ar desde as 9h50' };
const NOTE = { cnpj: '12345678000195', numero: 41, dhEmi: '2026-11-21T10:00:00-03:00', itens: 3 };
const CERTIFICATE = testCertificate();
const NFE = sampleNfe({ ...NOTE, nastyText: true });
const NFCE = sampleNfce({ ...NOTE, dest: { cpf: '52998224725' } });

/** As the hub issued it: prepared and signed. */
function issue(xml: string, tpEmis: string) {
  const prepared = prepare({ text: xml, layout: 'sefaz', tpEmis, cNF: '58203917', contingencia: CONTINGENCIA });
  assert.ok(prepared.ok);
  return { unsigned: prepared.xml, emitida: parseXml(signXml(prepared.xml, { element: 'infNFe' }, CERTIFICATE).xml) };
}

const ISSUED = { '55': issue(NFE, '4'), '65': issue(NFCE, '9') } as const;

function check(modelo: '55' | '65', edit: (xml: string) => string) {
  return checkCorrecao({ emitida: ISSUED[modelo].emitida, corrigida: parseXml(edit(ISSUED[modelo].unsigned)), modelo });
}

function faultsOf(result: ReturnType<typeof checkCorrecao>) {
  assert.ok(!result.ok, `accepted: ${JSON.stringify(result)}`);
  return result.faults;
}

for (const modelo of ['55', '65'] as const) {
  test(`${modelo}: the same note is a correction without changes, with or without what the hub completes`, () => {
    const none = { ok: true, danfeAlterado: false, mudancas: [] };
    assert.deepEqual(
      check(modelo, (xml) => xml),
      none,
    );
    assert.deepEqual(
      check(modelo, () => (modelo === '55' ? NFE : NFCE)),
      none,
    );
    assert.deepEqual(
      check(modelo, (xml) => xml.replaceAll('><', '>\n  <')),
      none,
    );
  });
}

test('What may change is listed with both values; only what is printed asks for another DANFE', () => {
  const path = 'infNFe/det[2]/prod';
  const second = (xml: string, from: string, to: string) => {
    const at = xml.indexOf(from, xml.indexOf('nItem="2"'));
    return xml.slice(0, at) + to + xml.slice(at + from.length);
  };
  const ncm = (xml: string) => second(xml, '<NCM>73181500</NCM>', '<NCM>73181600</NCM>');
  const mudancas = [{ path: `${path}/NCM`, de: '73181500', para: '73181600' }];
  assert.deepEqual(check('55', ncm), { ok: true, danfeAlterado: true, mudancas });
  assert.deepEqual(check('65', ncm), { ok: true, danfeAlterado: false, mudancas });
  assert.deepEqual(
    check('55', (xml) => second(xml, '<CFOP>', '<CEST>1000100</CEST><CFOP>')),
    { ok: true, danfeAlterado: false, mudancas: [{ path: `${path}/CEST`, para: '1000100' }] },
  );
  assert.deepEqual(
    check('55', (xml) => xml.replace('<fone>1133334444</fone>', '')),
    { ok: true, danfeAlterado: true, mudancas: [{ path: 'infNFe/emit/enderEmit/fone', de: '1133334444' }] },
  );
  assert.deepEqual(
    check('65', (xml) => xml.replace('Pedido 4711', 'Pedido 4712')),
    { ok: true, danfeAlterado: true, mudancas: [{ path: 'infNFe/infAdic/infCpl', de: 'Pedido 4711', para: 'Pedido 4712' }] },
  );
});

test('Another CST may bring another group, as long as bases, rates and values are the same', () => {
  const group = (xml: string, to: string, cst: string) =>
    xml.replace('<ICMS00><orig>0</orig><CST>00</CST>', `<${to}><orig>0</orig><CST>${cst}</CST>`).replace('</ICMS00>', `</${to}>`);
  assert.deepEqual(
    check('55', (xml) => group(xml, 'ICMS90', '90')),
    {
      ok: true,
      danfeAlterado: true,
      mudancas: [
        { path: 'infNFe/det[1]/imposto/ICMS', de: 'ICMS00', para: 'ICMS90' },
        { path: 'infNFe/det[1]/imposto/ICMS/ICMS00/CST', de: '00', para: '90' },
      ],
    },
  );
  const [fault] = faultsOf(
    check('55', (xml) => group(xml, 'ICMS20', '20').replace('<modBC>3</modBC>', '<modBC>3</modBC><pRedBC>10.00</pRedBC>')),
  );
  assert.equal(fault?.path, 'infNFe/det[1]/imposto/ICMS/ICMS20/pRedBC');
});

const REFUSED: [string, string, RegExp | string, string, string][] = [
  ['the série', 'COR-001', '<serie>1<', '<serie>2<', 'infNFe/ide/serie'],
  ['the number', 'COR-001', '<nNF>41<', '<nNF>42<', 'infNFe/ide/nNF'],
  ['cNF', 'COR-001', '<cNF>58203917<', '<cNF>58203918<', 'infNFe/ide/cNF'],
  ['tpEmis', 'COR-001', '<tpEmis>4<', '<tpEmis>1<', 'infNFe/ide/tpEmis'],
  ['dhEmi', 'COR-001', 'T10:00:00-03:00</dhEmi>', 'T10:00:01-03:00</dhEmi>', 'infNFe/ide/dhEmi'],
  ['dhCont', 'COR-001', 'T09:58:00-03:00</dhCont>', 'T09:59:00-03:00</dhCont>', 'infNFe/ide/dhCont'],
  ['cUF', 'COR-001', '<cUF>35<', '<cUF>33<', 'infNFe/ide/cUF'],
  ['tpAmb', 'COR-001', '<tpAmb>2<', '<tpAmb>1<', 'infNFe/ide/tpAmb'],
  ['the model', 'COR-001', '<mod>55<', '<mod>65<', 'infNFe/ide/mod'],
  ['the emitente', 'COR-001', '<CNPJ>12345678000195<', '<CNPJ>12345678000276<', 'infNFe/emit/CNPJ'],
  ['its IE', 'COR-002', '<IE>110042490114<', '<IE>110042490115<', 'infNFe/emit/IE'],
  ['the IE of the destinatário', 'COR-002', '<IE>110042490223</IE>', '', 'infNFe/dest/IE'],
  ['its UF', 'COR-002', /<UF>SP(?=<\/UF>.*<\/enderDest>)(?!.*<enderDest>)/s, '<UF>RJ', 'infNFe/dest/enderDest/UF'],
  ['the direction', 'COR-002', '<tpNF>1<', '<tpNF>0<', 'infNFe/ide/tpNF'],
  ['a quantity', 'COR-003', '<qCom>2.0000<', '<qCom>2.0001<', 'infNFe/det[1]/prod/qCom'],
  ['a unit', 'COR-003', '<uCom>UN<', '<uCom>CX<', 'infNFe/det[1]/prod/uCom'],
  ['a rate', 'COR-003', '<pICMS>18.00<', '<pICMS>12.00<', 'infNFe/det[1]/imposto/ICMS/ICMS00/pICMS'],
  ['a total added', 'COR-003', '<vOutro>0.00</vOutro>', '<vOutro>0.00</vOutro><vTotTrib>1.00</vTotTrib>', 'infNFe/total/ICMSTot/vTotTrib'],
  ['a date added', 'COR-004', '</dhEmi>', '</dhEmi><dhSaiEnt>2026-11-21T11:00:00-03:00</dhSaiEnt>', 'infNFe/ide/dhSaiEnt'],
  ['a field in neither list', 'COR-005', '<finNFe>1<', '<finNFe>4<', 'infNFe/ide/finNFe'],
  ['a field of no layout', 'COR-005', '<CFOP>', '<xNovo>a</xNovo><CFOP>', 'infNFe/det[1]/prod/xNovo'],
  ['a field of another namespace', 'COR-005', '<CFOP>', '<NVE xmlns="urn:x">AA0001</NVE><CFOP>', 'infNFe/det[1]/prod/{urn:x}NVE'],
  ['an attribute of no layout', 'COR-005', '<prod>', '<prod a="1">', 'infNFe/det[1]/prod/@a'],
  ['the number of an item', 'COR-001', 'nItem="2"', 'nItem="4"', 'infNFe/det[2]/@nItem'],
  ['a part of no layout', 'COR-005', '</infNFe>', '</infNFe><outro/>', 'NFe/outro'],
  ['a signature', 'COR-006', '</infNFe>', '</infNFe><Signature xmlns="http://www.w3.org/2000/09/xmldsig#"/>', 'NFe/Signature'],
];

for (const [what, code, from, to, path] of REFUSED) {
  test(`Refused by ${code}: ${what}`, () => {
    const faults = faultsOf(check('55', (xml) => xml.replace(from, to)));
    assert.deepEqual(
      faults.map((f) => [f.code, f.path]),
      [[code, path]],
    );
    assert.ok(faults[0]?.norm);
  });
}

test('A refusal names field, both values, rule and remedy', () => {
  assert.equal(
    faultsOf(check('55', (xml) => xml.replace('<cNF>58203917<', '<cNF>58203918<')))[0]?.message,
    'infNFe/ide/cNF é "58203917" na nota emitida e é "58203918" na correção: identifica a nota já entregue ao destinatário, e a chave de ' +
      'acesso tem de ser a mesma. Mantenha o da nota emitida ou retire o campo, que é completado aqui.',
  );
  assert.equal(
    faultsOf(check('55', (xml) => xml.replace('<finNFe>1<', '<finNFe>4<')))[0]?.message,
    'infNFe/ide/finNFe é "1" na nota emitida e é "4" na correção: o campo não está entre os que a correção de uma nota em contingência ' +
      'pode mudar. Mantenha o da nota emitida.',
  );
});

test('A consumer may be neither added nor exchanged; a new item and a lost one are refused', () => {
  const other = faultsOf(check('65', (xml) => xml.replace('52998224725', '11144477735')));
  assert.deepEqual(
    other.map((f) => [f.code, f.path]),
    [['COR-002', 'infNFe/dest/CPF']],
  );
  const gone = faultsOf(check('65', (xml) => xml.replace(/<dest>.*<\/dest>/s, '')));
  assert.ok(gone.some((f) => f.path === 'infNFe/dest/CPF' && f.message.includes('não existe na correção')));
  const lost = faultsOf(check('65', (xml) => xml.replace(/<det nItem="3">.*?<\/det>/s, '')));
  assert.ok(lost.some((f) => f.path === 'infNFe/det[3]/prod/vProd'));
  const twice = faultsOf(check('65', (xml) => xml.replace('<vNF>', '<vNF>1.00</vNF><vNF>')));
  assert.ok(twice.some((f) => f.path === 'infNFe/total/ICMSTot/vNF[2]'));
});

test('The name is who the destinatário is when no document says it', () => {
  const foreign = (xml: string) => xml.replace(/<dest><CNPJ>\d+<\/CNPJ>/, '<dest><idEstrangeiro/>').replace('<IE>110042490223</IE>', '');
  const { unsigned, emitida } = issue(foreign(NFE), '4');
  const renamed = (xml: string) => parseXml(xml.replace(/(<dest>.*?<xNome>)[^<]*/s, '$1Outra Pessoa'));
  const [fault] = faultsOf(checkCorrecao({ emitida, corrigida: renamed(unsigned), modelo: '55' }));
  assert.deepEqual([fault?.code, fault?.path], ['COR-002', 'infNFe/dest/xNome']);
  const known = checkCorrecao({ emitida: ISSUED['55'].emitida, corrigida: renamed(ISSUED['55'].unsigned), modelo: '55' });
  assert.ok(known.ok && known.danfeAlterado && known.mudancas.length === 1);
});

test('The same value written in another way is a change, not another value', () => {
  assert.deepEqual(
    check('55', (xml) => xml.replace('<qCom>2.0000<', '<qCom>2.00<')),
    { ok: true, danfeAlterado: true, mudancas: [{ path: 'infNFe/det[1]/prod/qCom', de: '2.0000', para: '2.00' }] },
  );
  for (const other of ['20000', '2.0000000001', '-2', '', '2e0']) {
    assert.equal(faultsOf(check('55', (xml) => xml.replace('<qCom>2.0000<', `<qCom>${other}<`)))[0]?.code, 'COR-003', other);
  }
});

test('An off-line QR v2 bears the digest of the note: any change asks for another DANFE', () => {
  const { unsigned, emitida } = ISSUED['65'];
  const supplement = (p: string) =>
    parseXml(emitida.text.replace('</infNFe>', `</infNFe><infNFeSupl><qrCode><![CDATA[http://h/q?p=${p}]]></qrCode></infNFeSupl>`));
  const danfe = (p: string, to: string) => {
    const corrigida = parseXml(unsigned.replace('<NCM>73181500<', `<NCM>${to}<`));
    const result = checkCorrecao({ emitida: supplement(p), corrigida, modelo: '65' });
    assert.ok(result.ok);
    return result.danfeAlterado;
  };
  assert.equal(danfe('chave|2|2|21|63.00|ab12|1|CD34', '73181600'), true);
  assert.equal(danfe('chave|2|2|21|63.00|ab12|1|CD34', '73181500'), false);
  assert.equal(danfe('chave|2|2|1|CD34', '73181600'), false);
  assert.equal(danfe('chave|3|2|21|63.00|2|52998224725|sign', '73181600'), false);
});

test('Another document is refused with at most 100 faults; an issued note of another model is the caller’s mistake', () => {
  const many = sampleNfe({ ...NOTE, numero: 42, itens: 40, precoCentavos: 99 });
  assert.equal(faultsOf(check('55', () => many)).length, 100);
  assert.equal(faultsOf(check('55', (xml) => xml.replaceAll('portalfiscal.inf.br/nfe', 'x'))).at(0)?.code, 'EMI-002');
  const { emitida } = ISSUED['55'];
  assert.throws(() => checkCorrecao({ emitida, corrigida: emitida, modelo: '65' }), RangeError);
});

test('No field is both protected and allowed', () => {
  const allowed = PERMITIDOS.flatMap((p) => p.campos);
  assert.equal(new Set(allowed).size, allowed.length);
  const both = allowed.filter((campo) => PROTEGIDOS.some((p) => p.campos.includes(campo) || p.nomes?.test(campo.split('/').at(-1) ?? '')));
  assert.deepEqual(both, []);
});

test('Property: whatever field changes alone is refused by its path, or allowed by the list and reported', () => {
  const allowed = new Set(PERMITIDOS.flatMap((p) => p.campos));
  for (const modelo of ['55', '65'] as const) {
    const { unsigned } = ISSUED[modelo];
    const inf = parseXml(unsigned).root.children[0];
    assert.ok(inf);
    const places: XmlElement[] = [];
    const walk = (e: XmlElement): void => {
      if (e.children.length === 0) places.push(e);
      for (const c of e.children) walk(c);
    };
    walk(inf);
    // Both in document order; attributes and names of groups have no text of their own.
    const fields = [...noteFields(inf).values()].filter((f) => !f.campo.includes('@') && !f.campo.includes('#'));
    assert.equal(fields.length, places.length);
    const leaves = fields.map((field, i) => ({ field, place: places[i] as XmlElement }));
    fc.assert(
      fc.property(fc.constantFrom(...leaves), fc.stringMatching(/^[1-9A-Z][0-9A-Za-z]{0,12}$/), ({ field, place }, value) => {
        fc.pre(value !== field.text && Number(value) !== Number(field.text));
        const result = check(modelo, (xml) => xml.slice(0, place.openEnd) + value + xml.slice(place.closeStart));
        if (result.ok) {
          assert.ok(allowed.has(field.campo), field.campo);
          assert.deepEqual(result.mudancas, [{ path: field.path, de: field.text, para: value }]);
        } else {
          assert.ok(!allowed.has(field.campo), field.campo);
          assert.equal(result.faults.length, 1);
          const [fault] = result.faults;
          assert.equal(fault?.path, field.path);
          assert.ok(fault?.message.includes(`"${value}"`) && fault.message.includes(field.text.slice(0, 60)));
        }
      }),
      { numRuns: 400 },
    );
  }
});
