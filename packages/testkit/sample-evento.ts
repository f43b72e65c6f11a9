export interface SampleEventoOptions {
  tpEvento: '110110' | '110111' | '110112' | '110140';
  chave: string;
  /** Content of detEvento. */
  det: string;
  nSeqEvento?: string;
  tpAmb?: string;
  cStat?: string;
}

export const COND_USO =
  'A Carta de Correcao e disciplinada pelo paragrafo 1o-A do art. 7o do Convenio S/N, de 15 de dezembro de 1970 e pode ser utilizada para ' +
  'regularizacao de erro ocorrido na emissao de documento fiscal, desde que o erro nao esteja relacionado com: I - as variaveis que determinam ' +
  'o valor do imposto tais como: base de calculo, aliquota, diferenca de preco, quantidade, valor da operacao ou da prestacao; II - a correcao ' +
  'de dados cadastrais que implique mudanca do remetente ou do destinatario; III - a data de emissao ou de saida.';

/** A procEventoNFe without signature. */
export function sampleEvento(options: SampleEventoOptions): string {
  const { tpEvento, chave, det, nSeqEvento = '1', tpAmb = '1', cStat = '135' } = options;
  const inf =
    `<infEvento Id="ID${tpEvento}${chave}${nSeqEvento.padStart(2, '0')}"><cOrgao>35</cOrgao><tpAmb>${tpAmb}</tpAmb><CNPJ>${chave.slice(6, 20)}</CNPJ>` +
    `<chNFe>${chave}</chNFe><dhEvento>2026-11-21T15:00:00-03:00</dhEvento><tpEvento>${tpEvento}</tpEvento><nSeqEvento>${nSeqEvento}</nSeqEvento>` +
    `<verEvento>1.00</verEvento><detEvento versao="1.00">${det}</detEvento></infEvento>`;
  const ret =
    `<infEvento><tpAmb>${tpAmb}</tpAmb><verAplic>SP_1</verAplic><cOrgao>35</cOrgao><cStat>${cStat}</cStat><xMotivo>Evento registrado e vinculado a NF-e</xMotivo>` +
    `<chNFe>${chave}</chNFe><tpEvento>${tpEvento}</tpEvento><nSeqEvento>${nSeqEvento}</nSeqEvento><CNPJDest>10900001000146</CNPJDest>` +
    '<dhRegEvento>2026-11-21T15:00:03-03:00</dhRegEvento><nProt>135260000099999</nProt></infEvento>';
  return (
    '<?xml version="1.0" encoding="UTF-8"?><procEventoNFe versao="1.00" xmlns="http://www.portalfiscal.inf.br/nfe">' +
    `<evento versao="1.00">${inf}</evento><retEvento versao="1.00">${ret}</retEvento></procEventoNFe>`
  );
}

export const cancelamentoOf = (chave: string): string =>
  sampleEvento({
    tpEvento: '110111',
    chave,
    det: '<descEvento>Cancelamento</descEvento><nProt>135260000012345</nProt><xJust>Pedido desfeito pelo comprador antes da saída</xJust>',
  });
