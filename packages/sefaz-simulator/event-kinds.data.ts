/** One kind of event of the NF-e family (Portal NF-e, NT of each kind). */
export interface EventKind {
  /** descEvento, without accents where the schema takes both. */
  xEvento: string;
  /** Who registers it: the state of the key, Ambiente Nacional (cOrgao 91) or SVRS (92). */
  orgao: 'UF' | 'AN' | 'SVRS';
  /** Whose CNPJ it carries; `fisco` is an authority's and taken from no company (576). */
  autor: 'emitente' | 'destinatario' | 'qualquer' | 'fisco';
  modelos: readonly string[];
  /** Highest nSeqEvento (594). */
  maxSeq: number;
  /** It cancels an event by its nProtEvento: those whose tpEvento begins so. */
  cancela?: readonly string[];
}

type Rest = Partial<Omit<EventKind, 'xEvento' | 'orgao' | 'autor'>>;
const kind = (
  tpEvento: string,
  xEvento: string,
  orgao: EventKind['orgao'],
  autor: EventKind['autor'],
  rest: Rest = {},
): [string, EventKind] => [tpEvento, { xEvento, orgao, autor, modelos: ['55'], maxSeq: 99, ...rest }];
const both = ['55', '65'];

/** RTC: NT 2025.002; 110750 of model 65 goes to the state (NT 2024.002). */
export const EVENT_KINDS: ReadonlyMap<string, EventKind> = new Map([
  kind('110001', 'Cancelamento de Evento', 'SVRS', 'qualquer', { cancela: ['112', '211', '212'] }),
  kind('110110', 'Carta de Correcao', 'UF', 'emitente', { modelos: both, maxSeq: 20 }),
  kind('110111', 'Cancelamento', 'UF', 'emitente', { modelos: both, maxSeq: 1 }),
  kind('110112', 'Cancelamento por substituicao', 'UF', 'emitente', { modelos: ['65'], maxSeq: 1 }),
  kind('110130', 'Comprovante de Entrega da NF-e', 'AN', 'emitente'),
  kind('110131', 'Cancelamento Comprovante de Entrega da NF-e', 'AN', 'emitente', { cancela: ['110130'] }),
  kind('110140', 'EPEC', 'AN', 'emitente', { modelos: both, maxSeq: 1 }),
  kind('110150', 'Ator interessado na NF-e', 'AN', 'qualquer'),
  kind('110192', 'Insucesso na Entrega da NF-e', 'SVRS', 'emitente'),
  kind('110193', 'Cancelamento Insucesso na Entrega da NF-e', 'SVRS', 'emitente', { cancela: ['110192'] }),
  kind('110300', 'Vinculação Pagamento', 'UF', 'emitente', { modelos: both }),
  kind('110750', 'ECONF', 'SVRS', 'emitente', { modelos: both }),
  kind('110751', 'Cancelamento Conciliação Financeira', 'SVRS', 'emitente', { modelos: both, cancela: ['110750'] }),
  kind('111500', 'Pedido de Prorrogacao', 'UF', 'emitente'),
  kind('111501', 'Pedido de Prorrogacao', 'UF', 'emitente'),
  kind('111502', 'Cancelamento de Pedido de Prorrogacao', 'UF', 'emitente'),
  kind('111503', 'Cancelamento de Pedido de Prorrogacao', 'UF', 'emitente'),
  kind('112110', 'Informação de efetivo pagamento integral para liberar crédito presumido do adquirente', 'SVRS', 'emitente'),
  kind('112120', 'Importação em ALC/ZFM não convertida em isenção', 'SVRS', 'emitente'),
  kind('112130', 'Perecimento, perda, roubo ou furto durante o transporte contratado pelo fornecedor', 'SVRS', 'emitente'),
  kind('112140', 'Fornecimento não realizado com pagamento antecipado', 'SVRS', 'emitente'),
  kind('112150', 'Atualização da Data de Previsão de Entrega', 'SVRS', 'emitente'),
  kind('210200', 'Confirmacao da Operacao', 'AN', 'destinatario', { maxSeq: 2 }),
  kind('210210', 'Ciencia da Operacao', 'AN', 'destinatario', { maxSeq: 1 }),
  kind('210220', 'Desconhecimento da Operacao', 'AN', 'destinatario', { maxSeq: 2 }),
  kind('210240', 'Operacao nao Realizada', 'AN', 'destinatario', { maxSeq: 2 }),
  kind('211110', 'Solicitação de Apropriação de crédito presumido', 'SVRS', 'emitente'),
  kind('211120', 'Destinação de item para consumo pessoal', 'SVRS', 'qualquer'),
  kind('211124', 'Perecimento, perda, roubo ou furto durante o transporte contratado pelo adquirente', 'SVRS', 'destinatario'),
  kind('211128', 'Aceite de débito na apuração por emissão de nota de crédito', 'SVRS', 'destinatario'),
  kind('211130', 'Imobilização de Item', 'SVRS', 'destinatario'),
  kind('211140', 'Solicitação de Apropriação de Crédito de Combustível', 'SVRS', 'destinatario'),
  kind(
    '211150',
    'Solicitação de Apropriação de Crédito para bens e serviços que dependem de atividade do adquirente',
    'SVRS',
    'destinatario',
  ),
  kind('212110', 'Manifestação sobre Pedido de Transferência de Crédito de IBS em Operação de Sucessão', 'SVRS', 'qualquer'),
  kind('212120', 'Manifestação sobre Pedido de Transferência de Crédito de CBS em Operação de Sucessão', 'SVRS', 'qualquer'),
  kind('411500', 'Fisco - Prorrogacao ICMS remessa para industrializacao', 'UF', 'fisco'),
  kind('411501', 'Fisco - Prorrogacao ICMS remessa para industrializacao', 'UF', 'fisco'),
  kind('411502', 'Fisco - Prorrogacao ICMS remessa para industrializacao', 'UF', 'fisco'),
  kind('411503', 'Fisco - Prorrogacao ICMS remessa para industrializacao', 'UF', 'fisco'),
  kind('412120', 'Manifestação do Fisco sobre Pedido de Transferência de Crédito de IBS em Operação de Sucessão', 'SVRS', 'fisco'),
  kind('412130', 'Manifestação do Fisco sobre Pedido de Transferência de Crédito de CBS em Operação de Sucessão', 'SVRS', 'fisco'),
  kind('610130', 'Comprovante de Entrega do CT-e', 'AN', 'fisco'),
  kind('610131', 'Cancelamento Comprovante de Entrega do CT-e', 'AN', 'fisco'),
  kind('790700', 'Averbacao para Exportacao', 'AN', 'fisco'),
  kind('990900', 'Vistoria SUFRAMA', 'AN', 'fisco'),
  kind('990910', 'Confirmacao de Internalizacao da Mercadoria na SUFRAMA', 'AN', 'fisco'),
]);
