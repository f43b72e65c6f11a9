import { printDanfe } from '@malote/danfe/print-danfe';
import { buildChave } from '@malote/fiscal/chave/chave-acesso';
import { sampleNfce } from '@malote/testkit/sample-nfce';
import { sampleNfe } from '@malote/testkit/sample-nfe';

/** Documents printed a second on one thread, from the XML to the bytes of the PDF. */
const WINDOW_MS = 2_000;
const WINDOWS = 3;

const BASE = {
  cnpj: '11222333000181',
  numero: 4711,
  dhEmi: '2026-11-21T10:00:00-03:00',
  tpAmb: '1',
  tpEmis: '1',
  cNF: '12873465',
} as const;

function proc(nfe: string, modelo: '55' | '65'): string {
  const chave = buildChave({
    cUF: '35',
    aamm: '2611',
    documento: BASE.cnpj,
    modelo,
    serie: '1',
    numero: '4711',
    tpEmis: '1',
    cNF: BASE.cNF,
  });
  const supl =
    modelo === '65'
      ? `<infNFeSupl><qrCode>https://www.nfce.fazenda.sp.gov.br/qrcode?p=${chave}|3|1</qrCode><urlChave>https://www.nfce.fazenda.sp.gov.br</urlChave></infNFeSupl>`
      : '';
  const prot = `<protNFe versao="4.00"><infProt><nProt>135260000012345</nProt><dhRecbto>2026-11-21T10:00:05-03:00</dhRecbto><cStat>100</cStat></infProt></protNFe>`;
  const signed = nfe.replace('<infNFe versao="4.00">', `<infNFe versao="4.00" Id="NFe${chave}">`).replace('</infNFe>', `</infNFe>${supl}`);
  return `<nfeProc xmlns="http://www.portalfiscal.inf.br/nfe" versao="4.00">${signed}${prot}</nfeProc>`;
}

const DOCUMENTS: [name: string, xml: string][] = [
  ...[1, 25, 60, 990].map((itens): [string, string] => [`NF-e of ${itens}`, proc(sampleNfe({ ...BASE, itens }), '55')]),
  ['NFC-e of 3, 80 mm', proc(sampleNfce({ ...BASE, itens: 3 }), '65')],
];

function perSecond(xml: string): number {
  const started = performance.now();
  let count = 0;
  do {
    printDanfe(xml);
    count++;
  } while (performance.now() - started < WINDOW_MS);
  return (count * 1000) / (performance.now() - started);
}

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] as number;

process.stdout.write(
  `${'document'.padEnd(20)}${'XML kB'.padStart(8)}${'PDF kB'.padStart(8)}${'per second'.padStart(12)}${'peak RSS MB'.padStart(13)}\n`,
);
for (const [name, xml] of DOCUMENTS) {
  const bytes = printDanfe(xml).length;
  perSecond(xml);
  const speed = median(Array.from({ length: WINDOWS }, () => perSecond(xml)));
  const columns = [(xml.length / 1000).toFixed(1), (bytes / 1000).toFixed(1)].map((text) => text.padStart(8)).join('');
  const rss = (process.resourceUsage().maxRSS / 1024).toFixed(0);
  process.stdout.write(`${name.padEnd(20)}${columns}${speed.toFixed(speed < 10 ? 1 : 0).padStart(12)}${rss.padStart(13)}\n`);
}
