import { sampleNfe } from '@malote/testkit/sample-nfe';

const ALGORITHM = 'http://www.w3.org/2000/09/xmldsig#';
const C14N = 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315';

/** A sample NF-e with everything that the XSD asks for; the signature has the right form and wrong values. */
export function completeNfe({
  cnpj = '11222333000181',
  itens = 1,
  numero = 7,
}: {
  cnpj?: string;
  itens?: number;
  numero?: number;
} = {}): string {
  const chave = `352611${cnpj}55001${String(numero).padStart(9, '0')}1876543210`;
  return sampleNfe({ cnpj, numero, itens, dhEmi: '2026-11-21T10:00:00-03:00', cNF: '87654321', tpEmis: '1' })
    .replace('<infNFe versao="4.00">', `<infNFe versao="4.00" Id="NFe${chave}">`)
    .replace('<tpAmb>', '<cDV>0</cDV><tpAmb>')
    .replace('</infNFe>', `</infNFe>${signature(`NFe${chave}`)}`);
}

/** A ds:Signature of the form that the NF-e asks for, with values that sign nothing. */
export function signature(id: string): string {
  return (
    `<Signature xmlns="${ALGORITHM}"><SignedInfo><CanonicalizationMethod Algorithm="${C14N}"/><SignatureMethod Algorithm="${ALGORITHM}rsa-sha1"/>` +
    `<Reference URI="#${id}"><Transforms><Transform Algorithm="${ALGORITHM}enveloped-signature"/><Transform Algorithm="${C14N}"/></Transforms>` +
    `<DigestMethod Algorithm="${ALGORITHM}sha1"/><DigestValue>AAAAAAAAAAAAAAAAAAAAAAAAAAA=</DigestValue></Reference></SignedInfo>` +
    '<SignatureValue>AAAA</SignatureValue><KeyInfo><X509Data><X509Certificate>AAAA</X509Certificate></X509Data></KeyInfo></Signature>'
  );
}
