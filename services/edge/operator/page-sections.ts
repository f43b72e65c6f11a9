import type { ProcessState, ProcessView } from '@malote/redis/processes';
import type { Documento } from '@malote/store/documento';
import { type Html, html } from '../html.ts';
import { presentRecovering } from '../list-recovering.ts';
import { failingText } from './concerns.ts';
import { section, table } from './page-table.ts';
import type { BreakerView, QueueView, Situation } from './situation.ts';
import { ago, ambienteName, localTime, plural } from './words.ts';

const STATES: Record<ProcessState, { name: string; style: string }> = {
  up: { name: 'pronto', style: 'good' },
  starting: { name: 'iniciando', style: 'warn' },
  'not-ready': { name: 'não está pronto', style: 'bad' },
  ending: { name: 'encerrando', style: 'warn' },
  silent: { name: 'sem sinal', style: 'bad' },
  vanished: { name: 'desapareceu', style: 'bad' },
  failed: { name: 'terminou com falha', style: 'bad' },
};

export function processes({ processes: views, redis }: Situation): Html {
  const rows = views.map((view) => [
    html`<b>${view.service}</b>`,
    html`<span class="${STATES[view.state].style}">${STATES[view.state].name}</span>${why(view)}`,
    html`<span class="mono">${view.host}</span> <small>pid ${view.pid}</small>`,
    view.version,
    localTime(view.startedAt),
    ago(view.silentMs),
    brokerText(view),
  ]);
  const note = redis.ok ? undefined : html`<p class="warn">Sem o Redis só este processo é conhecido.</p>`;
  return section('Processos', note, table(['Serviço', 'Situação', 'Máquina', 'Versão', 'Desde', 'Último sinal', 'RabbitMQ'], rows));
}

function why({ beat, state: now }: ProcessView): Html | undefined {
  const text = failingText(beat?.failing ?? {});
  return now !== 'not-ready' || text === '' ? undefined : html`<br><small>${text}</small>`;
}

function brokerText({ beat }: ProcessView): string {
  const { broker } = beat ?? {};
  if (!broker) return '';
  if (broker.blocked !== undefined) return 'recusa mensagens';
  return broker.publishing ? 'conectado' : 'sem conexão';
}

export function queues({ rabbitmq }: Situation): Html {
  if (!rabbitmq.ok) return section('Filas', html`<p class="bad">RabbitMQ não responde: ${rabbitmq.reason}</p>`);
  const busy = (queue: QueueView) => queue.problem !== undefined || (queue.ready ?? 0) > 0 || (queue.unacked ?? 0) > 0;
  const lost = (queue: QueueView) => queue.kind === 'work' && queue.consumers === 0;
  const shown = rabbitmq.value.filter((queue) => busy(queue));
  const empty = rabbitmq.value.filter((queue) => !busy(queue));
  const idle = empty.filter(lost).length;
  const content = shown.length === 0 ? html`<p class="soft">Todas vazias.</p>` : queueTable(shown);
  const note = idle === 0 ? '' : `, ${idle} sem consumidor`;
  const folded =
    empty.length === 0
      ? undefined
      : html`<details><summary>${plural(empty.length, 'fila vazia', 'filas vazias')}${note}</summary>${queueTable(empty)}</details>`;
  return section('Filas', content, folded);
}

const KINDS: Record<QueueView['kind'], Html | undefined> = {
  work: undefined,
  dead: html` <b class="bad">mortas</b>`,
  retry: html` <b class="warn">nova tentativa</b>`,
};

function queueTable(views: QueueView[]): Html {
  const rows = views.map((queue) => [
    html`<span class="mono">${queue.queue}</span>${(queue.ready ?? 0) > 0 || queue.kind === 'work' ? KINDS[queue.kind] : undefined}`,
    queue.problem === undefined
      ? (queue.ready?.toLocaleString('pt-BR') ?? '')
      : html`<span class="bad">${queue.problem === 'gone' ? 'não existe' : queue.problem}</span>`,
    queue.unacked?.toLocaleString('pt-BR') ?? '?',
    queue.kind === 'work' ? html`<span class="${queue.consumers === 0 ? 'bad' : ''}">${queue.consumers ?? '?'}</span>` : '–',
  ]);
  return table(['Fila', 'Esperando', 'Em trabalho', 'Consumidores'], rows, [1, 2, 3]);
}

export function recovering({ mongodb, at }: Situation): Html {
  if (!mongodb.ok) return section('Documentos em recuperação', html`<p class="bad">MongoDB não responde: ${mongodb.reason}</p>`);
  const { total, oldest } = mongodb.value.recovering;
  if (total === 0) return section('Documentos em recuperação', html`<p class="soft">Nenhum.</p>`);
  const rows = oldest.map((documento) => recoveringRow(documento, at));
  const columns = ['Empresa, conta', 'Documento', 'Situação', 'O que será feito', 'Última tentativa'];
  const rest = rows.slice(UNFOLDED);
  const folded = rest.length === 0 ? undefined : html`<details><summary>mais ${rest.length}</summary>${table(columns, rest)}</details>`;
  const more =
    total > oldest.length ? html`<p class="soft">Os ${oldest.length} mais antigos de ${total.toLocaleString('pt-BR')}.</p>` : undefined;
  return section('Documentos em recuperação', more, table(columns, rows.slice(0, UNFOLDED)), folded);
}

/** The page stays short on a phone. */
const UNFOLDED = 5;

function recoveringRow(documento: Documento, at: Date): (Html | string)[] {
  const { modelo, serie, numero, tpAmb, empresa, nextAt, createdAt, conta, chave } = documento;
  const { acao, status, ultimaTentativa: last } = presentRecovering(documento);
  const when = nextAt === undefined ? '' : nextAt <= at ? 'agora' : localTime(nextAt);
  const answer = [last?.codigoStatus, last?.motivo].filter(Boolean).join(' ') || 'sem resposta';
  return [
    html`<span class="mono id">${empresa}</span><br><small class="mono">${conta}</small>`,
    html`<span class="id">${modelo} · ${serie}/${numero}</span> <small>${ambienteName(tpAmb)}</small>${chave ? html`<br><small class="mono chave">${chave}</small>` : undefined}`,
    html`${status}<br><small class="id">${ago(at.getTime() - createdAt.getTime())}</small>`,
    html`${acao}<br><small class="id">${when}</small>`,
    last ? html`${last.autorizador} <small class="id">${localTime(last.enviadaEm)}</small><br><small>${answer}</small>` : '',
  ];
}

const CIRCUITS: Record<BreakerView['state'], { name: string; style: string }> = {
  open: { name: 'aberto', style: 'bad' },
  'half-open': { name: 'em teste', style: 'warn' },
  closed: { name: 'fechado', style: 'good' },
};

export function breakers({ breakers: views, at, redis }: Situation): Html {
  if (!redis.ok) return section('Circuitos', html`<p class="warn">Sem o Redis não são conhecidos.</p>`);
  const shown = views.filter((view) => view.state !== 'closed');
  const closed = views.filter((view) => view.state === 'closed');
  const rows = (of: BreakerView[]) =>
    of.map(({ autorizador, service, ambiente, state: now, since, processes: n }) => [
      html`<b>${autorizador}</b> ${service}`,
      ambienteName(ambiente),
      html`<span class="${CIRCUITS[now].style}">${CIRCUITS[now].name}</span>`,
      ago(at.getTime() - new Date(since).getTime()),
      n.toLocaleString('pt-BR'),
    ]);
  const columns = ['Serviço', 'Ambiente', 'Circuito', 'Desde', 'Processos'];
  const none = views.length === 0 ? 'Nenhum serviço da SEFAZ foi chamado ainda.' : 'Nenhum aberto.';
  return section(
    'Circuitos',
    shown.length === 0 ? html`<p class="soft">${none}</p>` : table(columns, rows(shown), [4]),
    closed.length === 0
      ? undefined
      : html`<details><summary>${plural(closed.length, 'fechado', 'fechados')}</summary>${table(columns, rows(closed), [4])}</details>`,
  );
}

export function resting({ mongodb }: Situation): Html | undefined {
  if (!mongodb.ok || mongodb.value.resting.total === 0) return undefined;
  const { total, rests } = mongodb.value.resting;
  const rows = rests.map(({ cnpj, autorizador, until, reason }) => [
    html`<span class="mono id">${cnpj}</span>`,
    autorizador,
    localTime(until),
    reason,
  ]);
  const more =
    total > rests.length ? html`<p class="soft">As ${rests.length} primeiras de ${total.toLocaleString('pt-BR')}.</p>` : undefined;
  return section(
    'Empresas em descanso',
    html`<p class="soft">A SEFAZ as recusou por consumo indevido; nada é enviado por elas até a hora indicada.</p>`,
    table(['Empresa', 'Autorizador', 'Até', 'Motivo'], rows),
    more,
  );
}

export function errors({ errors: lines }: Situation): Html | undefined {
  if (lines.length === 0) return undefined;
  const rows = lines.map((line) => [
    html`<span class="id">${localTime(line.time)}</span>`,
    html`${line.service} <small class="mono">${line.host}/${line.pid}</small>`,
    html`<b class="${line.level === 'fatal' ? 'bad' : ''}">${line.msg}</b>${line.reason === undefined ? undefined : html`<br>${line.reason}`}`,
    html`${line.doc === undefined ? undefined : html`<small class="mono">${line.doc}</small><br>`}${line.trace === undefined ? undefined : html`<small class="mono">${line.trace}</small>`}`,
  ]);
  return section(
    'Últimos erros',
    html`<p class="soft">Dos processos que estão no ar; tudo está nos logs, pelo documento ou pelo trace.</p>`,
    table(['Hora', 'Processo', 'Erro', 'Documento, trace'], rows),
  );
}
