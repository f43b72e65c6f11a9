#!/bin/sh
set -eu
wsdl=http://www.portalfiscal.inf.br/nfe/wsdl/NFeStatusServico4
curl -sS --fail --cacert "$SEFAZ_SIMULATOR_CA" --cert-type P12 --cert "$SEFAZ_SIMULATOR_PFX:$(cat "$SEFAZ_SIMULATOR_SENHA_FILE")" \
  -H "content-type: application/soap+xml; charset=utf-8; action=\"$wsdl/nfeStatusServicoNF\"" \
  -d "<soap:Envelope xmlns:soap=\"http://www.w3.org/2003/05/soap-envelope\"><soap:Body><nfeDadosMsg xmlns=\"$wsdl\"><consStatServ xmlns=\"http://www.portalfiscal.inf.br/nfe\" versao=\"4.00\"><tpAmb>2</tpAmb><cUF>35</cUF><xServ>STATUS</xServ></consStatServ></nfeDadosMsg></soap:Body></soap:Envelope>" \
  "$SEFAZ_SIMULATOR_URL/2/SP/55/NFeStatusServico4"
echo
