import { FAULTS } from './fault-kinds.ts';
import { SERVICE_NAMES } from './services.ts';
import type { SvcState } from './svc.ts';

/** States of an SVC, for people. */
export const SVC_STATES: Record<SvcState, string> = { active: 'ativa (107)', ending: 'em desativação (113)', off: 'desabilitada (114)' };

/** What the form of the page asks for; empty fields are left out. `match.` fields go into the match, `delay.` ones into a lognormal delay. */
interface Field {
  name: string;
  label: string;
  hint?: string;
  type?: 'number' | 'text';
  step?: string;
}

const MAIN: readonly Field[] = [
  { name: 'times', label: 'Quantas chamadas', hint: 'todas', type: 'number' },
  { name: 'chance', label: 'Chance', hint: '0.1 = 10 %', type: 'number', step: '0.001' },
  { name: 'delayMs', label: 'Atraso (ms)', hint: 'slow', type: 'number' },
  { name: 'cStat', label: 'cStat', hint: 'answer', type: 'number' },
];
const MORE: readonly Field[] = [
  { name: 'skip', label: 'Deixar passar antes', hint: '0', type: 'number' },
  { name: 'afterS', label: 'Começa em (s)', hint: 'agora', type: 'number' },
  { name: 'forS', label: 'Dura (s)', hint: 'até remover', type: 'number' },
  { name: 'delay.p50Ms', label: 'Atraso p50 (ms)', hint: 'slow', type: 'number' },
  { name: 'delay.p99Ms', label: 'Atraso p99 (ms)', hint: 'slow', type: 'number' },
  { name: 'maxBytes', label: 'Tamanho máximo', hint: 'size-limit', type: 'number' },
  { name: 'xMotivo', label: 'xMotivo', hint: 'answer' },
  { name: 'match.autorizador', label: 'Autorizador', hint: 'todos' },
  { name: 'match.modelo', label: 'Modelo', hint: '55 ou 65' },
  { name: 'match.cnpj', label: 'CNPJ', hint: 'todos' },
  { name: 'match.serie', label: 'Série', type: 'number' },
  { name: 'match.numero', label: 'Número', type: 'number' },
  { name: 'match.tpEvento', label: 'Tipo do evento', hint: '110111' },
];

/** The body of `POST /faults` that a filled form stands for; what is wrong in it is told by whoever reads it. */
export function faultOfForm(form: URLSearchParams): unknown {
  const fault: Record<string, unknown> = {};
  const match: Record<string, unknown> = {};
  const delay: Record<string, unknown> = {};
  for (const [name, raw] of form) {
    const value = raw.trim();
    if (value === '') continue;
    if (name.startsWith('match.')) match[name.slice('match.'.length)] = value;
    else if (name.startsWith('delay.')) delay[name.slice('delay.'.length)] = value;
    else fault[name] = value;
  }
  if (Object.keys(match).length > 0) fault.match = match;
  if (Object.keys(delay).length > 0) fault.delay = { distribution: 'lognormal', ...delay };
  return fault;
}

/** The body of `POST /svc`. */
export function svcOfForm(form: URLSearchParams): unknown {
  return Object.fromEntries([...form].map(([name, value]) => [name, value.trim()]).filter(([, value]) => value !== ''));
}

export function renderSvcForm(): string {
  const states = Object.entries(SVC_STATES).map(([state, label]) => `<option value="${state}">${label}</option>`);
  return (
    '<form method="post" action="/form/svc" class="line"><input name="uf" placeholder="UF (todas)" aria-label="UF" size="8">' +
    `<select name="state" aria-label="Estado da SVC">${states.join('')}</select>` +
    '<input name="afterS" placeholder="em (s)" aria-label="Em quantos segundos" size="6" inputmode="numeric">' +
    '<button>Mudar SVC</button></form>'
  );
}

export function renderFaultForm(): string {
  const kinds = Object.entries(FAULTS).map(([name, { about }]) => `<option value="${name}">${name}: ${about}</option>`);
  const services = SERVICE_NAMES.map((name) => `<option>${name}</option>`);
  return (
    '<form method="post" action="/form/add" class="add">' +
    `<label class="wide">Falha<select name="fault">${kinds.join('')}</select></label>` +
    `<label>Serviço<select name="match.service"><option value="">todos</option>${services.join('')}</select></label>` +
    `${MAIN.map(renderField).join('')}<details class="wide"><summary>Mais opções</summary><div class="add">${MORE.map(renderField).join('')}</div></details>` +
    '<button>Adicionar falha</button></form>'
  );
}

function renderField({ name, label, hint = '', type = 'text', step = '1' }: Field): string {
  const attributes = type === 'number' ? `inputmode="decimal" type="number" min="0" step="${step}"` : 'type="text"';
  return `<label>${label}<input name="${name}" placeholder="${hint}" ${attributes}></label>`;
}
