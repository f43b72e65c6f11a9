import type { ProcessState, ProcessView } from '@malote/redis/processes';
import type { QueueView, Situation } from './situation.ts';
import { ambienteName, duration, list, localTime, plural } from './words.ts';

/** As in docs/operations/rabbitmq.md. */
const OUTBOX_ALARM_S = 60;
const DUE_ALARM_S = 120;
const NAMED = 3;

/** What a person should look at now, most pressing first, in Portuguese; nothing when all is well. */
export function concernsOf(situation: Situation): string[] {
  return [...servers(situation), ...processes(situation), ...circuits(situation), ...queues(situation), ...documents(situation)];
}

function servers({ mongodb, rabbitmq, redis, blocked }: Situation): string[] {
  return [
    mongodb.ok ? '' : `MongoDB não responde (${mongodb.reason}). Nada é aceito nem emitido até que volte; o que foi aceito está guardado.`,
    rabbitmq.ok ? '' : `RabbitMQ não responde (${rabbitmq.reason}). Os documentos são aceitos e esperam na caixa de saída.`,
    redis.ok ? '' : `Redis não responde (${redis.reason}). Não há sessões, e dos processos só este é conhecido.`,
    blocked === undefined ? '' : `RabbitMQ recusa mensagens (${blocked}): falta memória ou disco no servidor dele.`,
  ].filter(Boolean);
}

const STATES: Partial<Record<ProcessState, (view: ProcessView) => string>> = {
  vanished: ({ silentMs }) => `desapareceu sem encerrar, sem sinal há ${duration(silentMs)}.`,
  silent: ({ silentMs }) => `está sem sinal há ${duration(silentMs)}.`,
  failed: ({ beat }) => `terminou com falha: ${beat?.errors.find(({ level }) => level === 'fatal')?.reason ?? 'veja os últimos erros'}.`,
  'not-ready': ({ beat }) => `não está pronto: ${failingText(beat?.failing ?? {})}.`,
};

/** `mongodb: not answering; clock: off` */
export function failingText(failing: Record<string, string>): string {
  return Object.entries(failing)
    .map(([check, why]) => `${check}: ${why.replace(/\.+$/, '')}`)
    .join('; ');
}

/** What is wrong while no process of a service is up. */
const NEEDED: Readonly<Record<string, string>> = {
  emission: 'emissão no ar: os documentos são aceitos e esperam.',
  contingency: 'contingência no ar: a queda de um autorizador não é notada, e um modo em vigor não termina.',
};

function processes({ processes, redis }: Situation): string[] {
  const works = (name: string) => processes.some(({ service, state }) => service === name && state !== 'vanished' && state !== 'failed');
  const missing = Object.entries(NEEDED).flatMap(([service, what]) => (works(service) ? [] : [`Nenhum processo de ${what}`]));
  const none = redis.ok ? missing : [];
  const each = processes.flatMap((view) => {
    const say = STATES[view.state];
    return say ? [`O processo ${view.service} (${view.host}, pid ${view.pid}) ${say(view)}`] : [];
  });
  return [...none, ...each];
}

function circuits({ breakers }: Situation): string[] {
  return breakers
    .filter(({ state }) => state !== 'closed')
    .map(({ autorizador, service, ambiente, state, since, processes: n }) => {
      const what = state === 'open' ? 'aberto' : 'em teste';
      return `Circuito ${what}: ${autorizador} ${service} (${ambienteName(ambiente)}), desde ${localTime(since)}, em ${plural(n, 'processo', 'processos')}.`;
    });
}

function queues({ rabbitmq }: Situation): string[] {
  if (!rabbitmq.ok) return [];
  const named = (found: QueueView[]) =>
    list(
      found.map(({ queue }) => queue),
      NAMED,
    );
  const dead = rabbitmq.value.find(({ kind }) => kind === 'dead')?.ready ?? 0;
  const gone = rabbitmq.value.filter(({ problem }) => problem !== undefined);
  const idle = rabbitmq.value.filter(({ kind, ready = 0, consumers = 0 }) => kind === 'work' && ready > 0 && consumers === 0);
  return [
    dead === 0 ? '' : `${plural(dead, 'mensagem', 'mensagens')} na fila dead, à espera de uma pessoa: malote dead list.`,
    gone.length === 0 ? '' : `Sem resposta do RabbitMQ sobre ${named(gone)}.`,
    idle.length === 0 ? '' : `Há mensagens sem ninguém que as consuma em ${named(idle)}.`,
  ].filter(Boolean);
}

function documents({ mongodb }: Situation): string[] {
  if (!mongodb.ok) return [];
  const { backlog, resting } = mongodb.value;
  const { outboxAgeS, dueLagS } = backlog;
  return [
    outboxAgeS <= OUTBOX_ALARM_S ? '' : `Há mensagens não publicadas na caixa de saída há ${duration(outboxAgeS * 1000)}.`,
    dueLagS <= DUE_ALARM_S ? '' : `Há documentos cuja próxima ação está atrasada ${duration(dueLagS * 1000)}.`,
    resting.total === 0 ? '' : `${plural(resting.total, 'empresa', 'empresas')} em descanso por consumo indevido (656).`,
  ].filter(Boolean);
}
