import { sampleCnpj } from './sample-cnpj.ts';

export interface SampleEvento {
  modelo: '55' | '65';
  tpEvento: string;
  /** as an ERP posts it: `{"tipo": …}` */
  body: Record<string, unknown>;
}

const QUANDO = '2026-11-21T15:00:00-03:00';
/** base64 of 20 bytes, as a SHA-1 is */
const HASH = 'MDEyMzQ1Njc4OTAxMjM0NTY3ODk=';
const PROTOCOLO = '135260000000077';
/** of an offline NFC-e */
export const CHAVE_SUBSTITUTA = '35261111222333000181650010000000089481516233';

const sample = (modelo: '55' | '65', tpEvento: string, tipo: string, fields: Record<string, unknown> = {}): SampleEvento => ({
  modelo,
  tpEvento,
  body: { tipo, ...fields },
});
const pagamento = { detEvento: { gPgto: { '@idTransacao': 'TX1', tpMeioPgto: '17', CNPJReceb: sampleCnpj(2), CNPJBasePSP: '00000000' } } };
const generic = (tpEvento: string, detEvento: Record<string, unknown>): SampleEvento => sample('55', tpEvento, tpEvento, { detEvento });

const ITEM = { '@nItem': '1', vIBS: '1.00', vCBS: '9.00' };
const JUSTIFICATIVA = { justificativa: 'Pedido registrado em duplicidade & desfeito' };
const PAGAMENTO = { forma: '17', valor: 100.5, data: '2026-11-21', cnpjPagador: sampleCnpj(2), ufPagador: 'SP' };

/** One JSON body per event of NF-e and NFC-e that a company sends. */
export const SAMPLE_EVENTOS: readonly SampleEvento[] = [
  sample('55', '110111', 'cancelamento', JUSTIFICATIVA),
  sample('65', '110111', 'cancelamento', JUSTIFICATIVA),
  sample('65', '110112', 'cancelamento-substituicao', { ...JUSTIFICATIVA, chaveSubstituta: CHAVE_SUBSTITUTA }),
  sample('55', '110110', 'carta-correcao', { correcao: 'Endereço de entrega: Rua das Flores, 12' }),
  sample('55', '110150', 'ator-interessado', { autorizado: sampleCnpj(3), permiteAutorizar: true }),
  sample('55', '110130', 'comprovante-entrega', {
    dataEntrega: QUANDO,
    documentoRecebedor: '123456789',
    nomeRecebedor: 'Maria da Silva',
    latitude: -23.5,
    longitude: -46.6,
    hashComprovante: HASH,
    dataHashComprovante: QUANDO,
  }),
  sample('55', '110131', 'cancelamento-comprovante-entrega', { protocoloEvento: PROTOCOLO }),
  sample('55', '110192', 'insucesso-entrega', { dataTentativa: QUANDO, tentativa: 1, motivo: '2', hashTentativa: HASH }),
  sample('55', '110193', 'cancelamento-insucesso-entrega', { protocoloEvento: PROTOCOLO }),
  sample('55', '110750', 'conciliacao-financeira', { pagamentos: [PAGAMENTO] }),
  sample('65', '110750', 'conciliacao-financeira', { pagamentos: [PAGAMENTO] }),
  sample('55', '110751', 'cancelamento-conciliacao-financeira', { protocoloEvento: PROTOCOLO }),
  sample('65', '110751', 'cancelamento-conciliacao-financeira', { protocoloEvento: PROTOCOLO }),
  sample('55', '111500', 'prorrogacao-primeiro-prazo', { itens: [{ item: 1, quantidade: 10 }] }),
  sample('55', '111501', 'prorrogacao-segundo-prazo', { itens: [{ item: 1, quantidade: 10 }] }),
  sample('55', '111502', 'cancelamento-prorrogacao-primeiro-prazo', { idPedidoCancelado: 'ID111500', protocoloEvento: PROTOCOLO }),
  sample('55', '111503', 'cancelamento-prorrogacao-segundo-prazo', { idPedidoCancelado: 'ID111501', protocoloEvento: PROTOCOLO }),
  sample('55', '110001', 'cancelamento-evento', { nSeqEvento: 1, tpEvento: '112110', protocoloEvento: PROTOCOLO }),
  sample('55', '110300', '110300', pagamento),
  sample('65', '110300', '110300', pagamento),
  generic('112110', { indQuitacao: '1' }),
  generic('112120', { gConsumo: [{ ...ITEM, gControleEstoque: { qtde: '1.0000', unidade: 'UN' } }] }),
  generic('112130', { gPerecimento: [{ ...ITEM, gControleEstoque: { qPerecimento: '1.0000', uPerecimento: 'UN' } }] }),
  generic('112140', { gItemNaoFornecido: [{ ...ITEM, gControleEstoque: { qNaoFornecida: '1.0000', uNaoFornecida: 'UN' } }] }),
  generic('112150', { dPrevEntrega: '2026-12-01' }),
  generic('211110', { gCredPresOper: [{ '@nItem': '1', vBCCredPres: '10.00', cCredPres: '01' }] }),
  generic('211124', { gPerecimento: [{ ...ITEM, gControleEstoque: { qPerecimento: '1.0000', uPerecimento: 'UN' } }] }),
  generic('211128', { indAceitacao: '1' }),
  generic('211130', { gImobilizacao: [{ ...ITEM, gControleEstoque: { qImobilizado: '1.0000', uImobilizado: 'UN' } }] }),
  generic('211140', { gConsumoComb: [{ ...ITEM, gControleEstoque: { qComb: '1.0000', uComb: 'LT' } }] }),
  generic('211150', { gCredito: [{ '@nItem': '1', vCredIBS: '1.00', vCredCBS: '9.00' }] }),
  generic('212110', { indAceitacao: '1' }),
  generic('212120', { indAceitacao: '1' }),
];
