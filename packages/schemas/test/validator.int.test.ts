import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { type Catalog, openCatalog } from '../catalog.ts';
import { createValidator, type Validator } from '../validator.ts';
import { completeNfe, signature } from './complete-nfe.ts';
import { schemasForTests } from './schemas-dir.ts';

const NS = 'xmlns="http://www.portalfiscal.inf.br/nfe"';
const CHAVE = '3526111122233300018155001000000007187654321'.padEnd(44, '0');
const ALFA = '12ABC34501DE35';
const CHAVE_ALFA = `352611${ALFA}550010000000071876543210`;

let catalog: Catalog;
let validator: Validator;

before(async () => {
  catalog = openCatalog(await schemasForTests());
  validator = createValidator(catalog);
});
after(() => validator.dispose());

const check = (xml: string, root: string, more: { familia?: string; versao?: string; conjunto?: string } = {}) =>
  validator.validate(xml, { familia: 'nfe', root, versao: '4.00', ambiente: '2', date: new Date('2026-11-21'), ...more });

test('every schema of the base pack compiles', () => {
  const all = catalog.all();
  assert.equal(all.length, 199);
  const failures = all.flatMap((file) => {
    try {
      validator.compile(file);
      return [];
    } catch (error) {
      return [`${file.id}: ${error}`];
    }
  });
  validator.dispose();
  assert.deepEqual(failures, []);
});

const proc = (nfe: string, chave: string) =>
  `<nfeProc versao="4.00" ${NS}>${nfe}<protNFe versao="4.00"><infProt><tpAmb>2</tpAmb><verAplic>SVRS202611</verAplic><chNFe>${chave}</chNFe>` +
  '<dhRecbto>2026-11-21T10:00:01-03:00</dhRecbto><nProt>135260000000001</nProt><digVal>AAAAAAAAAAAAAAAAAAAAAAAAAAA=</digVal>' +
  '<cStat>100</cStat><xMotivo>Autorizado o uso da NF-e</xMotivo></infProt></protNFe></nfeProc>';
const evento = (chave: string, cnpj: string) =>
  `<envEvento versao="1.00" ${NS}><idLote>1</idLote><evento versao="1.00"><infEvento Id="ID110111${chave}01"><cOrgao>35</cOrgao><tpAmb>2</tpAmb>` +
  `<CNPJ>${cnpj}</CNPJ><chNFe>${chave}</chNFe><dhEvento>2026-11-21T10:00:00-03:00</dhEvento><tpEvento>110111</tpEvento><nSeqEvento>1</nSeqEvento>` +
  '<verEvento>1.00</verEvento><detEvento versao="1.00"><descEvento>Cancelamento</descEvento><nProt>135260000000001</nProt>' +
  `<xJust>Pedido desfeito pelo cliente</xJust></detEvento></infEvento>${signature('ID')}</evento></envEvento>`;
const inut = (cnpj: string) =>
  `<inutNFe versao="4.00" ${NS}><infInut Id="ID3526${cnpj}55001000000001000000009"><tpAmb>2</tpAmb><xServ>INUTILIZAR</xServ><cUF>35</cUF><ano>26</ano>` +
  `<CNPJ>${cnpj}</CNPJ><mod>55</mod><serie>1</serie><nNFIni>1</nNFIni><nNFFin>9</nNFFin><xJust>Numeros pulados pelo sistema</xJust></infInut>${signature('ID')}</inutNFe>`;

const CANCEL = { versao: '1.00', conjunto: 'nfe_evento_cancel' };
const valid: [name: string, xml: () => string, root: string, more?: { familia?: string; versao?: string; conjunto?: string }][] = [
  ['an NF-e of one item', () => completeNfe(), 'NFe'],
  ['an NF-e of 60 items', () => completeNfe({ itens: 60 }), 'NFe'],
  ['an NF-e of an alphanumeric CNPJ', () => completeNfe({ cnpj: ALFA }), 'NFe'],
  ['a lote', () => `<enviNFe versao="4.00" ${NS}><idLote>1</idLote><indSinc>1</indSinc>${completeNfe()}</enviNFe>`, 'enviNFe'],
  ['a nfeProc', () => proc(completeNfe(), CHAVE), 'nfeProc'],
  [
    'a consult by key',
    () => `<consSitNFe versao="4.00" ${NS}><tpAmb>2</tpAmb><xServ>CONSULTAR</xServ><chNFe>${CHAVE_ALFA}</chNFe></consSitNFe>`,
    'consSitNFe',
  ],
  [
    'a status request',
    () => `<consStatServ versao="4.00" ${NS}><tpAmb>2</tpAmb><cUF>35</cUF><xServ>STATUS</xServ></consStatServ>`,
    'consStatServ',
  ],
  [
    'a status answer',
    () =>
      `<retConsStatServ versao="4.00" ${NS}><tpAmb>2</tpAmb><verAplic>SVRS1</verAplic><cStat>107</cStat><xMotivo>Servico em Operacao</xMotivo><cUF>35</cUF>` +
      '<dhRecbto>2026-11-21T10:00:00-03:00</dhRecbto></retConsStatServ>',
    'retConsStatServ',
  ],
  ['a cancelamento', () => evento(CHAVE, '11222333000181'), 'envEvento', CANCEL],
  ['a cancelamento of an alphanumeric CNPJ (amended)', () => evento(CHAVE_ALFA, ALFA), 'envEvento', CANCEL],
  ['an inutilização of an alphanumeric CNPJ (amended)', () => inut(ALFA), 'inutNFe'],
];
for (const [name, xml, root, more] of valid) {
  test(`${name} is valid`, () => assert.deepEqual(check(xml(), root, more), []));
}

test('the distribution of each familia is found by its root and version', () => {
  const dist = (familia: string, versao: string) =>
    catalog.find({ familia, root: 'distDFeInt', versao, ambiente: '1', date: new Date('2026-11-21') })?.conjunto;
  assert.deepEqual([dist('nfe', '1.01'), dist('cte', '1.00'), dist('mdfe', '1.00')], ['nfe_dist_dfe', 'cte_dist_dfe', 'mdfe_dist_dfe']);
});

test('the roots that the hub sends and reads are all there', () => {
  for (const root of ['NFe', 'enviNFe', 'retEnviNFe', 'consSitNFe', 'retConsSitNFe', 'consStatServ', 'retConsStatServ', 'nfeProc']) {
    for (const ambiente of ['1', '2'] as const) {
      assert.ok(catalog.find({ familia: 'nfe', root, versao: '4.00', ambiente, date: new Date('2026-11-21') }), root);
    }
  }
});

const wrong: [name: string, change: (xml: string) => string, code: string, path: string, text: RegExp][] = [
  [
    'an NCM of 4 figures in item 2',
    (x) => x.replace(/(nItem="2".*?)<NCM>\d+/s, '$1<NCM>7318'),
    'XSD-PATTERN',
    'NFe/infNFe/det[2]/prod/NCM',
    /^Campo NCM \(item 2\): o valor "7318" não segue o formato exigido \(2 ou 8 algarismos\)/,
  ],
  ['a missing natOp', (x) => x.replace(/<natOp>.*?<\/natOp>/, ''), 'XSD-UNEXPECTED', 'NFe/infNFe/ide/mod', /Aqui cabe natOp/],
  ['no payment', (x) => x.replace(/<pag>.*?<\/pag>/s, ''), 'XSD-UNEXPECTED', 'NFe/infNFe/infAdic', /Aqui cabe um destes: .*pag/],
  ['no signature', (x) => x.replace(/<Signature.*<\/Signature>/s, ''), 'XSD-MISSING', 'NFe', /falta um destes: infNFeSupl, Signature/],
  [
    'a price with a comma',
    (x) => x.replace(/<vProd>[\d.]+/, '<vProd>21,00'),
    'XSD-PATTERN',
    'NFe/infNFe/det[1]/prod/vProd',
    /número com ponto decimal/,
  ],
  ['an unknown tpNF', (x) => x.replace('<tpNF>1', '<tpNF>7'), 'XSD-ENUM', 'NFe/infNFe/ide/tpNF', /"7" não está entre os aceitos: 0, 1\./],
  [
    'the namespace of another system',
    (x) => x.replace('www.portalfiscal.inf.br', 'www.oobj.com.br'),
    'XSD-NAMESPACE',
    'NFe',
    /Corrija o xmlns/,
  ],
];
for (const [name, change, code, path, text] of wrong) {
  test(`an NF-e with ${name} is refused with ${code} at ${path}`, () => {
    const original = completeNfe({ itens: 2 });
    const xml = change(original);
    assert.notEqual(xml, original);
    const faults = check(xml, 'NFe');
    assert.deepEqual(
      faults.map((f) => [f.code, f.path]),
      [[code, path]],
    );
    assert.match(faults[0]?.message ?? '', text);
    assert.equal(faults[0]?.norm, 'nfe_v4.00.xsd (nfelib-3.2.0)');
  });
}

test('memory stays flat over 5,000 valid and 5,000 faulty documents', async () => {
  const good = completeNfe();
  const bad = completeNfe({ cnpj: '1' });
  const run = async (n: number) => {
    for (let i = 0; i < n; i += 1) {
      assert.equal(check(good, 'NFe').length, 0);
      assert.equal(check(bad, 'NFe').length, 2);
      // The wrappers of a finished document are only released between turns of the event loop.
      if (i % 50 === 0) await turn();
    }
    return process.memoryUsage();
  };
  const warm = await run(1000);
  const end = await run(5000);
  assert.ok(end.external - warm.external < 5e6, `the memory of libxml2 grew by ${end.external - warm.external} bytes`);
  assert.ok(end.rss - warm.rss < 60e6, `grew by ${end.rss - warm.rss} bytes`);
});
