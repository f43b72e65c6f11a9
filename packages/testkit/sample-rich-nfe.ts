import type { SampleProcOptions } from './sample-proc.ts';

const IPI = '<IPI><cEnq>999</cEnq><IPITrib><CST>50</CST><vBC>21.00</vBC><pIPI>5.00</pIPI><vIPI>1.05</vIPI></IPITrib></IPI>';
const REFORM =
  '<IS><CSTIS>000</CSTIS><cClassTribIS>000001</cClassTribIS><vBCIS>21.00</vBCIS><pIS>1.5000</pIS><vIS>0.32</vIS></IS>' +
  '<IBSCBS><CST>000</CST><cClassTrib>000001</cClassTrib><gIBSCBS><vBC>20.68</vBC><gIBSUF><pIBSUF>0.1000</pIBSUF><vIBSUF>0.02</vIBSUF></gIBSUF>' +
  '<gIBSMun><pIBSMun>0.0000</pIBSMun><vIBSMun>0.00</vIBSMun></gIBSMun><vIBS>0.02</vIBS><gCBS><pCBS>0.9000</pCBS>' +
  '<gRed><pRedAliq>60.0000</pRedAliq><pAliqEfet>0.3600</pAliqEfet></gRed><vCBS>0.07</vCBS></gCBS></gIBSCBS></IBSCBS>';
export const REFORM_TOTALS =
  '<ISTot><vIS>0.32</vIS></ISTot><IBSCBSTot><vBCIBSCBS>20.68</vBCIBSCBS><gIBS><gIBSUF><vDif>0.00</vDif><vDevTrib>0.00</vDevTrib>' +
  '<vIBSUF>0.02</vIBSUF></gIBSUF><gIBSMun><vDif>0.00</vDif><vDevTrib>0.00</vDevTrib><vIBSMun>1234.56</vIBSMun></gIBSMun><vIBS>0.02</vIBS>' +
  '<vCredPres>0.00</vCredPres><vCredPresCondSus>0.00</vCredPresCondSus></gIBS><gCBS><vDif>0.00</vDif><vDevTrib>0.00</vDevTrib><vCBS>98765.43</vCBS><vCredPres>0.00</vCredPres><vCredPresCondSus>0.00</vCredPresCondSus></gCBS>' +
  '<gMono><vIBSMono>11.11</vIBSMono><vCBSMono>22.22</vCBSMono><vIBSMonoReten>33.33</vIBSMonoReten><vCBSMonoReten>44.44</vCBSMonoReten>' +
  '<vIBSMonoRet>0.00</vIBSMonoRet><vCBSMonoRet>0.00</vCBSMonoRet></gMono></IBSCBSTot>';

const VOL = (n: number) =>
  `<vol><qVol>${n * 10}</qVol><esp>CAIXAS</esp><marca>EXEMPLO</marca><nVol>${n}A</nVol><pesoL>${n}10.500</pesoL><pesoB>${n}12.250</pesoB>` +
  `<lacres><nLacre>LAC${n}</nLacre></lacres></vol>`;

export const TRANSPORT =
  '<transp><modFrete>0</modFrete><transporta><CNPJ>11222333000181</CNPJ><xNome>Transportes Rápidos do Sul Ltda</xNome><IE>110042490114</IE>' +
  '<xEnder>Rodovia Anhanguera, km 25, galpão 7</xEnder><xMun>Campinas</xMun><UF>SP</UF></transporta>' +
  '<veicTransp><placa>ABC1D23</placa><UF>SP</UF><RNTC>12345678</RNTC></veicTransp><reboque><placa>XYZ9K87</placa><UF>PR</UF></reboque>' +
  `${VOL(1)}${VOL(2)}</transp>`;

export const duplicatas = (count: number): string =>
  `<cobr><fat><nFat>FAT-4711</nFat><vOrig>1210.00</vOrig><vDesc>10.00</vDesc><vLiq>1200.00</vLiq></fat>${Array.from(
    { length: count },
    (_, i) =>
      `<dup><nDup>${String(i + 1).padStart(3, '0')}</nDup><dVenc>2027-01-${String((i % 28) + 1).padStart(2, '0')}</dVenc><vDup>${100 + i}.00</vDup></dup>`,
  ).join('')}</cobr>`;

/** Every block of the first sheet. */
export function richOptions(over: SampleProcOptions = {}): SampleProcOptions {
  return {
    itens: 3,
    infCpl: 'Pedido 4711. Entregar das 8 às 17 h, na doca 3; falar com D. Conceição. Títulos em carteira.',
    replace: [
      [/<PIS>/g, () => `${IPI}<PIS>`],
      [/<\/imposto>/g, () => `${REFORM}</imposto>`],
      [
        '</ICMSTot></total>',
        `</ICMSTot><ISSQNtot><vServ>500.00</vServ><vBC>480.00</vBC><vISS>24.00</vISS><dCompet>2026-11-21</dCompet></ISSQNtot>${REFORM_TOTALS}</total>`,
      ],
      ['<transp><modFrete>9</modFrete></transp>', `${TRANSPORT}${duplicatas(4)}`],
      ['<infAdic>', '<infAdic><infAdFisco>FCP ST total R$ 12,34; base 100,00</infAdFisco>'],
      ['<tpNF>', '<dhSaiEnt>2026-11-22T08:30:00-03:00</dhSaiEnt><tpNF>'],
      ['<CRT>', '<IEST>110042490999</IEST><IM>123456-7</IM><CNAE>4744001</CNAE><CRT>'],
      [/<vFrete>0.00/, '<vFrete>15.50'],
      ...(over.replace ?? []),
    ],
    ...Object.fromEntries(Object.entries(over).filter(([name]) => name !== 'replace')),
  };
}
