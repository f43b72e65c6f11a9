// Answers as the API description shows them; each is validated against its schema by openapi.unit.test.ts.
export const EVENTO_EXAMPLE = {
  ambiente: 'hom',
  empresa: '07385111000102',
  codModelo: '55',
  chaveAcesso: '35261107385111000102550770002611211832019466',
  codigoEvento: 110110,
  descricaoEvento: 'Carta de Correcao',
  nSeqEvento: 1,
  dataEvento: '2026-11-21T10:05:00-03:00',
  status: 'Registrado',
  codigoStatus: '135',
  motivo: 'Evento registrado e vinculado a NF-e',
  protocolo: '135260000000002',
  dataRegistro: '2026-11-21T10:05:01-03:00',
  avisos: [],
  faults: [],
  tentativas: 1,
  conteudo: '<procEventoNFe versao="1.00" xmlns="http://www.portalfiscal.inf.br/nfe">…</procEventoNFe>',
};

/** The document of the example of emission was emitted today. */
const HOJE = '@dhEmi@';

/** JSON that asks for each event, by name. The XML examples are made of them; @…@ is put in when the description is served. */
export const EVENTO_JSON_EXAMPLES: Record<string, { summary: string; modelo: '55' | '65'; json: Record<string, unknown> }> = {
  'carta-correcao': {
    summary: 'Carta de correção (110110)',
    modelo: '55',
    json: { tipo: 'carta-correcao', correcao: 'O endereço de entrega correto é Rua das Flores, 123, Centro.' },
  },
  'ator-interessado': {
    summary: 'Ator interessado: permite ao transportador baixar o XML (110150)',
    modelo: '55',
    json: { tipo: 'ator-interessado', autorizado: '10900001000146', permiteAutorizar: true },
  },
  'comprovante-entrega': {
    summary: 'Comprovante de entrega (110130)',
    modelo: '55',
    json: {
      ...{ tipo: 'comprovante-entrega', dataEntrega: HOJE, documentoRecebedor: '12345678909', nomeRecebedor: 'Maria da Silva' },
      ...{ latitude: '-23.550520', longitude: '-46.633308', hashComprovante: 'q5Zk6t4o1m6b9mCkM6cH6m1p0lQ=' },
    },
  },
  'cancelamento-comprovante-entrega': {
    summary: 'Cancelamento do comprovante de entrega (110131)',
    modelo: '55',
    json: { tipo: 'cancelamento-comprovante-entrega' },
  },
  'insucesso-entrega': {
    summary: 'Insucesso na entrega (110192)',
    modelo: '55',
    json: {
      ...{ tipo: 'insucesso-entrega', dataTentativa: HOJE, tentativa: '1', motivo: '1' },
      ...{ latitude: '-23.550520', longitude: '-46.633308', hashTentativa: 'q5Zk6t4o1m6b9mCkM6cH6m1p0lQ=' },
    },
  },
  'cancelamento-insucesso-entrega': {
    summary: 'Cancelamento do insucesso na entrega (110193)',
    modelo: '55',
    json: { tipo: 'cancelamento-insucesso-entrega' },
  },
  'conciliacao-financeira': {
    summary: 'Conciliação financeira (110750)',
    modelo: '55',
    json: { tipo: 'conciliacao-financeira', pagamentos: [{ forma: '17', valor: '21.00', data: '@dia@' }] },
  },
  'cancelamento-conciliacao-financeira': {
    summary: 'Cancelamento da conciliação financeira (110751)',
    modelo: '55',
    json: { tipo: 'cancelamento-conciliacao-financeira' },
  },
  'prorrogacao-primeiro-prazo': {
    summary: 'Pedido de prorrogação da suspensão do ICMS, primeiro prazo (111500); o segundo é 111501',
    modelo: '55',
    json: { tipo: 'prorrogacao-primeiro-prazo', itens: [{ item: '1', quantidade: '2.0000' }] },
  },
  'pagamento-integral': {
    summary: 'Um evento da reforma: pagamento integral (112110), na forma geral com detEvento',
    modelo: '55',
    json: { tipo: '112110', detEvento: { indQuitacao: '1' } },
  },
  'cancelamento-substituicao': {
    summary: 'Cancelamento por substituição, só da NFC-e (110112)',
    modelo: '65',
    json: {
      ...{ tipo: 'cancelamento-substituicao', justificativa: 'Nota emitida outra vez em contingência' },
      chaveSubstituta: '35261107385111000102650010000047129000000421',
    },
  },
  cancelamento: {
    summary: 'Cancelamento (110111)',
    modelo: '55',
    json: { tipo: 'cancelamento', justificativa: 'Pedido cancelado pelo cliente antes da saída' },
  },
};
