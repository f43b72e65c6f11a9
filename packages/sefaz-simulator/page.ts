import { localTime } from './autorizadores.ts';
import type { Call } from './calls.ts';
import type { Csc } from './csc.ts';
import type { Autorizacao, Report } from './database.ts';
import { describeDelay } from './delays.ts';
import { EVENT_KINDS } from './event-kinds.data.ts';
import type { Evento } from './event-store.ts';
import { FAULTS } from './fault-kinds.ts';
import type { Fault } from './faults.ts';
import { renderFaultForm, renderSvcForm, SVC_STATES } from './page-form.ts';
import { STYLE } from './page-style.ts';
import type { Inutilizacao } from './range-store.ts';
import { type ScenarioSummary, shippedScenarios } from './scenario.ts';
import { escapeXml } from './soap.ts';
import type { SvcSwitch } from './svc.ts';

export interface PageContent {
  calls: readonly Call[];
  faults: readonly Fault[];
  report: Report;
  notes: readonly Autorizacao[];
  csc: readonly Csc[];
  events: readonly Evento[];
  ranges: readonly Inutilizacao[];
  svc: readonly SvcSwitch[];
}

export interface PageState {
  health: { now: string; running: number; fast: boolean; url: string; hosts: Record<string, string> };
  scenario: ScenarioSummary | undefined;
  /** Every call and document, not only the last ones. */
  all: boolean;
  error?: string | undefined;
}

const SAO_PAULO = '35';
const LAST = 50;
/** A page of more rows is of no use to a person; the JSON has them all. */
const MOST = 2_000;

/** The whole page, in Portuguese. All that came from outside is escaped. */
export function renderPage(content: PageContent, state: PageState): string {
  const { calls, report, notes, faults } = content;
  const limit = state.all ? MOST : LAST;
  const sections = [
    state.error === undefined ? '' : `<section class="error" role="alert"><h2>Não foi feito</h2><p>${escapeXml(state.error)}</p></section>`,
    tiles(content, state),
    doubled(report),
    `<section><h2>Falhas</h2>${situation(state.scenario)}${faultTable(faults, state.health.now)}${renderFaultForm()}</section>`,
    svcSection(content.svc),
    `<section><h2>Chamadas</h2>${callTable(latest(calls, limit))}${more(calls.length, limit)}</section>`,
    `<section><h2>Documentos</h2>${noteTable(latest(notes, limit))}${more(notes.length, limit)}</section>`,
    eventSection(content.events, limit),
    rangeSection(content.ranges, limit),
    cscSection(content.csc),
  ];
  return (
    '<!DOCTYPE html><html lang="pt-BR"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">' +
    `<title>Simulador da SEFAZ</title><style>${STYLE}</style></head><body>${header(state)}${sections.join('')}</body></html>`
  );
}

function header({ health }: PageState): string {
  const hosts = Object.entries(health.hosts).map(([name, url]) => `<p class="soft">${escapeXml(name)}: <code>${escapeXml(url)}</code></p>`);
  const mode = health.fast ? ' · modo rápido (sem XSD, sem assinatura)' : '';
  return (
    `<header><div><h1>Simulador da SEFAZ</h1><p class="soft"><code>${escapeXml(health.url)}</code>${mode}</p>${hosts.join('')}</div>` +
    `<p><small>${time(health.now)} (relógio do simulador, hora de Brasília)</small> · <a href="/">atualizar</a></p></header>`
  );
}

function tiles({ calls, report, faults }: PageContent, { health }: PageState): string {
  const tile = (label: string, value: number, style = '') =>
    `<div class="tile"><b class="${style}">${value}</b><small>${label}</small></div>`;
  const active = faults.filter((fault) => phase(fault, health.now) === 'ativa').length;
  const cut = calls.filter(({ outcome }) => outcome !== 'answered').length;
  return (
    `<div class="tiles">${tile('chamadas', calls.length)}${tile('sem resposta', cut)}${tile('notas autorizadas', report.total)}` +
    `${tile('números dobrados', report.doubled, report.doubled === 0 ? 'good' : 'bad')}${tile('falhas ativas', active)}` +
    `${tile('chamadas em curso', health.running)}</div>`
  );
}

function doubled({ numbers }: Report): string {
  const rows = numbers
    .filter(({ authorizations }) => authorizations.length > 1)
    .flatMap(({ number, authorizations }) =>
      authorizations.map((a) => [
        id(number.emitente),
        `${number.modelo} ${number.serie}/${number.numero}`,
        `${escapeXml(a.autorizador)}${a.foreign ? ' (de fora)' : ''}`,
        a.tpEmis,
        mono(a.chave),
        time(a.at),
      ]),
    );
  if (rows.length === 0) return '';
  return `<section class="error"><h2>Números dobrados</h2>${table(['Emitente', 'Número', 'Autorizador', 'tpEmis', 'Chave', 'Quando'], rows)}</section>`;
}

function situation(scenario: ScenarioSummary | undefined): string {
  const options = shippedScenarios().map((name) => `<option${name === scenario?.name ? ' selected' : ''}>${name}</option>`);
  const current = scenario
    ? `<p>Cenário <b>${escapeXml(scenario.name)}</b> desde ${time(scenario.since)}. ${escapeXml(scenario.description)}</p>`
    : '<p class="soft">Nenhum cenário.</p>';
  return `${current}<form method="post" action="/form/scenario" class="line"><select name="name" aria-label="Cenário">${options.join('')}</select><button>Carregar cenário</button></form>`;
}

type Phase = 'ativa' | 'espera' | 'acabou';

function phase({ times, from, until }: Fault, now: string): Phase {
  if (times === 0 || (until !== undefined && until <= now)) return 'acabou';
  return from !== undefined && from > now ? 'espera' : 'ativa';
}

function faultTable(faults: readonly Fault[], now: string): string {
  if (faults.length === 0) return '<p class="soft">Nenhuma falha: tudo é respondido como manda o manual.</p>';
  const rows = faults.map((fault) => [
    `<b>${escapeXml(fault.fault)}</b><br><small>${escapeXml(FAULTS[fault.fault]?.about ?? '')}</small>`,
    escapeXml(
      Object.entries(fault.match)
        .map(([field, value]) => `${field} ${value}`)
        .join(', '),
    ) || 'todas',
    escapeXml(settings(fault)),
    `${phase(fault, now)}, pegou ${fault.hits}`,
    `<form method="post" action="/form/remove"><input type="hidden" name="id" value="${escapeXml(fault.id)}"><button class="small">remover</button></form>`,
  ]);
  const all = '<form method="post" action="/form/remove"><button class="small">remover todas</button></form>';
  return table(['Falha', 'Chamadas', 'Como', 'Estado', ''], rows) + (faults.length > 1 ? all : '');
}

function settings({ times, skip, chance, from, until, delay, maxBytes, cStat, xMotivo }: Fault): string {
  const parts = [
    times === undefined ? '' : `mais ${times}×`,
    skip ? `depois de ${skip}` : '',
    chance === undefined ? '' : `${(chance * 100).toLocaleString('pt-BR')} %`,
    delay ? describeDelay(delay) : '',
    maxBytes === undefined ? '' : `> ${maxBytes} bytes`,
    cStat === undefined ? '' : `cStat ${cStat}${xMotivo ? ` ${xMotivo}` : ''}`,
    from === undefined ? '' : `de ${clockTime(from)}`,
    until === undefined ? '' : `até ${clockTime(until)}`,
  ];
  return parts.filter(Boolean).join(', ');
}

const OUTCOMES: Record<Call['outcome'], string> = {
  answered: '',
  cut: 'cortada',
  hanging: 'sem resposta',
  gone: 'cliente desistiu',
  'no-tls': 'sem TLS',
};

function callTable(calls: readonly Call[]): string {
  if (calls.length === 0) return '<p class="soft">Nenhuma chamada ainda.</p>';
  const rows = calls.map((call) => [
    `${call.n}`,
    time(call.at),
    escapeXml(call.service ? `${call.service} ${call.autorizador}/${call.modelo}` : 'conexão'),
    subjectOf(call),
    outcomeOf(call),
    `${Math.round(call.durationMs)} ms`,
  ]);
  return table(['Nº', 'Hora', 'Serviço', 'Documento', 'Resultado', 'Duração'], rows);
}

/** The note, with its event when it is about one; or the range of numbers. */
function subjectOf({ cnpj, serie, numero, numeroFinal, tpEvento, nSeqEvento }: Call): string {
  if (numero === undefined) return '';
  const last = numeroFinal === undefined || numeroFinal === numero ? '' : ` a ${numeroFinal}`;
  const event = tpEvento === undefined ? '' : `<br><small>${escapeXml(eventName(tpEvento, nSeqEvento))}</small>`;
  return `${id(cnpj ?? '')} ${serie}/${numero}${last}${event}`;
}

function eventName(tpEvento: string, nSeqEvento: number | undefined): string {
  const sequence = nSeqEvento === undefined || nSeqEvento === 1 ? '' : `, nº ${nSeqEvento}`;
  return `${tpEvento} ${EVENT_KINDS.get(tpEvento)?.xEvento ?? ''}${sequence}`;
}

function outcomeOf(call: Call): string {
  const answer = call.cStat ? `${call.cStat} ${call.xMotivo ?? ''}` : call.httpStatus ? `HTTP ${call.httpStatus}` : '';
  const fault = call.fault ? `<small> falha ${escapeXml(call.fault)}</small>` : '';
  const lost = OUTCOMES[call.outcome] ? `<b class="bad">${OUTCOMES[call.outcome]}</b> ` : '';
  return `${lost}${escapeXml(`${answer}${call.error ? ` ${call.error.split('\n')[0]}` : ''}`)}${fault}`;
}

function noteTable(notes: readonly Autorizacao[]): string {
  if (notes.length === 0) return '<p class="soft">Nenhum documento ainda.</p>';
  const rows = notes.map((note) => [
    time(note.at),
    `${id(note.emitente)} ${note.modelo} ${note.serie}/${note.numero}`,
    escapeXml(`${note.autorizador}${note.tpEmis === '1' ? '' : `, tpEmis ${note.tpEmis}`}${note.foreign ? ', de fora' : ''}`),
    `${escapeXml(note.cStat)} ${mono(note.nProt)}`,
    mono(note.chave),
  ]);
  return table(['Hora', 'Documento', 'Autorizador', 'Protocolo', 'Chave'], rows);
}

function eventSection(events: readonly Evento[], limit: number): string {
  if (events.length === 0) return '';
  const rows = latest(events, limit).map((evento) => [
    time(evento.at),
    escapeXml(eventName(evento.tpEvento, evento.nSeqEvento)),
    escapeXml(`${evento.autorizador}, órgão ${evento.cOrgao}`),
    `${escapeXml(evento.cStat)} ${mono(evento.nProt)}`,
    mono(evento.chave),
  ]);
  return `<section><h2>Eventos</h2>${table(['Hora', 'Evento', 'Autorizador', 'Protocolo', 'Chave'], rows)}${more(events.length, limit)}</section>`;
}

function rangeSection(ranges: readonly Inutilizacao[], limit: number): string {
  if (ranges.length === 0) return '';
  const rows = latest(ranges, limit).map((range) => [
    time(range.at),
    `${id(range.emitente)} ${range.modelo} ${range.serie}/${range.numeroInicial} a ${range.numeroFinal}`,
    escapeXml(range.autorizador),
    mono(range.nProt),
    escapeXml(range.xJust),
  ]);
  return `<section><h2>Numeração inutilizada</h2>${table(['Hora', 'Faixa', 'Autorizador', 'Protocolo', 'Motivo'], rows)}${more(ranges.length, limit)}</section>`;
}

function cscSection(csc: readonly Csc[]): string {
  if (csc.length === 0) return '';
  const rows = csc.map((entry) => [
    escapeXml(entry.cnpj ?? 'todas'),
    escapeXml(entry.uf ?? 'todas'),
    `${escapeXml(entry.id)}${entry.revoked ? ' (revogado)' : ''}`,
    mono(entry.csc),
  ]);
  return `<section><h2>CSC</h2>${table(['Empresa', 'UF', 'Id', 'Código'], rows)}</section>`;
}

function svcSection(svc: readonly SvcSwitch[]): string {
  const rows = svc.map(({ autorizador, uf, ambiente, state, from, endsAt }) => [
    escapeXml(`${autorizador ?? 'todas'}${ambiente === undefined ? '' : `, ambiente ${ambiente}`}`),
    escapeXml(uf ?? 'todas'),
    SVC_STATES[state],
    `${time(from)}${endsAt === undefined ? '' : ` até ${time(endsAt)}`}`,
  ]);
  const reset = '<form method="post" action="/form/svc-reset"><button class="small">todas ativas</button></form>';
  const list =
    rows.length === 0 ? '<p class="soft">Ativas para todas as UFs que atendem.</p>' : table(['SVC', 'UF', 'Estado', 'Desde'], rows) + reset;
  return `<section><h2>SVC</h2>${list}${renderSvcForm()}</section>`;
}

/** `rows` are HTML already. */
function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const head = columns.map((name) => `<th scope="col">${name}</th>`).join('');
  const body = rows.map(
    (cells) =>
      `<tr>${cells.map((cell, i) => `<td data-label="${columns[i]}">${cell === '' ? '' : `<span>${cell}</span>`}</td>`).join('')}</tr>`,
  );
  return `<table><thead><tr>${head}</tr></thead><tbody>${body.join('')}</tbody></table>`;
}

const latest = <T>(entries: readonly T[], limit: number): T[] => entries.slice(-limit).reverse();
const more = (total: number, limit: number): string =>
  total > limit ? `<p><a href="/?all=">As últimas ${Math.min(total, MOST)} de ${total}</a></p>` : '';
const mono = (text: string): string => `<span class="mono">${escapeXml(text)}</span>`;
const id = (text: string): string => `<span class="mono id">${escapeXml(text)}</span>`;
/** Hour of Brasília. */
const clockTime = (instant: string): string => localTime(new Date(instant), SAO_PAULO).slice(11, 19);
const time = (instant: string): string => `<time datetime="${escapeXml(instant)}">${clockTime(instant)}</time>`;
