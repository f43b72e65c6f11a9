// Answers as the API description shows them; each is validated against its schema by openapi.unit.test.ts.
export const INUTILIZACAO_EXAMPLE = {
  ambiente: 'hom',
  empresa: '07385111000102',
  codModelo: '55',
  uf: 'SP',
  ano: 2026,
  serie: 78,
  numeroInicial: 261121,
  numeroFinal: 261123,
  status: 'Inutilizada',
  codigoStatus: '102',
  motivo: 'Inutilizacao de numero homologado',
  protocolo: '135260000000003',
  dataRegistro: '2026-11-21T10:06:00-03:00',
  avisos: [],
  faults: [],
  tentativas: 1,
  conteudo: '<ProcInutNFe versao="4.00" xmlns="http://www.portalfiscal.inf.br/nfe">…</ProcInutNFe>',
};

export const INUTILIZACOES_EXAMPLE = {
  numeroElementos: 1,
  totalElementos: 1,
  registros: [INUTILIZACAO_EXAMPLE],
};

export const LACUNAS_EXAMPLE = {
  ...{ ambiente: 'hom', empresa: '07385111000102', codModelo: '55', uf: 'SP', serie: 1, de: 4701, ate: 4720, nivel: 'normal' },
  faixas: [
    { numeroInicial: 4712, numeroFinal: 4713, situacao: 'livre', proponivel: true },
    { numeroInicial: 4717, numeroFinal: 4717, situacao: 'incerta', proponivel: false },
  ],
  propostas: [{ numeroInicial: 4712, numeroFinal: 4713, ano: 2026, ate: '2026-12-10', nivel: 'normal' }],
};
