import { MODELOS_COM_MODO, type ModeloComModo } from '@malote/administration/contingencia';
import { type AmbienteName, type Situacao, type StatusAnswer, startOf, type Why } from '@malote/fiscal/contingencia/situacao';
import type { Uf } from '@malote/fiscal/model/uf';
import type { Contingencia, PassoContingencia, SimulacaoContingencia } from '@malote/store/contingencias';

/** Which modes are meant; what is not said is every one that there is. */
export interface SituacaoQuery {
  modelo?: string;
  uf?: Uf;
}

/** Steps that are shown, newest first. */
const PASSOS = 20;

const MOTIVOS: Record<Why['reason'] | 'ordem' | 'automatico' | 'simulacao' | 'fim-da-simulacao', string> = {
  start: 'nada observado que mudasse a emissão normal',
  outage: 'o autorizador normal não atende',
  'svc-ended': 'a SEFAZ Virtual de Contingência foi desativada',
  'svc-lost': 'a SEFAZ Virtual de Contingência não atende',
  'svc-active': 'a SEFAZ Virtual de Contingência foi ativada',
  'normal-back': 'o autorizador normal voltou a atender',
  'by-hand': 'por ordem de uma pessoa',
  ordem: 'por ordem de uma pessoa da conta',
  automatico: 'a decisão voltou ao Malote',
  simulacao: 'simulação',
  'fim-da-simulacao': 'fim da simulação',
};

/** One row for each (modelo, UF, ambiente) with something known of it, or asked for by name; `modo` is what holds for the account. */
export function presentSituacoes(rows: readonly Contingencia[], { modelo, uf }: SituacaoQuery, now: Date): Record<string, unknown>[] {
  const groups = new Map<string, { hub?: Contingencia; conta?: Contingencia }>();
  for (const row of rows) {
    if ((modelo !== undefined && row.modelo !== modelo) || (uf !== undefined && row.uf !== uf)) continue;
    const key = keyOf(row.modelo, row.uf, row.tpAmb);
    groups.set(key, { ...groups.get(key), ...(row.conta === '*' ? { hub: row } : { conta: row }) });
  }
  if (uf !== undefined) {
    for (const each of MODELOS_COM_MODO.filter((known) => modelo === undefined || known === modelo)) {
      for (const tpAmb of ['1', '2']) if (!groups.has(keyOf(each, uf, tpAmb))) groups.set(keyOf(each, uf, tpAmb), {});
    }
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, group]) => presentSituacao(key, group, now));
}

const keyOf = (modelo: string, uf: string, tpAmb: string) => `${modelo}.${uf}.${tpAmb}`;

/** The key of one, as presentSituacoes groups. */
export function situacaoKey({ modelo, uf, ambiente }: { modelo: ModeloComModo; uf: Uf; ambiente: AmbienteName }): string {
  return keyOf(modelo, uf, ambiente === 'prod' ? '1' : '2');
}

export function presentSituacao(key: string, { hub, conta }: { hub?: Contingencia; conta?: Contingencia }, now: Date) {
  const [modelo = '', uf = '', tpAmb] = key.split('.');
  const { mode, evidence }: Pick<Situacao, 'mode' | 'evidence'> = hub?.situacao ?? startOf(new Date(0));
  const simulacao = conta?.simulacao && conta.simulacao.ate > now ? conta.simulacao : undefined;
  const drilled = simulacao?.modo && { modo: simulacao.modo, desde: simulacao.desde, origem: 'simulacao' };
  const ordered = conta?.ordem && { modo: conta.ordem.modo, desde: conta.ordem.desde, origem: 'ordem' };
  const { modo, desde, origem } = drilled ?? ordered ?? { modo: mode.modo, desde: hub ? mode.since : undefined, origem: 'hub' };
  const { normal, svc, epec } = evidence.status;
  return {
    ...{ modelo, uf, ambiente: tpAmb === '1' ? 'prod' : 'hom', modo, desde: desde?.toISOString() ?? null, origem },
    hub: {
      ...{ modo: mode.modo, desde: hub ? mode.since.toISOString() : null, motivo: MOTIVOS[mode.why.reason], versao: mode.version },
      suspeitaDesde: hub?.suspeitaDesde?.toISOString() ?? null,
      falhasRecentes: evidence.failed.reduce((sum, { failures }) => sum + failures, 0),
      situacaoDoNossoLado: evidence.ourSide ? 'rede do Malote fora' : null,
      status: { normal: presentStatus(normal), svc: presentStatus(svc), epec: presentStatus(epec) },
      historico: presentPassos(hub?.historico),
    },
    conta: {
      ordem: conta?.ordem
        ? {
            ...{ modo: conta.ordem.modo, desde: conta.ordem.desde.toISOString(), quem: conta.ordem.quem },
            justificativa: conta.ordem.justificativa ?? null,
          }
        : null,
      simulacao: simulacao ? presentSimulacao(simulacao) : null,
      historico: presentPassos(conta?.historico),
    },
  };
}

function presentSimulacao({ id, desde, ate, quem, modo }: SimulacaoContingencia) {
  return { id, desde: desde.toISOString(), ate: ate.toISOString(), quem, modo: modo ?? null };
}

/** A cStat, or in the words of the contract that nothing readable came. */
function presentAnswer(answer: string | undefined): string | null {
  return answer === 'none' ? 'sem-resposta' : (answer ?? null);
}

function presentStatus(status: StatusAnswer | undefined) {
  return status ? { resposta: presentAnswer(status.answer), em: new Date(status.at).toISOString(), seguidas: status.inARow } : null;
}

function presentPassos(passos: readonly PassoContingencia[] | undefined) {
  return (passos ?? [])
    .slice(-PASSOS)
    .reverse()
    .map(({ em, de, para, motivo, quem, observado }) => ({
      ...{ em: em.toISOString(), de, para, motivo: (MOTIVOS as Record<string, string>)[motivo] ?? motivo, quem },
      observado: observado
        ? {
            ...{ falhas: observado.failures, documentos: observado.documents, normal: presentAnswer(observado.normal) },
            ...{ svc: presentAnswer(observado.svc), epec: presentAnswer(observado.epec) },
          }
        : null,
    }));
}
