/** What varies in the example: the company, the number, the instant, and the random digits of the key. */
export interface ExampleNfe {
  cnpj: string;
  serie: string;
  numero: string;
  cNF: string;
  dhEmi: string;
}

/** A small complete NF-e in homologação as an ERP sends it, for the API description. Accepted and authorised: e2e/schemathesis.e2e.test.ts. */
export function exampleNfe({ cnpj, serie, numero, cNF, dhEmi }: ExampleNfe): string {
  return `<NFe xmlns="http://www.portalfiscal.inf.br/nfe">
  <infNFe versao="4.00">
    <ide>
      <cUF>35</cUF>
      <cNF>${cNF}</cNF>
      <natOp>Venda de mercadoria</natOp>
      <mod>55</mod>
      <serie>${serie}</serie>
      <nNF>${numero}</nNF>
      <dhEmi>${dhEmi}</dhEmi>
      <tpNF>1</tpNF>
      <idDest>1</idDest>
      <cMunFG>3550308</cMunFG>
      <tpImp>1</tpImp>
      <tpEmis>1</tpEmis>
      <tpAmb>2</tpAmb>
      <finNFe>1</finNFe>
      <indFinal>0</indFinal>
      <indPres>9</indPres>
      <indIntermed>0</indIntermed>
      <procEmi>0</procEmi>
      <verProc>Exemplo 1.0</verProc>
    </ide>
    <emit>
      <CNPJ>${cnpj}</CNPJ>
      <xNome>Comercial Exemplo Ltda</xNome>
      <enderEmit>
        <xLgr>Rua da Praça</xLgr>
        <nro>100</nro>
        <xBairro>Centro</xBairro>
        <cMun>3550308</cMun>
        <xMun>São Paulo</xMun>
        <UF>SP</UF>
        <CEP>01001000</CEP>
        <cPais>1058</cPais>
        <xPais>BRASIL</xPais>
      </enderEmit>
      <IE>110042490114</IE>
      <CRT>3</CRT>
    </emit>
    <dest>
      <CNPJ>10900001000146</CNPJ>
      <xNome>NF-E EMITIDA EM AMBIENTE DE HOMOLOGACAO - SEM VALOR FISCAL</xNome>
      <enderDest>
        <xLgr>Avenida Central</xLgr>
        <nro>S/N</nro>
        <xBairro>Jardim América</xBairro>
        <cMun>3550308</cMun>
        <xMun>São Paulo</xMun>
        <UF>SP</UF>
        <CEP>01001000</CEP>
        <cPais>1058</cPais>
        <xPais>BRASIL</xPais>
      </enderDest>
      <indIEDest>1</indIEDest>
      <IE>110042490223</IE>
    </dest>
    <det nItem="1">
      <prod>
        <cProd>P0001</cProd>
        <cEAN>SEM GTIN</cEAN>
        <xProd>Parafuso de aço</xProd>
        <NCM>73181500</NCM>
        <CFOP>5102</CFOP>
        <uCom>UN</uCom>
        <qCom>2.0000</qCom>
        <vUnCom>10.50</vUnCom>
        <vProd>21.00</vProd>
        <cEANTrib>SEM GTIN</cEANTrib>
        <uTrib>UN</uTrib>
        <qTrib>2.0000</qTrib>
        <vUnTrib>10.50</vUnTrib>
        <indTot>1</indTot>
      </prod>
      <imposto>
        <ICMS>
          <ICMS00>
            <orig>0</orig>
            <CST>00</CST>
            <modBC>3</modBC>
            <vBC>21.00</vBC>
            <pICMS>18.00</pICMS>
            <vICMS>3.78</vICMS>
          </ICMS00>
        </ICMS>
        <PIS>
          <PISAliq>
            <CST>01</CST>
            <vBC>21.00</vBC>
            <pPIS>1.65</pPIS>
            <vPIS>0.35</vPIS>
          </PISAliq>
        </PIS>
        <COFINS>
          <COFINSAliq>
            <CST>01</CST>
            <vBC>21.00</vBC>
            <pCOFINS>7.60</pCOFINS>
            <vCOFINS>1.60</vCOFINS>
          </COFINSAliq>
        </COFINS>
      </imposto>
    </det>
    <total>
      <ICMSTot>
        <vBC>21.00</vBC>
        <vICMS>3.78</vICMS>
        <vICMSDeson>0.00</vICMSDeson>
        <vFCP>0.00</vFCP>
        <vBCST>0.00</vBCST>
        <vST>0.00</vST>
        <vFCPST>0.00</vFCPST>
        <vFCPSTRet>0.00</vFCPSTRet>
        <vProd>21.00</vProd>
        <vFrete>0.00</vFrete>
        <vSeg>0.00</vSeg>
        <vDesc>0.00</vDesc>
        <vII>0.00</vII>
        <vIPI>0.00</vIPI>
        <vIPIDevol>0.00</vIPIDevol>
        <vPIS>0.35</vPIS>
        <vCOFINS>1.60</vCOFINS>
        <vOutro>0.00</vOutro>
        <vNF>21.00</vNF>
      </ICMSTot>
    </total>
    <transp>
      <modFrete>9</modFrete>
    </transp>
    <pag>
      <detPag>
        <indPag>0</indPag>
        <tPag>01</tPag>
        <vPag>21.00</vPag>
      </detPag>
    </pag>
  </infNFe>
</NFe>`;
}
