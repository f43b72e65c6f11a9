import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildEnvelope, EnvelopeError, readEnvelope } from './soap.ts';

const NFE = 'http://www.portalfiscal.inf.br/nfe';
const WSDL = `${NFE}/wsdl/NFeAutorizacao4`;
const SOAP12 = 'http://www.w3.org/2003/05/soap-envelope';
const inBody = (content: string, attributes = '') =>
  Buffer.from(
    `<?xml version="1.0" encoding="UTF-8"?><env:Envelope xmlns:env="${SOAP12}"${attributes}><env:Body>${content}</env:Body></env:Envelope>`,
  );

test('the request is fixed text around the XML, without a header, with the action in the media type', () => {
  const { body, contentType } = buildEnvelope({
    wsdl: WSDL,
    operation: 'nfeAutorizacaoLote',
    message: 'nfeDadosMsg',
    xml: '<enviNFe>ção</enviNFe>',
  });
  assert.equal(
    body.toString('utf8'),
    `<?xml version="1.0" encoding="utf-8"?><soap12:Envelope xmlns:soap12="${SOAP12}"><soap12:Body><nfeDadosMsg xmlns="${WSDL}"><enviNFe>ção</enviNFe></nfeDadosMsg></soap12:Body></soap12:Envelope>`,
  );
  assert.equal(contentType, `application/soap+xml; charset=utf-8; action="${WSDL}/nfeAutorizacaoLote"`);
});

test('the retorno comes out byte for byte', () => {
  const retorno = `<retEnviNFe xmlns="${NFE}"  versao='4.00'>\n<xMotivo>Rejei&#231;&#227;o &amp; ção</xMotivo><a></a><b/></retEnviNFe>`;
  assert.equal(readEnvelope(inBody(`<nfeResultMsg xmlns="${WSDL}">\n ${retorno} </nfeResultMsg>`)), retorno);
});

test('prefixes that the retorno borrows from the envelope are declared on it, and only those', () => {
  const answer = inBody(
    '<m:nfeResultMsg><n:retEnviNFe versao="4.00"><n:cStat>100</n:cStat></n:retEnviNFe></m:nfeResultMsg>',
    ` xmlns:n="${NFE}" xmlns:m="${WSDL}"`,
  );
  assert.equal(readEnvelope(answer), `<n:retEnviNFe xmlns:n="${NFE}" versao="4.00"><n:cStat>100</n:cStat></n:retEnviNFe>`);
});

test('a result wrapped twice, given as text, in CDATA, or in SOAP 1.1 is found', () => {
  const retorno = `<retDistDFeInt xmlns="${NFE}"><cStat>137</cStat></retDistDFeInt>`;
  const twice = `<r:nfeDistDFeInteresseResponse xmlns:r="${WSDL}"><r:nfeDistDFeInteresseResult>${retorno}</r:nfeDistDFeInteresseResult></r:nfeDistDFeInteresseResponse>`;
  assert.equal(readEnvelope(inBody(twice)), retorno);
  assert.equal(readEnvelope(inBody(`<nfeResultMsg xmlns="${WSDL}"><![CDATA[${retorno}]]></nfeResultMsg>`)), retorno);
  const escaped = retorno.replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  assert.equal(readEnvelope(inBody(`<nfeResultMsg xmlns="${WSDL}">${escaped}</nfeResultMsg>`)), retorno);
  const soap11 = inBody(`<nfeResultMsg>${retorno}</nfeResultMsg>`).toString().replace(SOAP12, 'http://schemas.xmlsoap.org/soap/envelope/');
  assert.equal(readEnvelope(Buffer.from(`\uFEFF${soap11}\n`)), retorno);
});

test('Faults of SOAP 1.2 and 1.1 are told from other answers', () => {
  const soap12 =
    '<env:Fault><env:Code><env:Value>env:Receiver</env:Value></env:Code><env:Reason><env:Text xml:lang="pt">Servidor parado</env:Text></env:Reason></env:Fault>';
  assert.throws(
    () => readEnvelope(inBody(soap12)),
    (error) => error instanceof EnvelopeError && error.fault && error.message === 'Servidor parado',
  );
  const soap11 = '<env:Fault><faultcode>env:Server</faultcode><faultstring>Sem conexão</faultstring></env:Fault>';
  assert.throws(
    () => readEnvelope(inBody(soap11)),
    (error) => error instanceof EnvelopeError && error.fault && error.message === 'Sem conexão',
  );
});

test('whatever is no envelope with a retorno is an EnvelopeError', () => {
  const bad: [string | Buffer, RegExp][] = [
    ['', /vazia/],
    ['<!DOCTYPE html><html><body>x</body></html>', /HTML/],
    ['<html><head/></html>', /HTML/],
    ['Service Unavailable', /não é XML/],
    ['<a/>', /não é um envelope/],
    [`<Envelope xmlns="${NFE}"/>`, /não é um envelope/],
    [`<Envelope xmlns="${SOAP12}"/>`, /Body/],
    [inBody(''), /não traz/],
    [inBody('<nfeResultMsg/>'), /não traz/],
    [inBody('<nfeResultMsg>OK</nfeResultMsg>'), /não traz/],
    [inBody('<a><b><c><d><retX/></d></c></b></a>'), /não traz/],
    [inBody('<nfeResultMsg><retEnviNFe></nfeResultMsg>'), /não é XML/],
    [Buffer.from([0xff, 0xfe, 0x3c, 0x00]), /não é XML/],
    ['<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', /não é XML/],
  ];
  for (const [answer, message] of bad) {
    const bytes = typeof answer === 'string' ? Buffer.from(answer) : answer;
    assert.throws(
      () => readEnvelope(bytes),
      (error) => error instanceof EnvelopeError && !error.fault && message.test(error.message),
      String(answer),
    );
  }
});
