import { type Evento, eventoId } from '@malote/store/evento';
import { type Inutilizacao, inutilizacaoId } from '@malote/store/inutilizacao';
import type { RunningEdge } from './running-edge.ts';

const NAMESPACE = 'http://www.portalfiscal.inf.br/nfe';

/** Posts JSON. */
export function postJson(url: string, session: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'x-auth-token': session, 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

/** Makes a posted event what emission would: signed and registered by SEFAZ. */
export async function registerEvento(
  edge: RunningEdge,
  which: { documentoId: string; tpEvento: string; nSeqEvento: number },
): Promise<Evento> {
  const stored = await edge.store.eventos.findById(eventoId(which));
  if (!stored) throw new Error('the event is not stored');
  const { chave, tpEvento, nSeqEvento, emitente } = stored;
  const dhEvento = '2026-11-21T10:05:00-03:00';
  const det =
    tpEvento === '110110'
      ? '<descEvento>Carta de Correcao</descEvento><xCorrecao>Onde se lê A, leia-se B ção</xCorrecao><xCondUso>A Carta de Correcao</xCondUso>'
      : '<descEvento>Cancelamento</descEvento><nProt>135260000000001</nProt><xJust>Pedido cancelado pelo cliente</xJust>';
  const inf =
    `<cOrgao>35</cOrgao><tpAmb>2</tpAmb><CNPJ>${emitente}</CNPJ><chNFe>${chave}</chNFe><dhEvento>${dhEvento}</dhEvento>` +
    `<tpEvento>${tpEvento}</tpEvento><nSeqEvento>${nSeqEvento}</nSeqEvento><verEvento>1.00</verEvento><detEvento versao="1.00">${det}</detEvento>`;
  const signed = `<evento xmlns="${NAMESPACE}" versao="1.00"><infEvento Id="ID${tpEvento}${chave}01">${inf}</infEvento></evento>`;
  const retorno =
    `<retEvento xmlns="${NAMESPACE}" versao="1.00"><infEvento><cStat>135</cStat><xMotivo>Evento registrado</xMotivo>` +
    '<nProt>135260000000002</nProt><dhRegEvento>2026-11-21T10:05:01-03:00</dhRegEvento></infEvento></retEvento>';
  const conteudo = await edge.store.conteudos.put(Buffer.from(signed), { emitente, aamm: '2611' });
  const after = await edge.store.eventos.transition(stored, {
    ...{ state: 'registered', conteudo, dhEvento, nextAt: undefined },
    retorno: said({
      class: 'registered',
      cStat: '135',
      xMotivo: 'Evento registrado e vinculado a NF-e',
      nProt: '135260000000002',
      retorno,
    }),
  });
  return after as Evento;
}

/** Makes a posted inutilização what emission would. */
export async function registerInutilizacao(edge: RunningEdge, which: Parameters<typeof inutilizacaoId>[0]): Promise<Inutilizacao> {
  const stored = await edge.store.inutilizacoes.findById(inutilizacaoId(which));
  if (!stored) throw new Error('the inutilização is not stored');
  const signed = `<inutNFe xmlns="${NAMESPACE}" versao="4.00"><infInut Id="ID"><xJust>Números pulados</xJust></infInut></inutNFe>`;
  const retorno = `<retInutNFe xmlns="${NAMESPACE}" versao="4.00"><infInut><cStat>102</cStat><nProt>135260000000003</nProt></infInut></retInutNFe>`;
  const conteudo = await edge.store.conteudos.put(Buffer.from(signed), { emitente: stored.emitente, aamm: '2611' });
  const after = await edge.store.inutilizacoes.transition(stored, {
    ...{ state: 'registered', conteudo, nextAt: undefined },
    retorno: said({ class: 'inutilizado', cStat: '102', xMotivo: 'Inutilizacao de numero homologado', nProt: '135260000000003', retorno }),
  });
  return after as Inutilizacao;
}

const said = (facts: Omit<NonNullable<Evento['retorno']>, 'dhRegistro'>) => ({ ...facts, dhRegistro: '2026-11-21T10:05:01-03:00' });
