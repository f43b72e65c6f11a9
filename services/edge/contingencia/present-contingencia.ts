import { AVISO_PRAZO, prazoNaUf } from '@malote/fiscal/contingencia/prazo';
import type { ContingenciaDoDocumento, OutroDocumento } from '@malote/fiscal/emission/lifecycle-state';
import type { Documento } from '@malote/store/documento';

/** What the document object shows of contingência; nothing of a document that has nothing to do with it. */
export function presentContingencia(documento: Documento): Record<string, unknown> {
  const { contingencia, acao, substitui, substituidaPor, substituicao } = documento;
  return {
    ...(contingencia ? { contingencia: presentFacts(contingencia) } : {}),
    ...(acao ? { acao } : {}),
    ...(contingencia?.danfeAlterado ? { danfeAlterado: true } : {}),
    ...(substitui ? { substitui: presentOutro(substitui) } : {}),
    ...(substituidaPor ? { substituidaPor: { ...presentOutro(substituidaPor), situacao: substituicao?.situacao ?? 'aguarda' } } : {}),
  };
}

function presentFacts({ modo, desde, emitidaEm, prazoAte, epec }: ContingenciaDoDocumento) {
  return {
    ...{ modo, desde: desde.toISOString(), emitidaEm: emitidaEm?.toISOString() ?? null, transmitirAte: prazoAte?.toISOString() ?? null },
    epec: epec ? { protocolo: epec.nProt, dataRegistro: epec.dhRegistro } : null,
  };
}

/** Another document of the same sale: what is said of it stands in its id. */
function presentOutro({ documentoId, chave }: OutroDocumento) {
  const [emitente = '', tpAmb, modelo, , serie, numero] = documentoId.split('.');
  const docs = `/api/empresas/${emitente}/docs/${tpAmb === '1' ? 'prod' : 'hom'}/${modelo}`;
  return { ...{ chaveAcesso: chave ?? null, serie: Number(serie), numero: Number(numero) }, documento: chave ? `${docs}/${chave}` : null };
}

/** The deadline of a note that was handed over and is still to be transmitted, as an aviso. */
export function prazoAviso({ pendenteDesde, state, contingencia, avisos, uf }: Documento): { cMsg: string; xMsg: string }[] {
  // Emission's alarm says it louder.
  if (avisos.some(({ codigo }) => codigo === AVISO_PRAZO)) return [];
  if (!pendenteDesde || !contingencia?.prazoAte || state === 'authorized' || state === 'cancelled') return [];
  const ate = prazoNaUf(uf, contingencia.prazoAte);
  const next =
    state === 'rejected'
      ? 'a SEFAZ a recusou; envie a correção (PUT …/correcao) e ela será transmitida de novo'
      : 'o Malote a transmite assim que a SEFAZ voltar';
  return [{ cMsg: AVISO_PRAZO, xMsg: `Emitida em contingência: deve ser transmitida até ${ate}; ${next}.` }];
}

/** Handed over in contingência and without an answer that makes a proc XML: its signed XML is what the customer has. */
export function isHandedOver(documento: Documento): documento is Documento & { conteudo: string } {
  return documento.pendenteDesde !== undefined && documento.conteudo !== undefined;
}
