import type { Attempt } from '@malote/fiscal/emission/lifecycle-state';
import type { Documento } from '@malote/store/documento';
import type { Recovering, RecoveringQuery } from '@malote/store/recovering';
import { answerList } from './conditional.ts';
import { contaOf, type Exchange } from './exchange.ts';
import { rowsOf, writePage } from './pages.ts';
import { ambienteOf, locationOf, statusOf } from './present-document.ts';

export interface RecoveringDeps {
  recovering(query: RecoveringQuery): Promise<Recovering>;
}

/** GET of the account's documents on which the hub is still working after something went wrong: what is being done, and when next. */
export function createListRecovering({ recovering }: RecoveringDeps): (exchange: Exchange) => Promise<void> {
  return async (exchange) => {
    const { total, documentos } = await recovering({ conta: contaOf(exchange), ...rowsOf(exchange.query.pagina as number) });
    answerList(exchange, writePage(total, documentos.map(presentRecovering)));
  };
}

/** One row: what is wrong, what the hub will do about it, and when. */
export function presentRecovering(documento: Documento) {
  const last = documento.attempts.at(-1);
  return {
    empresa: documento.empresa,
    ambiente: ambienteOf(documento.tpAmb),
    codModelo: documento.modelo,
    ano: documento.ano,
    serie: documento.serie,
    numero: documento.numero,
    chaveAcesso: documento.chave ?? null,
    status: statusOf(documento),
    desde: documento.createdAt.toISOString(),
    acao: actionOf(documento),
    proximaAcaoEm: documento.nextAt?.toISOString() ?? null,
    ultimaTentativa: last ? summaryOf(last) : null,
    tentativas: documento.attempts.length,
    avisos: documento.avisos.map(({ codigo, mensagem }) => ({ cMsg: codigo, xMsg: mensagem })),
    documento: locationOf(documento),
  };
}

function actionOf({ state, outraChave }: Documento): string {
  if (state === 'uncertain') return outraChave ? `consultar a chave ${outraChave}` : 'consultar pela chave';
  return state === 'signed' ? 'transmitir de novo o mesmo XML' : 'emitir';
}

function summaryOf(attempt: Attempt) {
  return {
    tipo: attempt.kind === 'authorize' ? 'autorizacao' : 'consulta',
    autorizador: attempt.autorizador,
    enviadaEm: attempt.sentAt.toISOString(),
    codigoStatus: attempt.cStat ?? null,
    motivo: attempt.xMotivo ?? attempt.reason ?? null,
  };
}
