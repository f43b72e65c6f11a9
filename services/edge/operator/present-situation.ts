import type { ProcessState, ProcessView } from '@malote/redis/processes';
import { presentRecovering } from '../list-recovering.ts';
import { ambienteOf } from '../present-document.ts';
import { concernsOf } from './concerns.ts';
import type { BreakerView, Part, QueueView, Situation } from './situation.ts';

export const PROCESS_STATES: Record<ProcessState, string> = {
  up: 'pronto',
  starting: 'iniciando',
  'not-ready': 'nao-pronto',
  ending: 'encerrando',
  silent: 'sem-sinal',
  vanished: 'desaparecido',
  failed: 'falhou',
};
export const QUEUE_KINDS: Record<QueueView['kind'], string> = { work: 'trabalho', retry: 'nova-tentativa', dead: 'mortas' };
export const BREAKER_STATES: Record<BreakerView['state'], string> = { closed: 'fechado', 'half-open': 'em-teste', open: 'aberto' };

/** The situation for scripts: the facts of the page. What could not be read is null, and its server says why. */
export function presentSituation(situation: Situation): Record<string, unknown> {
  const { mongodb, rabbitmq, redis, blocked } = situation;
  const concerns = concernsOf(situation);
  return {
    geradaEm: situation.at.toISOString(),
    versao: situation.version,
    emOrdem: concerns.length === 0,
    atencao: concerns,
    servidores: {
      mongodb: serverOf(mongodb),
      rabbitmq: { ...serverOf(rabbitmq), recusaMensagens: blocked ?? null },
      redis: serverOf(redis),
    },
    processos: situation.processes.map(presentProcess),
    filas: rabbitmq.ok ? rabbitmq.value.map(presentQueue) : null,
    documentos: mongodb.ok
      ? {
          emAndamento: mongodb.value.backlog.unsettled,
          emRecuperacao: {
            totalElementos: mongodb.value.recovering.total,
            registros: mongodb.value.recovering.oldest.map((documento) => ({ conta: documento.conta, ...presentRecovering(documento) })),
          },
          idadeDaSaidaS: mongodb.value.backlog.outboxAgeS,
          atrasoS: mongodb.value.backlog.dueLagS,
        }
      : null,
    descansos: mongodb.ok
      ? {
          totalElementos: mongodb.value.resting.total,
          registros: mongodb.value.resting.rests.map(({ cnpj, autorizador, until, reason }) => {
            return { empresa: cnpj, autorizador, ate: until.toISOString(), motivo: reason };
          }),
        }
      : null,
    circuitos: redis.ok ? situation.breakers.map(presentBreaker) : null,
    erros: situation.errors.map(({ time, level, service, host, pid, msg, reason, doc, trace }) => {
      const about = { motivo: reason ?? null, documento: doc ?? null, trace: trace ?? null };
      return { hora: time, nivel: level, servico: service, maquina: host, pid, mensagem: msg, ...about };
    }),
  };
}

function serverOf(part: Part<unknown>): Record<string, unknown> {
  return part.ok ? { ok: true, motivo: null } : { ok: false, motivo: part.reason };
}

function presentProcess({ service, id, host, pid, version, startedAt, state, silentMs, beat }: ProcessView): Record<string, unknown> {
  return {
    servico: service,
    id,
    maquina: host,
    pid,
    versao: version,
    desde: startedAt,
    estado: PROCESS_STATES[state],
    semSinalMs: silentMs,
    falhas: beat?.failing ?? {},
    rabbitmq: beat?.broker ? { publicando: beat.broker.publishing, emTrabalho: beat.broker.inFlight } : null,
  };
}

function presentBreaker({ autorizador, service, ambiente, state, since, processes }: BreakerView): Record<string, unknown> {
  return {
    autorizador,
    servico: service,
    ambiente: ambienteOf(ambiente),
    estado: BREAKER_STATES[state],
    desde: since,
    processos: processes,
  };
}

function presentQueue({ queue, kind, ready, consumers, unacked, problem }: QueueView): Record<string, unknown> {
  const problema = problem === undefined ? null : problem === 'gone' ? 'não existe' : problem;
  return {
    fila: queue,
    tipo: QUEUE_KINDS[kind],
    esperando: ready ?? null,
    emTrabalho: unacked ?? null,
    consumidores: consumers ?? null,
    problema,
  };
}
