import { type Html, html, styleOnlyPolicy } from '../html.ts';
import { concernsOf } from './concerns.ts';
import { breakers, errors, processes, queues, recovering, resting } from './page-sections.ts';
import { STYLE } from './page-style.ts';
import type { QueueView, Situation } from './situation.ts';
import { duration, localTime } from './words.ts';

export interface PageOptions {
  /** Seconds between two loads; 0: only when the reader asks. */
  refreshS: number;
  /** Of RabbitMQ's management, when the operator has told it. */
  managementUrl: string | undefined;
}

/** No script, no other host, no form: the style is allowed by its hash alone. */
export const PAGE_CSP = styleOnlyPolicy(STYLE);

/** The operator page, in Portuguese. */
export function renderPage(situation: Situation, options: PageOptions): string {
  const refresh = options.refreshS === 0 ? undefined : html`<meta http-equiv="refresh" content="${options.refreshS}">`;
  const style: Html = { html: `<style>${STYLE}</style>` };
  const concerns = concernsOf(situation);
  return html`<!DOCTYPE html><html lang="pt-BR"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">${refresh}<title>${concerns.length === 0 ? undefined : `(${concerns.length}) `}Malote</title>${style}</head><body>
${head(situation, options)}
${state(concerns)}
${tiles(situation)}
${errors(situation)}
${breakers(situation)}
${queues(situation)}
${processes(situation)}
${resting(situation)}
${recovering(situation)}
${foot(situation, options)}
</body></html>
`.html;
}

function head({ at }: Situation, { refreshS, managementUrl }: PageOptions): Html {
  const again =
    refreshS === 0
      ? html`<a href="/">renovar sozinha</a>`
      : html`<a href="/?atualizar=nao" title="Renova-se a cada ${refreshS} s">não renovar</a>`;
  return html`<header><div><h1>Malote</h1><p class="soft">Situação às ${localTime(at)} (hora de Brasília)</p></div>
<nav>${managementUrl === undefined ? undefined : html`<a href="${managementUrl}" rel="noreferrer">RabbitMQ</a>`}<a href="/docs">API</a><a href="/api/admin/situacao">JSON</a>${again}</nav></header>`;
}

function state(concerns: readonly string[]): Html {
  if (concerns.length === 0) return html`<div class="state well"><b class="good">Tudo em ordem.</b></div>`;
  const items = concerns.map((concern) => html`<li>${concern}</li>`);
  return html`<div class="state ill" role="alert"><b class="bad">Precisa de atenção</b><ul>${items}</ul></div>`;
}

function tiles({ mongodb, rabbitmq }: Situation): Html {
  const tile = (label: string, value: string | undefined, style = '') =>
    html`<div class="tile"><b class="${value === undefined ? 'soft' : style}">${value ?? '?'}</b><small>${label}</small></div>`;
  const documents = mongodb.ok ? mongodb.value : undefined;
  // A sum of which a part is unknown is unknown.
  const sum = (pick: (queue: QueueView) => number | undefined, kind?: QueueView['kind']) => {
    const parts = rabbitmq.ok ? rabbitmq.value.filter((queue) => kind === undefined || queue.kind === kind).map(pick) : [undefined];
    return parts.reduce((n, part) => (n === undefined || part === undefined ? undefined : n + part), 0);
  };
  const number = (n: number | undefined) => n?.toLocaleString('pt-BR');
  const dead = sum(({ ready }) => ready, 'dead');
  const age = (s: number | undefined) => (s === undefined ? undefined : s === 0 ? '–' : duration(s * 1000));
  const unsettled = documents && Object.values(documents.backlog.unsettled).reduce((a, b) => a + b, 0);
  return html`<div class="tiles">
${tile('documentos em andamento', number(unsettled))}
${tile('documentos em recuperação', number(documents?.recovering.total), documents?.recovering.total ? 'warn' : '')}
${tile('mensagens nas filas', number(sum(({ ready }) => ready, 'work')))}
${tile('mensagens em trabalho', number(sum(({ unacked }) => unacked)))}
${tile('mensagens mortas', number(dead), dead ? 'bad' : '')}
${tile('saída mais antiga', age(documents?.backlog.outboxAgeS))}
${tile('maior atraso de ação', age(documents?.backlog.dueLagS))}
</div>`;
}

function foot({ version }: Situation, { refreshS }: PageOptions): Html {
  const how = refreshS === 0 ? 'Esta página não se renova.' : `Esta página se renova a cada ${refreshS} s.`;
  return html`<footer><p>Malote ${version} · ${how}</p></footer>`;
}
