import { MAX_NUMEROS } from '@malote/fiscal/inutilizacao/data/limits';
import { inutilizacaoXmlFromJson } from '@malote/fiscal/inutilizacao/json-inutilizacao';
import type { FaixaProposta } from '@malote/fiscal/inutilizacao/lacunas';
import { diaNaUf, inutilizaveis, JUSTIFICATIVA_PADRAO } from '@malote/fiscal/inutilizacao/politica';
import { readInutilizacao } from '@malote/fiscal/inutilizacao/read-inutilizacao';
import { situacaoOf } from '@malote/fiscal/inutilizacao/rules';
import { ufByCodigo } from '@malote/fiscal/model/uf';
import { parseXml } from '@malote/fiscal/xml/parse';
import type { Clock } from '@malote/runtime/clock';
import type { Logger } from '@malote/runtime/logger';
import type { Metrics } from '@malote/runtime/metrics';
import type { Store } from '@malote/store/connect';
import type { Documento } from '@malote/store/documento';
import type { Empresa } from '@malote/store/empresas';
import { inutilizacaoId } from '@malote/store/inutilizacao';
import { numeroOf, readLacunas, type Serie } from '@malote/store/lacunas';

export interface VoidByPolicyDeps {
  store: Pick<Store, 'documentos' | 'empresas' | 'inutilizacoes' | 'seriesOf' | 'lastNumber'>;
  clock: Clock;
  log: Logger;
  metrics: Metrics;
}

/** Requests of one company in one pass; the next hour goes on. */
export const MAX_PER_PASS = 20;

const PASS_EVERY_MS = 60 * 60_000;

/** A number whose neighbour came, or that was refused, later than this may still be on its way here (an off-line NFC-e has 24 hours). */
const QUIET_MS = 24 * 60 * 60_000;

/**
 * The sweep that asks for the inutilização of last month's gaps, for the companies that chose it. Looks at the time often, so that it follows the
 * injected clock and another process takes over soon, and works once an hour. Answers how many it asked for.
 */
export function voidByPolicySweep(deps: VoidByPolicyDeps): () => Promise<number> {
  let last = Number.NEGATIVE_INFINITY;
  return async () => {
    const now = deps.clock.now().getTime();
    // Not only when later: a clock that was set back must not stop it for long.
    if (Math.abs(now - last) < PASS_EVERY_MS) return 0;
    const asked = await voidByPolicy(deps);
    last = now;
    return asked;
  };
}

/** One pass over all companies; one that fails does not keep the others from theirs. */
export async function voidByPolicy(deps: VoidByPolicyDeps): Promise<number> {
  const { store, log, metrics } = deps;
  const requests = metrics.counter('inutilizacoes_by_policy_total', 'Inutilizações asked for by the policy of a company');
  let total = 0;
  for (const empresa of await store.empresas.listInutilizar()) {
    let asked = 0;
    try {
      for await (const faixa of gapsOf(empresa, deps)) {
        const id = await ask(empresa, faixa, deps);
        if (!id) continue;
        const { modelo, tpAmb, serie, numeroInicial, numeroFinal } = faixa;
        log.info({ inutilizacao: id, empresa: empresa._id, tpAmb, modelo, serie, numeroInicial, numeroFinal }, 'gap voided by policy');
        requests.inc();
        if (++asked === MAX_PER_PASS) break;
      }
    } catch (error) {
      log.error({ err: error, empresa: empresa._id }, 'gaps of a company not voided, tried again in an hour');
    }
    total += asked;
  }
  return total;
}

type Faixa = Serie & FaixaProposta;

/** What may be made void today, over all séries of a company. */
async function* gapsOf({ _id: emitente }: Empresa, deps: VoidByPolicyDeps): AsyncGenerator<Faixa> {
  for (const tpAmb of ['1', '2'] as const) {
    for (const modelo of ['55', '65'] as const) {
      for (const serie of await deps.store.seriesOf({ emitente, tpAmb, modelo })) yield* gapsOfSerie(serie, deps);
    }
  }
}

/** From the last number down, a window at a time, each beginning at the used number where the one above ended. */
async function* gapsOfSerie(serie: Serie, { store, clock }: VoidByPolicyDeps): AsyncGenerator<Faixa> {
  const uf = ufByCodigo(serie.cUF);
  const now = clock.now();
  const hoje = uf && diaNaUf(uf, now);
  // The first days alone: otherwise nothing is read.
  if (!hoje || inutilizaveis([{ ate: hoje }], hoje).length === 0) return;
  const deps = { inRange: store.documentos.inRange, inutilizacoes: store.inutilizacoes };
  for (let ate = await store.lastNumber(serie); ate; ) {
    const { propostas, documentos, inutilizacoes } = await readLacunas(deps, { ...serie, de: Math.max(1, ate - MAX_NUMEROS), ate }, hoje);
    const known = new Set(inutilizacoes.map(({ _id }) => _id));
    for (const proposta of inutilizaveis(propostas, hoje)) {
      const faixa = { ...serie, ...proposta };
      // Asked for before and refused: what to do about it is for a person.
      if (!known.has(inutilizacaoId(faixa as Parameters<typeof inutilizacaoId>[0])) && isQuiet(proposta, documentos, now)) yield faixa;
    }
    const lowest = documentos.find((documento) => situacaoOf(numeroOf(documento)) !== 'perdido');
    // Nothing used below within a window: a jump of the numbering, which no policy may make void.
    if (!lowest || lowest.numero === ate || isBeforeLastMonth(lowest, hoje)) return;
    ate = lowest.numero;
  }
}

/** The next number the hub knows has been here for a while, and nothing came of those of the range for as long. */
function isQuiet({ numeroInicial, numeroFinal }: FaixaProposta, documentos: readonly Documento[], now: Date): boolean {
  const isOld = (at: Date) => now.getTime() - at.getTime() >= QUIET_MS;
  const above = documentos.find(({ numero }) => numero > numeroFinal);
  const inside = documentos.filter(({ numero }) => numero >= numeroInicial && numero <= numeroFinal);
  return above !== undefined && isOld(above.createdAt) && inside.every(({ updatedAt }) => isOld(updatedAt));
}

function isBeforeLastMonth({ dhEmi }: Documento, hoje: string): boolean {
  const monthsOf = (day: string) => Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7));
  return monthsOf(dhEmi) < monthsOf(hoje) - 1;
}

/** Stores the request as a POST would; its command leaves by the outbox. The id when it is a new one. */
async function ask(empresa: Empresa, faixa: Faixa, { store, clock, log }: VoidByPolicyDeps): Promise<string | undefined> {
  const { emitente, tpAmb, modelo, cUF, ano, serie, numeroInicial, numeroFinal } = faixa;
  const justificativa = empresa.lacunasJustificativa ?? JUSTIFICATIVA_PADRAO;
  const body = { uf: ufByCodigo(cUF), ano, serie, numeroInicial, numeroFinal, justificativa };
  const made = inutilizacaoXmlFromJson(body, { emitente, tpAmb, modelo });
  const read = made.ok ? readInutilizacao(parseXml(made.xml)) : made;
  if (!made.ok || !read.ok) {
    log.warn({ empresa: empresa._id, serie, numeroInicial, numeroFinal, faults: read.ok ? [] : read.faults }, 'gap not voided');
    return undefined;
  }
  const hex = (bytes: number) => clock.random(bytes).toString('hex');
  const { registro, outcome } = await store.inutilizacoes.accept({
    ...{ conta: empresa.conta, empresa: empresa._id, pedido: read.pedido, layout: 'sefaz', entrada: Buffer.from(made.xml) },
    traceparent: `00-${hex(16)}-${hex(8)}-01`,
  });
  return outcome === 'accepted' ? registro._id : undefined;
}
