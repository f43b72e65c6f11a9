import type { EventoKind } from '../kinds.ts';

const BASE = { versao: '1.00', enviavel: true, suportado: true, maxSeq: 20 } as const;
const UF = { ...BASE, orgao: 'UF', autor: 'emitente', tpAutor: '1' } as const;
const AN = { ...BASE, orgao: 'AN', cOrgao: '91', autor: 'emitente', tpAutor: '1' } as const;
const SVRS = { ...BASE, orgao: 'SVRS', cOrgao: '92', autor: 'emitente', tpAutor: '1' } as const;
/** Events of the reform (NT 2025.002): nSeqEvento as wide as the generic envelope takes it. */
const RTC = {
  ...SVRS,
  modelos: ['55'],
  maxSeq: 99,
  campos: ['descEvento', 'cOrgaoAutor', 'tpAutor', 'verAplic'],
  preenche: ['cOrgaoAutor', 'tpAutor', 'verAplic'],
} as const;
const RTC_DESTINATARIO = { ...RTC, autor: 'destinatario', tpAutor: '2' } as const;
/** By the emitter or by who receives, whichever signs. */
const RTC_PARTE = { ...RTC, autor: 'outro', tpAutor: 'parte' } as const;
const SUCESSORA = { ...RTC, autor: 'outro', tpAutor: '8' } as const;
/** Manifestação belongs to received documents. */
const MANIFESTACAO = {
  ...BASE,
  modelos: ['55'],
  orgao: 'AN',
  cOrgao: '91',
  autor: 'destinatario',
  suportado: false,
  campos: ['descEvento'],
  preenche: [],
} as const;
const PRORROGACAO = { ...UF, soNormal: true, modelos: ['55'], campos: ['descEvento', 'nProt', 'itemPedido'], preenche: ['nProt'] } as const;
const CANC_PRORROGACAO = {
  ...UF,
  soNormal: true,
  modelos: ['55'],
  campos: ['descEvento', 'idPedidoCancelado', 'nProt'],
  preenche: ['nProt'],
  json: [
    { nome: 'idPedidoCancelado', tag: 'idPedidoCancelado' },
    { nome: 'protocoloEvento', tag: 'nProt', opcional: true },
  ],
} as const;
const ITENS_PRORROGACAO = {
  nome: 'itens',
  tag: 'itemPedido',
  lista: true,
  filhos: [
    { nome: 'item', tag: 'numItem', atributo: true },
    { nome: 'quantidade', tag: 'qtdeItem', decimais: 4 },
  ],
} as const;
const FISCO = { ...BASE, modelos: ['55'], enviavel: false, autor: 'outro', campos: ['descEvento'], preenche: [] } as const;

const CCE_SEM_ACENTOS =
  'A Carta de Correcao e disciplinada pelo paragrafo 1o-A do art. 7o do Convenio S/N, de 15 de dezembro de 1970 e pode ser utilizada para regularizacao de erro ocorrido na emissao de documento fiscal, desde que o erro nao esteja relacionado com: I - as variaveis que determinam o valor do imposto tais como: base de calculo, aliquota, diferenca de preco, quantidade, valor da operacao ou da prestacao; II - a correcao de dados cadastrais que implique mudanca do remetente ou do destinatario; III - a data de emissao ou de saida.';
const ATOR =
  'O emitente ou destinatário da NF-e, declara que permite o transportador declarado no campo CNPJ/CPF deste evento a autorizar os transportadores subcontratados ou redespachados a terem acesso ao download da NF-e';

const AUTOR = ['descEvento', 'cOrgaoAutor', 'tpAutor', 'verAplic'] as const;
const ENTREGA = ['cOrgaoAutor', 'tpAutor', 'verAplic'] as const;
const JUSTIFICATIVA = { nome: 'justificativa', tag: 'xJust' } as const;
const PROTOCOLO_EVENTO = { nome: 'protocoloEvento', tag: 'nProtEvento', opcional: true } as const;
const LATITUDE = { nome: 'latitude', tag: 'latGPS', opcional: true, decimais: 6 } as const;
const LONGITUDE = { nome: 'longitude', tag: 'longGPS', opcional: true, decimais: 6 } as const;

const BLOQUEIOS_CANCELAMENTO: NonNullable<EventoKind['bloqueadoPor']> = [
  { tpEvento: '210200', code: 'EVT-048', motivo: 'O destinatário confirmou a operação (210200): a nota não pode mais ser cancelada.' },
  {
    ...{ tpEvento: '110130', salvo: '110131', code: 'EVT-054' },
    motivo: 'A nota tem comprovante de entrega (110130): cancele-o antes (110131) para cancelar a nota.',
  },
  { tpEvento: '990900', code: 'EVT-052', motivo: 'A nota tem vistoria da SUFRAMA (990900) e não pode mais ser cancelada.' },
];

const CANCELAMENTO = {
  ...UF,
  tpEvento: '110111',
  descEvento: 'Cancelamento',
  maxSeq: 1,
  tipo: 'cancelamento',
  cancela: true,
  bloqueadoPor: BLOQUEIOS_CANCELAMENTO,
  campos: ['descEvento', 'nProt', 'xJust'],
  preenche: ['nProt'],
  json: [JUSTIFICATIVA],
} as const;

const ECONF_CAMPOS = ['descEvento', 'verAplic', 'detPag'] as const;
const ECONF_JSON = [
  {
    nome: 'pagamentos',
    tag: 'detPag',
    lista: true,
    filhos: [
      { nome: 'indicador', tag: 'indPag', opcional: true },
      { nome: 'forma', tag: 'tPag' },
      { nome: 'descricao', tag: 'xPag', opcional: true },
      { nome: 'valor', tag: 'vPag', decimais: 2 },
      { nome: 'data', tag: 'dPag' },
      { nome: 'cnpjPagador', tag: 'CNPJPag', opcional: true },
      { nome: 'ufPagador', tag: 'UFPag', opcional: true },
      { nome: 'cnpjInstituicao', tag: 'CNPJIF', opcional: true },
      { nome: 'bandeira', tag: 'tBand', opcional: true },
      { nome: 'autorizacao', tag: 'cAut', opcional: true },
      { nome: 'cnpjRecebedor', tag: 'CNPJReceb', opcional: true },
      { nome: 'ufRecebedor', tag: 'UFReceb', opcional: true },
    ],
  },
] as const;

/**
 * The events of NF-e and NFC-e: a new one is a row here and an XSD in the schema packs. `campos` is the order of the XSD of detEvento as far
 * as a filled-in field needs it. Sources: leiautes of the packs, NT 2011.006, 2018.004, 2020.001, 2020.007, 2021.001, 2024.002, 2025.002.
 */
export const EVENTO_DATA: readonly EventoKind[] = [
  { ...CANCELAMENTO, modelos: ['55', '65'] },
  {
    ...UF,
    tpEvento: '110112',
    modelos: ['65'],
    descEvento: 'Cancelamento por substituicao',
    maxSeq: 1,
    tipo: 'cancelamento-substituicao',
    cancela: true,
    bloqueadoPor: BLOQUEIOS_CANCELAMENTO,
    substitui: 'chNFeRef',
    campos: [...AUTOR, 'nProt', 'xJust', 'chNFeRef'],
    preenche: ['cOrgaoAutor', 'tpAutor', 'verAplic', 'nProt'],
    json: [JUSTIFICATIVA, { nome: 'chaveSubstituta', tag: 'chNFeRef' }],
  },
  {
    ...UF,
    tpEvento: '110110',
    modelos: ['55'],
    descEvento: 'Carta de Correcao',
    descricoes: ['Carta de Correção'],
    soNormal: true,
    tipo: 'carta-correcao',
    campos: ['descEvento', 'xCorrecao', 'xCondUso'],
    preenche: [],
    fixos: [{ tag: 'xCondUso', texto: CCE_SEM_ACENTOS }],
    json: [{ nome: 'correcao', tag: 'xCorrecao' }],
  },
  {
    ...AN,
    tpEvento: '110150',
    tpAutor: 'parte',
    modelos: ['55'],
    descEvento: 'Ator interessado na NF-e',
    tipo: 'ator-interessado',
    campos: [...AUTOR, 'autXML', 'tpAutorizacao', 'xCondUso'],
    preenche: ENTREGA,
    fixos: [{ tag: 'xCondUso', texto: ATOR, se: { tag: 'tpAutorizacao', valor: '1' } }],
    json: [
      { nome: 'autorizado', tag: 'autXML', pessoa: true },
      { nome: 'permiteAutorizar', tag: 'tpAutorizacao', opcional: true, logico: true },
    ],
  },
  {
    ...AN,
    tpEvento: '110130',
    modelos: ['55'],
    descEvento: 'Comprovante de Entrega da NF-e',
    tipo: 'comprovante-entrega',
    campos: AUTOR,
    preenche: ENTREGA,
    json: [
      { nome: 'dataEntrega', tag: 'dhEntrega' },
      { nome: 'documentoRecebedor', tag: 'nDoc' },
      { nome: 'nomeRecebedor', tag: 'xNome' },
      LATITUDE,
      LONGITUDE,
      { nome: 'hashComprovante', tag: 'hashComprovante', imagem: true },
      { nome: 'dataHashComprovante', tag: 'dhHashComprovante', opcional: true },
    ],
  },
  {
    ...AN,
    tpEvento: '110131',
    modelos: ['55'],
    descEvento: 'Cancelamento Comprovante de Entrega da NF-e',
    tipo: 'cancelamento-comprovante-entrega',
    desfaz: ['110130'],
    campos: [...AUTOR, 'nProtEvento'],
    preenche: [...ENTREGA, 'nProtEvento'],
    json: [PROTOCOLO_EVENTO],
  },
  {
    ...SVRS,
    tpEvento: '110192',
    modelos: ['55'],
    descEvento: 'Insucesso na Entrega da NF-e',
    tipo: 'insucesso-entrega',
    campos: ['descEvento', 'cOrgaoAutor', 'verAplic'],
    preenche: ['cOrgaoAutor', 'verAplic'],
    json: [
      { nome: 'dataTentativa', tag: 'dhTentativaEntrega' },
      { nome: 'tentativa', tag: 'nTentativa', opcional: true },
      { nome: 'motivo', tag: 'tpMotivo' },
      { nome: 'justificativa', tag: 'xJustMotivo', opcional: true },
      LATITUDE,
      LONGITUDE,
      { nome: 'hashTentativa', tag: 'hashTentativaEntrega', imagem: true },
      { nome: 'dataHashTentativa', tag: 'dhHashTentativaEntrega', opcional: true },
    ],
  },
  {
    ...SVRS,
    tpEvento: '110193',
    modelos: ['55'],
    descEvento: 'Cancelamento Insucesso na Entrega da NF-e',
    tipo: 'cancelamento-insucesso-entrega',
    desfaz: ['110192'],
    campos: ['descEvento', 'cOrgaoAutor', 'verAplic', 'nProtEvento'],
    preenche: ['cOrgaoAutor', 'verAplic', 'nProtEvento'],
    json: [PROTOCOLO_EVENTO],
  },
  // Model 65 goes to the normal authoriser (NT 2024.002).
  ...([{ ...SVRS, modelos: ['55'] } as const, { ...UF, modelos: ['65'] } as const].flatMap((row) => [
    {
      ...row,
      tpEvento: '110750',
      descEvento: 'ECONF',
      maxSeq: 99,
      tipo: 'conciliacao-financeira',
      campos: ECONF_CAMPOS,
      preenche: ['verAplic'],
      json: ECONF_JSON,
    },
    {
      ...row,
      tpEvento: '110751',
      descEvento: 'Cancelamento Conciliação Financeira',
      maxSeq: 99,
      tipo: 'cancelamento-conciliacao-financeira',
      desfaz: ['110750'],
      campos: ['descEvento', 'verAplic', 'nProtEvento'],
      preenche: ['verAplic', 'nProtEvento'],
      json: [PROTOCOLO_EVENTO],
    },
  ]) satisfies EventoKind[]),
  {
    ...PRORROGACAO,
    tpEvento: '111500',
    descEvento: 'Pedido de Prorrogacao',
    descricoes: ['Pedido de Prorrogação'],
    tipo: 'prorrogacao-primeiro-prazo',
    json: [ITENS_PRORROGACAO],
  },
  {
    ...PRORROGACAO,
    tpEvento: '111501',
    descEvento: 'Pedido de Prorrogacao',
    descricoes: ['Pedido de Prorrogação'],
    tipo: 'prorrogacao-segundo-prazo',
    json: [ITENS_PRORROGACAO],
  },
  {
    ...CANC_PRORROGACAO,
    tpEvento: '111502',
    descEvento: 'Cancelamento de Pedido de Prorrogacao',
    descricoes: ['Cancelamento de Pedido de Prorrogação'],
    tipo: 'cancelamento-prorrogacao-primeiro-prazo',
    desfaz: ['111500'],
  },
  {
    ...CANC_PRORROGACAO,
    tpEvento: '111503',
    descEvento: 'Cancelamento de Pedido de Prorrogacao',
    descricoes: ['Cancelamento de Pedido de Prorrogação'],
    tipo: 'cancelamento-prorrogacao-segundo-prazo',
    desfaz: ['111501'],
  },

  // NT 2026.006, in production since 2026-11-03; which organ registers it is not stated, the UF of the key is assumed.
  {
    ...UF,
    tpEvento: '110300',
    modelos: ['55', '65'],
    descEvento: 'Vinculação Pagamento',
    maxSeq: 99,
    campos: [...AUTOR, 'nProt', 'gPgto'],
    preenche: [...ENTREGA, 'nProt'],
  },
  {
    ...RTC,
    tpEvento: '110001',
    descEvento: 'Cancelamento de Evento',
    autor: 'outro',
    tipo: 'cancelamento-evento',
    seqDoDesfeito: true,
    campos: ['descEvento', 'cOrgaoAutor', 'verAplic', 'tpEventoAut', 'nProtEvento'],
    preenche: ['cOrgaoAutor', 'verAplic'],
    json: [
      { nome: 'tpEvento', tag: 'tpEventoAut' },
      { nome: 'protocoloEvento', tag: 'nProtEvento' },
    ],
  },
  {
    ...RTC,
    tpEvento: '112110',
    descEvento: 'Informação de efetivo pagamento integral para liberar crédito presumido do adquirente',
  },
  { ...RTC, tpEvento: '112120', descEvento: 'Importação em ALC/ZFM não convertida em isenção' },
  {
    ...RTC,
    tpEvento: '112130',
    descEvento: 'Perecimento, perda, roubo ou furto durante o transporte contratado pelo fornecedor',
  },
  { ...RTC, tpEvento: '112140', descEvento: 'Fornecimento não realizado com pagamento antecipado' },
  { ...RTC, tpEvento: '112150', descEvento: 'Atualização da Data de Previsão de Entrega' },
  { ...RTC_PARTE, tpEvento: '211110', descEvento: 'Solicitação de Apropriação de crédito presumido' },
  // Dropped by NT 2025.002 v1.40; registered ones are still read.
  { ...RTC_DESTINATARIO, tpEvento: '211120', descEvento: 'Destinação de item para consumo pessoal', enviavel: false },
  {
    ...RTC_DESTINATARIO,
    tpEvento: '211124',
    descEvento: 'Perecimento, perda, roubo ou furto durante o transporte contratado pelo adquirente',
  },
  {
    ...RTC_DESTINATARIO,
    tpEvento: '211128',
    descEvento: 'Aceite de débito na apuração por emissão de nota de crédito',
  },
  { ...RTC_DESTINATARIO, tpEvento: '211130', descEvento: 'Imobilização de Item' },
  { ...RTC_DESTINATARIO, tpEvento: '211140', descEvento: 'Solicitação de Apropriação de Crédito de Combustível' },
  {
    ...RTC_DESTINATARIO,
    tpEvento: '211150',
    descEvento: 'Solicitação de Apropriação de Crédito para bens e serviços que dependem de atividade do adquirente',
  },
  {
    ...SUCESSORA,
    tpEvento: '212110',
    descEvento: 'Manifestação sobre Pedido de Transferência de Crédito de IBS em Operação de Sucessão',
  },
  {
    ...SUCESSORA,
    tpEvento: '212120',
    descEvento: 'Manifestação sobre Pedido de Transferência de Crédito de CBS em Operação de Sucessão',
  },

  {
    ...BASE,
    tpEvento: '110140',
    modelos: ['55'],
    descEvento: 'EPEC',
    orgao: 'AN',
    cOrgao: '91',
    autor: 'emitente',
    tpAutor: '1',
    maxSeq: 1,
    previo: true,
    suportado: false,
    campos: ['descEvento', 'cOrgaoAutor', 'tpAutor', 'verAplic'],
    preenche: ['cOrgaoAutor', 'tpAutor', 'verAplic'],
  },
  // SP only, at a service of its own (NT 2014.003).
  {
    ...UF,
    tpEvento: '110140',
    modelos: ['65'],
    descEvento: 'EPEC',
    maxSeq: 1,
    previo: true,
    soNormal: true,
    suportado: false,
    campos: ['descEvento', 'cOrgaoAutor', 'tpAutor', 'verAplic'],
    preenche: ['cOrgaoAutor', 'tpAutor', 'verAplic'],
  },
  { ...MANIFESTACAO, tpEvento: '210200', descEvento: 'Confirmacao da Operacao', maxSeq: 2 },
  { ...MANIFESTACAO, tpEvento: '210210', descEvento: 'Ciencia da Operacao', maxSeq: 1 },
  { ...MANIFESTACAO, tpEvento: '210220', descEvento: 'Desconhecimento da Operacao', maxSeq: 2 },
  { ...MANIFESTACAO, tpEvento: '210240', descEvento: 'Operacao nao Realizada', maxSeq: 2, campos: ['descEvento', 'xJust'] },

  ...['411500', '411501', '411502', '411503'].map((tpEvento) => ({
    ...FISCO,
    tpEvento,
    orgao: 'UF' as const,
    descEvento: 'Fisco - Prorrogacao ICMS remessa para industrializacao',
  })),
  {
    ...FISCO,
    tpEvento: '412120',
    orgao: 'SVRS',
    cOrgao: '92',
    descEvento: 'Manifestação do Fisco sobre Pedido de Transferência de Crédito de IBS em Operação de Sucessão',
  },
  {
    ...FISCO,
    tpEvento: '412130',
    orgao: 'SVRS',
    cOrgao: '92',
    descEvento: 'Manifestação do Fisco sobre Pedido de Transferência de Crédito de CBS em Operação de Sucessão',
  },
  { ...FISCO, tpEvento: '610130', orgao: 'AN', cOrgao: '91', descEvento: '“Comprovante de Entrega do CT-e' },
  { ...FISCO, tpEvento: '610131', orgao: 'AN', cOrgao: '91', descEvento: '“Cancelamento Comprovante de Entrega do CT-e' },
  { ...FISCO, tpEvento: '790700', orgao: 'AN', cOrgao: '91', descEvento: 'Averbacao para Exportacao' },
  { ...FISCO, tpEvento: '990900', orgao: 'AN', cOrgao: '91', descEvento: 'Vistoria SUFRAMA' },
  {
    ...FISCO,
    tpEvento: '990910',
    orgao: 'AN',
    cOrgao: '91',
    descEvento: 'Confirmacao de Internalizacao da Mercadoria na SUFRAMA',
  },
];
