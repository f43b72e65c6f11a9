import { cancelamentoOf, sampleEvento } from '@malote/testkit/sample-evento';
import { type SampleProc, type SampleProcOptions, sampleProc } from '@malote/testkit/sample-proc';
import { duplicatas, REFORM_TOTALS, richOptions } from '@malote/testkit/sample-rich-nfe';
import { readLogo } from '../pdf/logo.ts';
import { type DanfeOptions, printDanfe } from '../print-danfe.ts';
import type { FORMS } from './expected-texts.ts';
import { png } from './pictures.ts';

export interface PrintedSample {
  name: string;
  form: keyof typeof FORMS;
  note: SampleProcOptions;
  options?: DanfeOptions | ((sample: SampleProc) => DanfeOptions);
  pages?: number;
  /** Besides the values of the XML. */
  texts?: string[];
  absent?: string[];
  /** Decoded from the first page, in this order whatever zbarimg finds first. */
  codes?: (sample: SampleProc) => string[];
}

const CONT = { contingencia: { dhCont: '2026-11-21T09:00:00-03:00', xJust: 'Falha de comunicação com a SEFAZ autorizadora' } };
const CSOSN = '<ICMSSN102><orig>0</orig><CSOSN>102</CSOSN></ICMSSN102>';
const ICMS10 =
  '<ICMS10><orig>1</orig><CST>10</CST><modBC>3</modBC><vBC>21.00</vBC><pICMS>18.00</pICMS><vICMS>3.78</vICMS><modBCST>4</modBCST><pMVAST>40.00</pMVAST>' +
  '<vBCST>29.40</vBCST><pICMSST>18.00</pICMSST><vICMSST>1.51</vICMSST></ICMS10>';
const simples = (crt: string): SampleProcOptions => ({
  itens: 3,
  replace: [
    [/<ICMS00>.*?<\/ICMS00>/g, CSOSN],
    ['<CRT>3</CRT>', `<CRT>${crt}</CRT>`],
  ],
});
const ABROAD: SampleProcOptions = {
  replace: [
    [
      /<dest>.*<\/dest>/s,
      '<dest><idEstrangeiro>PAS998877</idEstrangeiro><xNome>Ñandú Export &amp; Söhne GmbH</xNome><enderDest><xLgr>Große Straße</xLgr><nro>7</nro><xBairro>Mitte</xBairro><cMun>9999999</cMun><xMun>EXTERIOR</xMun><UF>EX</UF><cPais>0230</cPais><xPais>ALEMANHA</xPais></enderDest><indIEDest>9</indIEDest></dest>',
    ],
    ['</infAdic>', '</infAdic><exporta><UFSaidaPais>SP</UFSaidaPais><xLocExporta>Porto de Santos</xLocExporta></exporta>'],
  ],
};
/** Each word another one, so that a lost line shows. */
export const numbered = (count: number): string =>
  Array.from({ length: count }, (_, i) => `palavra${String(i).padStart(4, '0')}`).join(' ');
const LONG_NAMES: SampleProcOptions = {
  razaoSocial: 'Cooperativa Agroindustrial dos Produtores Reunidos do Alto S',
  itens: 4,
  infAdProd: `Observação do item: ${'número de série ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789; '.repeat(8).trim()}`,
  replace: [
    [/<xProd>[^<]*/g, `<xProd>${'Parafuso sextavado de aço inoxidável '.repeat(3)}M12x80mm`],
    [/<cProd>[^<]*/g, '<cProd>COD-INTERNO-MUITO-LONGO-DO-FABRICANTE-000000000000000000001'],
    ['<xLgr>Rua da Praça</xLgr>', '<xLgr>Avenida Presidente Castelo Branco de Alencar Furtado Gomes</xLgr>'],
    ['<natOp>Venda de mercadoria adquirida de terceiros', '<natOp>Venda de mercadoria adquirida ou recebida de terceiros fora'],
    [/<uCom>UN/g, '<uCom>MILHEI'],
  ],
};
const MANY_DECIMALS: SampleProcOptions = {
  itens: 2,
  replace: [
    [/<qCom>[^<]*/g, '<qCom>12345678.1234'],
    [/<vUnCom>[^<]*/g, '<vUnCom>1234.1234567891'],
    [/<uTrib>UN/g, '<uTrib>KG'],
    [/<vProd>[^<]*/g, '<vProd>15235678901.23'],
    [/<vNF>[^<]*/g, '<vNF>15235678901.23'],
    [/<vBC>[^<]*/g, '<vBC>15235678901.23'],
    [/<vICMS>[^<]*/g, '<vICMS>2742422202.22'],
  ],
};
const PLACES: SampleProcOptions = {
  replace: [
    [
      /<\/dest>/,
      '</dest><retirada><CNPJ>11222333000262</CNPJ><xNome>Armazém Geral Norte</xNome><xLgr>Rua do Porto</xLgr><nro>5</nro><xBairro>Cais</xBairro><cMun>3548500</cMun><xMun>Santos</xMun><UF>SP</UF></retirada><entrega><CNPJ>11222333000343</CNPJ><xNome>Obra do Viaduto</xNome><xLgr>Rodovia BR 116</xLgr><nro>km 12</nro><xBairro>Rural</xBairro><cMun>3525904</cMun><xMun>Jundiaí</xMun><UF>SP</UF></entrega>',
    ],
    ['</ide>', '<NFref><refNFe>35261111222333000181550010000000011111111110</refNFe></NFref></ide>'],
    ['</infAdic>', '<obsCont xCampo="Vendedor"><xTexto>Marília Sá</xTexto></obsCont></infAdic>'],
  ],
};
const LOTS: SampleProcOptions = {
  replace: [
    [
      '</prod>',
      `${Array.from({ length: 120 }, (_, i) => `<rastro><nLote>LT${String(i).padStart(4, '0')}</nLote><qLote>1.000</qLote><dFab>2026-01-01</dFab><dVal>2028-12-31</dVal></rastro>`).join('')}</prod>`,
    ],
  ],
};
const LOGO = readLogo(
  png({ width: 40, height: 30, color: 6, filter: 4, samples: Array.from({ length: 40 * 30 * 4 }, (_, i) => (i * 7) % 256) }),
);
const epecOf = ({ chave }: SampleProc): string => sampleEvento({ tpEvento: '110140', chave, det: '<descEvento>EPEC</descEvento>' });
const key = ({ chave }: SampleProc): string[] => [chave];
const qr = ({ qrCode = '' }: SampleProc): string[] => [qrCode];
/** cUF 35, tpEmis 5, CNPJ, 21,00, ICMS próprio yes, ST no, day 21, check digit. */
const FS_DA = '355109000010001460000000000210012211';
const NO_VALUE = 'SEM VALOR FISCAL';

export const PRINTED_SAMPLES: PrintedSample[] = [
  {
    name: '1 item',
    form: 'a4',
    note: {},
    pages: 1,
    codes: key,
    texts: ['135260000012345', '21/11/2026 10:00:05', 'FOLHA 1/1'],
    absent: [NO_VALUE, 'CANCELADA'],
  },
  { name: '25 items', form: 'a4', note: { itens: 25 }, pages: 1, codes: key },
  { name: '60 items', form: 'a4', note: { itens: 60 }, pages: 2, codes: key },
  { name: '990 items', form: 'a4', note: { itens: 990 }, pages: 18, codes: key, texts: ['FOLHA 18/18'] },
  {
    name: 'every block',
    form: 'a4',
    note: richOptions(),
    pages: 1,
    codes: key,
    texts: ['22/11/2026', '08:30:00', '0 - Remetente (CIF)', '1.234,56'],
  },
  { name: 'every block in landscape', form: 'a4', note: richOptions({ tpImp: '2' }), pages: 1, codes: key },
  { name: '60 items in landscape', form: 'a4', note: { itens: 60, tpImp: '2' }, codes: key },
  {
    name: 'every block from December 2026 with 60 items',
    form: 'a4',
    note: richOptions({ itens: 60, dhEmi: '2026-12-01T00:00:00-03:00' }),
    codes: key,
    texts: ['3 - Regime Normal', 'TIPO REGIME APUR. IBS/CBS'],
  },
  { name: 'SVC-AN', form: 'a4', note: { tpEmis: '6', ...CONT }, codes: key, texts: ['SVC-AN', '21/11/2026 09:00:00'], absent: [NO_VALUE] },
  { name: 'SVC-RS', form: 'a4', note: { tpEmis: '7', ...CONT }, codes: key, texts: ['SVC-RS'] },
  {
    name: 'EPEC that waits for its note',
    form: 'a4',
    note: { tpEmis: '4', cStat: null, ...CONT },
    options: (s) => ({ epec: epecOf(s) }),
    codes: key,
    texts: ['PROTOCOLO DE AUTORIZAÇÃO DO EPEC', '135260000099999', 'EPEC regularmente recebida pela Receita Federal do Brasil'],
    absent: [NO_VALUE, 'Sefaz Autorizadora'],
  },
  {
    name: 'EPEC whose protocol is unknown, of a note that asks for the simplified form',
    form: 'a4',
    note: { tpEmis: '4', tpImp: '3', cStat: null, ...CONT },
    options: { epec: { dhRegistro: '2026-11-21T13:00:01-03:00' } },
    codes: key,
    texts: ['registrado em 21/11/2026 13:00:01', 'EPEC regularmente recebida pela Receita Federal do Brasil'],
    absent: [NO_VALUE],
  },
  {
    name: 'EPEC that was not registered',
    form: 'a4',
    note: { tpEmis: '4', cStat: null, ...CONT },
    texts: [NO_VALUE],
    absent: ['EPEC regularmente recebida'],
  },
  {
    name: 'FS-DA',
    form: 'a4',
    note: { tpEmis: '5', cStat: null, ...CONT },
    codes: (s) => [s.chave, FS_DA],
    texts: ['DADOS DA NF-E', 'DANFE em Contingência - impresso em decorrência de problemas técnicos'],
    absent: [NO_VALUE],
  },
  { name: 'homologação', form: 'a4', note: { tpAmb: '2' }, codes: key, texts: ['EMITIDA EM AMBIENTE DE HOMOLOGAÇÃO - SEM VALOR FISCAL'] },
  {
    name: 'cancelled by an event',
    form: 'a4',
    note: {},
    options: (s) => ({ cancelamento: cancelamentoOf(s.chave) }),
    codes: key,
    texts: ['CANCELADA', '135260000099999', '21/11/2026 15:00:03', '135260000012345'],
    absent: [NO_VALUE],
  },
  { name: 'cancelled in the protocol', form: 'a4', note: { cStat: '101' }, texts: ['CANCELADA'] },
  { name: 'late authorisation', form: 'a4', note: { cStat: '150' }, absent: [NO_VALUE, 'CANCELADA'] },
  { name: 'denied', form: 'a4', note: { cStat: '302' }, texts: ['PROTOCOLO DE DENEGAÇÃO DE USO', 'USO DENEGADO', NO_VALUE] },
  { name: 'without protocol', form: 'a4', note: { cStat: null }, texts: [NO_VALUE] },
  { name: 'preview', form: 'a4', note: {}, options: { previa: true }, texts: ['PRÉVIA', NO_VALUE], absent: ['135260000012345'] },
  { name: 'Simples Nacional', form: 'a4', note: simples('1'), texts: ['0102'], codes: key },
  { name: 'MEI', form: 'a4', note: simples('4'), texts: ['0102'] },
  {
    name: 'substituição tributária',
    form: 'a4',
    note: { itens: 2, replace: [[/<ICMS00>.*?<\/ICMS00>/g, ICMS10]] },
    texts: ['110', 'B. CÁLC.', '29,40', '1,51'],
  },
  { name: 'letters in the CNPJ', form: 'a4', note: { cnpj: 'A1B2C3D4E5F695' }, codes: key },
  { name: 'letters in the CNPJ in landscape', form: 'a4', note: { cnpj: 'A1B2C3D4E5F695', tpImp: '2' }, codes: key },
  {
    name: 'emitter with CPF, without receipt',
    form: 'a4',
    note: { cnpj: undefined, cpf: '12345678909', ie: null },
    options: { semCanhoto: true },
    codes: key,
    absent: ['RECEBEMOS DE'],
  },
  { name: 'customer abroad', form: 'a4', note: ABROAD, texts: ['EXTERIOR - ALEMANHA', 'Porto de Santos'] },
  { name: 'long names', form: 'a4', note: LONG_NAMES, codes: key },
  { name: 'long names in landscape', form: 'a4', note: { ...LONG_NAMES, tpImp: '2' } },
  { name: 'nasty texts', form: 'a4', note: { nastyText: true, itens: 3 } },
  { name: 'prices of ten decimals', form: 'a4', note: MANY_DECIMALS, texts: ['12.345.678,1234', '1.234,1234567891', 'KG'] },
  { name: 'prices of ten decimals in landscape', form: 'a4', note: { ...MANY_DECIMALS, tpImp: '2' } },
  { name: '120 duplicatas', form: 'a4', note: { replace: [['<pag>', `${duplicatas(120)}<pag>`]] } },
  { name: 'places of collection and delivery, references', form: 'a4', note: PLACES, pages: 1 },
  { name: 'infCpl of 5.000 letters', form: 'a4', note: { infCpl: numbered(416) }, codes: key },
  { name: 'infCpl of 5.000 letters with 60 items in landscape', form: 'a4', note: { infCpl: numbered(416), itens: 60, tpImp: '2' } },
  { name: 'an item of 120 lots', form: 'a4', note: LOTS },
  { name: 'logo with alpha', form: 'a4', note: { itens: 2 }, options: { logo: LOGO }, pages: 1 },
  {
    name: 'time of Acre',
    form: 'a4',
    note: { uf: 'AC', dhEmi: '2026-11-20T23:30:00-05:00', dhRecbto: '2026-11-21T01:30:07-03:00' },
    texts: ['20/11/2026 23:30:07'],
  },
  {
    name: 'totals of the reform in landscape',
    form: 'a4',
    note: { tpImp: '2', replace: [['</ICMSTot></total>', `</ICMSTot>${REFORM_TOTALS}</total>`]] },
  },
  {
    name: 'NFC-e 80 mm',
    form: 'cupom',
    note: { nfce: true, itens: 5, dest: { cpf: '12345678909' } },
    pages: 1,
    codes: qr,
    texts: ['CONSUMIDOR CPF: 123.456.789-09', 'Dinheiro', 'https://www.nfce.fazenda.sp.gov.br/consulta', '135260000012345'],
    absent: [NO_VALUE],
  },
  {
    name: 'NFC-e 58 mm',
    form: 'cupom',
    note: { nfce: true, itens: 5 },
    options: { largura: 58 },
    pages: 1,
    codes: qr,
    texts: ['CONSUMIDOR NÃO IDENTIFICADO'],
  },
  { name: 'NFC-e of 100 items on A4', form: 'cupom', note: { nfce: true, itens: 100 }, options: { largura: 210 } },
  {
    name: 'NFC-e off-line',
    form: 'cupom',
    note: { nfce: true, itens: 2, tpEmis: '9', cStat: null, ...CONT },
    pages: 2,
    codes: qr,
    texts: ['EMITIDA EM CONTINGÊNCIA', 'Pendente de autorização', 'Via do Estabelecimento'],
    absent: ['Protocolo'],
  },
  {
    name: 'NFC-e after its EPEC',
    form: 'cupom',
    note: { nfce: true, itens: 2, tpEmis: '4', cStat: null, ...CONT },
    options: (s) => ({ epec: epecOf(s) }),
    pages: 1,
    codes: qr,
    texts: ['DPEC regularmente recebida pela SEFAZ autorizadora', 'Protocolo do EPEC: 135260000099999', '21/11/2026 15:00:03'],
    absent: [NO_VALUE, 'Pendente de autorização'],
  },
  {
    name: 'NFC-e in homologação',
    form: 'cupom',
    note: { nfce: true, tpAmb: '2' },
    codes: qr,
    texts: ['EMITIDA EM AMBIENTE DE HOMOLOGAÇÃO - SEM VALOR FISCAL'],
  },
  {
    name: 'NFC-e cancelled, with logo',
    form: 'cupom',
    note: { nfce: true },
    options: (s) => ({ cancelamento: cancelamentoOf(s.chave), logo: LOGO }),
    codes: qr,
    texts: ['CANCELADA', '135260000099999'],
  },
  { name: 'NFC-e of long names on 58 mm', form: 'cupom', note: { ...LONG_NAMES, nfce: true }, options: { largura: 58 }, codes: qr },
  { name: 'simplificado', form: 'simplificado', note: { tpImp: '3', itens: 4 }, codes: key, pages: 1 },
  {
    name: 'simplificado on 58 mm, bars upright',
    form: 'simplificado',
    note: { tpImp: '3', itens: 2 },
    options: { largura: 58 },
    codes: key,
  },
  {
    name: 'etiqueta with letters in the CNPJ',
    form: 'etiqueta',
    note: { cnpj: 'A1B2C3D4E5F695', itens: 3 },
    options: { formato: 'etiqueta' },
    codes: key,
    texts: ['Etiqueta'],
    absent: ['Produto de exemplo'],
  },
  {
    name: 'etiqueta after an EPEC',
    form: 'etiqueta',
    note: { tpEmis: '4', cStat: null, ...CONT },
    options: (s) => ({ formato: 'etiqueta', epec: epecOf(s) }),
    codes: key,
    texts: ['PROTOCOLO DE AUTORIZAÇÃO DO EPEC', '135260000099999', 'EPEC regularmente recebida pela Receita Federal do Brasil'],
    absent: [NO_VALUE, 'DPEC'],
  },
  {
    name: 'simplificado tipo 2',
    form: 'cupom',
    note: richOptions({ tpImp: '6' }),
    codes: qr,
    texts: ['DANFE Simplificado Tipo 2', '(+) CBS R$', '98.765,43', '(+) IBS R$', '1.234,58', 'Troco'],
  },
];

export function printSample({ note, options }: PrintedSample, drawn: DanfeOptions['drawn']): { sample: SampleProc; pdf: Uint8Array } {
  const sample = sampleProc(note);
  const given = typeof options === 'function' ? options(sample) : options;
  return { sample, pdf: printDanfe(sample.xml, { ...given, drawn }) };
}
