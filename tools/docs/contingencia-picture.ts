// Draws docs/images/contingencia.svg: an outage as the hub's own decision sees it, on a clock that only this program moves.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decide } from '@malote/fiscal/contingencia/decide';
import {
  DEFAULT_THRESHOLDS,
  type Fact,
  type Modo,
  type Settings,
  type Situacao,
  type StatusTarget,
  startOf,
} from '@malote/fiscal/contingencia/situacao';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const BEGIN = Date.parse('2026-11-23T13:00:00Z');
const LENGTH = 60 * MINUTE;
/** SEFAZ is silent in between; its calls end by their time-out. */
const DOWN = { from: 5 * MINUTE, to: 33 * MINUTE };
const CALL_MS = 45 * SECOND;
const NOTES_EVERY = 15 * SECOND;

interface Track {
  label: string;
  stays: { modo: Modo; from: number; to: number }[];
  /** Status calls and whether they were good. */
  asked: { at: number; target: StatusTarget; good: boolean }[];
  /** Calls of notes that ended without an answer. */
  failures: number[];
}

/** One model's mode over the hour: a note every few seconds, status calls as decide asks for them, three minutes apart per authoriser. */
function play(label: string, changes: Pick<Settings, 'modelo' | 'order'>): Track {
  const settings: Settings = { ...DEFAULT_THRESHOLDS, uf: 'SP', ambiente: 'prod', automatic: true, ...changes };
  const track: Track = { label, stays: [{ modo: 'NORMAL', from: 0, to: LENGTH }], asked: [], failures: [] };
  const next = new Map<StatusTarget, number>();
  let situacao: Situacao = startOf(new Date(BEGIN));
  const isDown = (ms: number) => ms >= DOWN.from && ms < DOWN.to;

  function take(fact: Fact, ms: number): void {
    const before = situacao.mode.modo;
    const decided = decide(situacao, fact, new Date(BEGIN + ms), settings);
    situacao = decided.situacao;
    const { modo } = situacao.mode;
    if (modo !== before) {
      const last = track.stays.at(-1);
      if (last) last.to = ms;
      track.stays.push({ modo, from: ms, to: LENGTH });
    }
    const targets = decided.actions.flatMap((action) => (action.do === 'ask' ? [action.target] : []));
    for (const target of targets) if ((next.get(target) ?? 0) <= ms) ask(target, ms);
  }

  function ask(target: StatusTarget, ms: number): void {
    next.set(target, ms + settings.askEveryMs);
    const good = target === 'svc' || !isDown(ms);
    track.asked.push({ at: ms, target, good });
    take({ kind: 'status', target, answer: good ? '107' : 'none', at: new Date(BEGIN + ms) }, ms);
  }

  for (let ms = 0; ms <= LENGTH; ms += SECOND) {
    const sent = ms - CALL_MS;
    if (situacao.mode.modo === 'NORMAL' && sent % NOTES_EVERY === 0 && isDown(sent)) {
      track.failures.push(ms);
      const call = {
        autorizador: 'SP',
        modelo: settings.modelo,
        uf: 'SP',
        ambiente: 'prod',
        answered: 0,
        failures: 1,
        local: 0,
        paused: 0,
      } as const;
      const others = { ...call, autorizador: 'SVRS', uf: 'RJ', answered: 1, failures: 0, documents: [] } as const;
      take({ kind: 'observed', at: new Date(BEGIN + ms), calls: [{ ...call, documents: [`${sent}`] }, others] }, ms);
    } else take({ kind: 'clock' }, ms);
  }
  return track;
}

const WIDTH = 960;
const LEFT = 136;
const x = (ms: number) => Math.round((LEFT + (ms / LENGTH) * (WIDTH - LEFT - 24)) * 10) / 10;
const hour = (ms: number) => new Date(BEGIN - 3 * 60 * MINUTE + ms).toISOString().slice(11, 19);
const COLOURS: Partial<Record<Modo, string>> = { NORMAL: '#2e7d4f', SVC: '#0b5cad', OFFLINE: '#b26a00' };
const text = (at: number, y: number, words: string, more = '') => `<text x="${at}" y="${y}"${more}>${words}</text>`;

function drawTrack({ label, stays, asked, failures }: Track, top: number): string {
  const bars = stays.map(({ modo, from, to }, i) => {
    const said = stays[i - 1]?.modo === 'OFFLINE' ? `${modo}: descarga` : modo;
    const name =
      x(to) - x(from) > 60 ? text((x(from) + x(to)) / 2, top + 20, said, ' text-anchor="middle" fill="#fff" font-weight="600"') : '';
    return `<rect x="${x(from)}" y="${top}" width="${x(to) - x(from)}" height="30" rx="3" fill="${COLOURS[modo] ?? '#666'}"/>${name}`;
  });
  const switches = stays.slice(1).map(({ from }) => text(x(from), top - 6, hour(from), ' text-anchor="middle" font-weight="600"'));
  const crosses = failures.map((ms) => text(x(ms), top + 48, '×', ' text-anchor="middle" fill="#b3261e" font-weight="700"'));
  const row: Partial<Record<StatusTarget, number>> = { normal: 62, svc: 78 };
  const dots = asked.map(({ at, target, good }) => {
    const colour = good ? '#2e7d4f' : '#b3261e';
    return `<circle cx="${x(at)}" cy="${top + (row[target] ?? 62)}" r="4" fill="${good ? colour : '#fff'}" stroke="${colour}" stroke-width="2"/>`;
  });
  const names = [
    text(12, top + 20, label, ' font-weight="600"'),
    text(12, top + 48, 'notas sem resposta'),
    text(12, top + 66, 'status da SEFAZ'),
  ];
  if (asked.some(({ target }) => target === 'svc')) names.push(text(12, top + 82, 'status da SVC'));
  return [...bars, ...switches, ...crosses, ...dots, ...names].join('\n');
}

/** The picture as SVG; the same at each run. */
export function drawContingencia(): string {
  const tracks = [play('NF-e (55)', { modelo: '55', order: ['SVC', 'EPEC'] }), play('NFC-e (65)', { modelo: '65', order: ['OFFLINE'] })];
  const ticks = Array.from({ length: 7 }, (_, i) => i * 10 * MINUTE).map(
    (ms) =>
      `<line x1="${x(ms)}" y1="44" x2="${x(ms)}" y2="296" stroke="#dde2e8"/>${text(x(ms), 312, hour(ms).slice(0, 5), ' text-anchor="middle"')}`,
  );
  const down = `<rect x="${x(DOWN.from)}" y="44" width="${x(DOWN.to) - x(DOWN.from)}" height="252" fill="#b3261e" opacity="0.08"/>`;
  const middle = (x(DOWN.from) + x(DOWN.to)) / 2;
  const words = text(middle, 38, 'a SEFAZ de São Paulo não responde', ' text-anchor="middle" fill="#b3261e" font-weight="600"');
  const legend = text(
    12,
    340,
    '× chamada sem resposta, ○ status ruim, ● status 107; em negrito a hora de cada troca de modo. Entre duas perguntas ao mesmo autorizador: 3 min ou mais.',
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} 352" font-family="system-ui, sans-serif" font-size="12" fill="#1c2430">
<title>Uma queda de 28 minutos: chamadas, perguntas de status e o modo de cada modelo</title>
<rect width="${WIDTH}" height="352" fill="#fff"/>
${text(12, 20, 'Uma queda de 28 minutos', ' font-size="15" font-weight="700"')}
${[down, words, ...ticks, ...tracks.map((track, i) => drawTrack(track, 78 + i * 120)), legend].join('\n')}
</svg>
`;
}

export const PICTURE = join(import.meta.dirname, '../../docs/images/contingencia.svg');
if (import.meta.main) writeFileSync(PICTURE, drawContingencia());
