import { CAPITAIS, type SampleUf } from './municipios.data.ts';
import { sampleCnpj } from './sample-cnpj.ts';

/** Fixed text of dest/xNome in homologação (MOC, rule E04-10). */
export const HOMOLOGACAO_XNOME = 'NF-E EMITIDA EM AMBIENTE DE HOMOLOGACAO - SEM VALOR FISCAL';

/** Text that stresses escaping, canonicalisation and Latin-1, and is still allowed by the XSD's TString. */
const NASTY_NAME = `D'Água & Irmãos "Açaí" <Ñandú> ÿ>]] Ltda`;
const NASTY_INFO = 'Pedido 7 &lt;b&gt; &amp;amp; &quot;x&quot; &#39;y&#39; &#xE7;&#227;o <![CDATA[<Lote & "série">]]>; a  b ]]&gt; fim';

/** Fixed text of the first item of an NFC-e in homologação (MOC, rejection 373). */
export const HOMOLOGACAO_XPROD = 'NOTA FISCAL EMITIDA EM AMBIENTE DE HOMOLOGACAO - SEM VALOR FISCAL';

export interface SampleNfeOptions {
  /** Makes a model 65: see sample-nfce, which gives it the right recipient too. */
  nfce?: boolean;
  /** Emitter; exactly one of `cnpj` (numeric or alphanumeric) and `cpf`. */
  cnpj?: string;
  cpf?: string;
  uf?: SampleUf;
  razaoSocial?: string;
  /** Emitter's IE; `null` leaves the element out (NT 2026.007: authorised at SVRS). */
  ie?: string | null;
  serie?: number;
  numero: number;
  /** Text with offset as it stands in the XML, or an instant written in the UF's usual offset. */
  dhEmi: string | Date;
  tpAmb?: '1' | '2';
  /** ide/tpEmis; left out unless given. */
  tpEmis?: string;
  /** ide/cNF; left out unless given. */
  cNF?: string;
  tpImp?: string;
  /** dhCont and xJust of a contingency; left out unless given. */
  contingencia?: { dhCont: string; xJust: string };
  /** Number of det elements, 1 to 990. */
  itens?: number;
  /** Price of one unit of the first item in centavos; other items cost a little more. */
  precoCentavos?: number;
  /** `null` leaves the recipient out. */
  dest?: { cnpj?: string; cpf?: string; xNome?: string } | null;
  /** Puts names and texts with entities, CDATA, quotes and Latin-1 letters into the note. */
  nastyText?: boolean;
  infCpl?: string;
  namespace?: 'sefaz' | 'oobj';
  /** Starts with the XML declaration. */
  declaration?: boolean;
  /** Indented, as many ERPs send it. */
  pretty?: boolean;
}

/** `date` as dhEmi in the usual UTC offset of `uf`, e.g. `2026-11-21T19:05:00-03:00`. */
export function dhEmiText(date: Date, uf: SampleUf): string {
  const { offset } = CAPITAIS[uf];
  const hours = Number(offset.slice(0, 3));
  return new Date(date.getTime() + hours * 3_600_000).toISOString().slice(0, 19) + offset;
}

/**
 * An unsigned NF-e 55 (4.00) in the official order of elements, as an ERP sends it: without Id, cNF, cDV, tpEmis and
 * Signature. With those and `versao` added it is valid against leiauteNFe_v4.00.xsd.
 */
export function sampleNfe(options: SampleNfeOptions): string {
  const xmlns = options.namespace === 'oobj' ? 'http://www.oobj.com.br/nfe' : 'http://www.portalfiscal.inf.br/nfe';
  const itens = itemsOf(options);
  const body = `${ide(options)}${emit(options)}${dest(options)}${itens.map(det).join('')}${total(itens)}${closing(options, itens)}`;
  const xml = `<NFe xmlns="${xmlns}"><infNFe versao="4.00">${body}</infNFe></NFe>`;
  return (options.declaration ? '<?xml version="1.0" encoding="UTF-8"?>' : '') + (options.pretty ? indent(xml) : xml);
}

function ide(o: SampleNfeOptions): string {
  const uf = o.uf ?? 'SP';
  const { cUF, cMun } = CAPITAIS[uf];
  const dhEmi = typeof o.dhEmi === 'string' ? o.dhEmi : dhEmiText(o.dhEmi, uf);
  // Sold over the counter to who consumes; NF-e with tpImp 6 (NT 2026.002) is that too.
  const counter = o.nfce || o.tpImp === '6';
  return (
    `<ide>${tag('cUF', cUF)}${optional('cNF', o.cNF)}<natOp>Venda de mercadoria adquirida de terceiros</natOp>` +
    `${tag('mod', o.nfce ? '65' : '55')}${tag('serie', String(o.serie ?? 1))}${tag('nNF', String(o.numero))}${tag('dhEmi', dhEmi)}` +
    `<tpNF>1</tpNF><idDest>1</idDest>${tag('cMunFG', cMun)}${tag('tpImp', o.tpImp ?? (o.nfce ? '4' : '1'))}${optional('tpEmis', o.tpEmis)}` +
    `${tag('tpAmb', o.tpAmb ?? '2')}<finNFe>1</finNFe>` +
    (counter ? '<indFinal>1</indFinal><indPres>1</indPres>' : '<indFinal>0</indFinal><indPres>9</indPres><indIntermed>0</indIntermed>') +
    `<procEmi>0</procEmi><verProc>ERP Exemplo 7.3</verProc>` +
    `${o.contingencia ? tag('dhCont', o.contingencia.dhCont) + tag('xJust', o.contingencia.xJust) : ''}</ide>`
  );
}

function emit(o: SampleNfeOptions): string {
  if ((o.cnpj === undefined) === (o.cpf === undefined)) throw new Error('sampleNfe: give exactly one of cnpj and cpf');
  const uf = o.uf ?? 'SP';
  const place = CAPITAIS[uf];
  const nome = o.razaoSocial ?? (o.nastyText ? NASTY_NAME : 'Comercial Exemplo Ltda');
  return (
    `<emit>${o.cnpj === undefined ? tag('CPF', o.cpf ?? '') : tag('CNPJ', o.cnpj)}${tag('xNome', escapeText(nome))}` +
    `<xFant>Exemplo</xFant><enderEmit><xLgr>Rua da Praça</xLgr><nro>100</nro><xCpl>Sala 2</xCpl><xBairro>Centro</xBairro>` +
    `${tag('cMun', place.cMun)}${tag('xMun', place.xMun)}${tag('UF', uf)}${tag('CEP', place.cep)}` +
    `<cPais>1058</cPais><xPais>BRASIL</xPais><fone>1133334444</fone></enderEmit>` +
    `${o.ie === null ? '' : tag('IE', o.ie ?? '110042490114')}<CRT>3</CRT></emit>`
  );
}

function dest(o: SampleNfeOptions): string {
  if (o.dest === null) return '';
  const uf = o.uf ?? 'SP';
  const place = CAPITAIS[uf];
  const id = o.dest?.cpf === undefined ? tag('CNPJ', o.dest?.cnpj ?? sampleCnpj(900_001)) : tag('CPF', o.dest.cpf);
  const nome = (o.tpAmb ?? '2') === '2' ? HOMOLOGACAO_XNOME : 'Destinatário Exemplo S/A';
  return (
    `<dest>${id}${tag('xNome', escapeText(o.dest?.xNome ?? nome))}<enderDest><xLgr>Avenida Central</xLgr><nro>S/N</nro>` +
    `<xBairro>Jardim América</xBairro>${tag('cMun', place.cMun)}${tag('xMun', place.xMun)}${tag('UF', uf)}${tag('CEP', place.cep)}` +
    `<cPais>1058</cPais><xPais>BRASIL</xPais></enderDest>` +
    `${o.dest?.cpf === undefined ? '<indIEDest>1</indIEDest><IE>110042490223</IE>' : '<indIEDest>9</indIEDest>'}` +
    `<email>compras@exemplo.com.br</email></dest>`
  );
}

/** One item; money in centavos. */
interface Item {
  n: number;
  xProd: string;
  unit: number;
  prod: number;
  icms: number;
  pis: number;
  cofins: number;
}

function itemsOf(o: SampleNfeOptions): Item[] {
  const base = o.precoCentavos ?? 1_050;
  return Array.from({ length: o.itens ?? 1 }, (_, i) => {
    const unit = base + 37 * i;
    const prod = 2 * unit;
    const sentence = i === 0 && o.nfce && (o.tpAmb ?? '2') === '2';
    const xProd = sentence ? HOMOLOGACAO_XPROD : o.nastyText ? `Parafuso 3/8" & porca <M${i + 1}> d'aço` : `Produto de exemplo ${i + 1}`;
    return { n: i + 1, xProd, unit, prod, icms: percent(prod, 18), pis: percent(prod, 1.65), cofins: percent(prod, 7.6) };
  });
}

function det(item: Item): string {
  const code = `P${String(item.n).padStart(4, '0')}`;
  return (
    `<det nItem="${item.n}"><prod>${tag('cProd', code)}<cEAN>SEM GTIN</cEAN>${tag('xProd', escapeText(item.xProd))}<NCM>73181500</NCM>` +
    `<CFOP>5102</CFOP><uCom>UN</uCom><qCom>2.0000</qCom>${tag('vUnCom', money(item.unit))}${tag('vProd', money(item.prod))}` +
    `<cEANTrib>SEM GTIN</cEANTrib><uTrib>UN</uTrib><qTrib>2.0000</qTrib>${tag('vUnTrib', money(item.unit))}<indTot>1</indTot></prod>` +
    `<imposto><ICMS><ICMS00><orig>0</orig><CST>00</CST><modBC>3</modBC>${tag('vBC', money(item.prod))}<pICMS>18.00</pICMS>` +
    `${tag('vICMS', money(item.icms))}</ICMS00></ICMS>` +
    `<PIS><PISAliq><CST>01</CST>${tag('vBC', money(item.prod))}<pPIS>1.65</pPIS>${tag('vPIS', money(item.pis))}</PISAliq></PIS>` +
    `<COFINS><COFINSAliq><CST>01</CST>${tag('vBC', money(item.prod))}<pCOFINS>7.60</pCOFINS>${tag('vCOFINS', money(item.cofins))}` +
    `</COFINSAliq></COFINS></imposto></det>`
  );
}

function total(itens: Item[]): string {
  const sum = (field: 'prod' | 'icms' | 'pis' | 'cofins') => money(itens.reduce((a, item) => a + item[field], 0));
  const values: [string, string?][] = [
    ['vBC', sum('prod')],
    ['vICMS', sum('icms')],
    ...NO_TAX.slice(0, 6),
    ['vProd', sum('prod')],
    ...NO_TAX.slice(6),
    ['vPIS', sum('pis')],
    ['vCOFINS', sum('cofins')],
    ['vOutro'],
    ['vNF', sum('prod')],
  ];
  return `<total><ICMSTot>${values.map(([name, value]) => tag(name, value ?? '0.00')).join('')}</ICMSTot></total>`;
}

/** Totals that stay 0.00: those before vProd, then those after it. */
const NO_TAX: [string][] = [
  ...(['vICMSDeson', 'vFCP', 'vBCST', 'vST', 'vFCPST', 'vFCPSTRet'] as const),
  ...(['vFrete', 'vSeg', 'vDesc', 'vII', 'vIPI', 'vIPIDevol'] as const),
].map((name) => [name]);

function closing(o: SampleNfeOptions, itens: Item[]): string {
  const vNF = money(itens.reduce((a, item) => a + item.prod, 0));
  const infCpl = o.infCpl === undefined ? (o.nastyText ? NASTY_INFO : 'Pedido 4711') : escapeText(o.infCpl);
  return (
    `<transp><modFrete>9</modFrete></transp><pag><detPag><indPag>0</indPag><tPag>01</tPag>${tag('vPag', vNF)}</detPag></pag>` +
    `<infAdic>${tag('infCpl', infCpl)}</infAdic>`
  );
}

const tag = (name: string, content: string) => `<${name}>${content}</${name}>`;
const optional = (name: string, content: string | undefined) => (content === undefined ? '' : tag(name, content));
const money = (centavos: number) => `${Math.floor(centavos / 100)}.${String(centavos % 100).padStart(2, '0')}`;
const percent = (centavos: number, rate: number) => Math.round((centavos * rate) / 100);
const escapeText = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll("'", '&#39;');

/** Line breaks only between two tags: text stays as it is. */
function indent(xml: string): string {
  let depth = 0;
  const lines = xml.replace(/>(?=<(?!!\[CDATA))/g, '>\n').split('\n');
  return lines
    .map((line) => {
      const closes = line.startsWith('</');
      if (closes) depth--;
      const text = '  '.repeat(depth) + line;
      if (!closes && !/<\/[^>]+>$/.test(line)) depth++;
      return text;
    })
    .join('\n');
}
