import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ProcessState, ProcessView } from '@malote/redis/processes';
import { concernsOf } from './concerns.ts';
import type { QueueView, Situation } from './situation.ts';

const at = new Date('2026-11-21T12:00:00Z');

function view(service: string, state: ProcessState, more: Partial<ProcessView> = {}): ProcessView {
  return { service, id: 'i', host: 'h1', pid: 7, version: '1', startedAt: at.toISOString(), state, silentMs: 30_000, ...more };
}

/** What every hub has besides. */
const HERE = [view('contingency', 'up')];

function queue(name: string, more: Partial<QueueView> = {}): QueueView {
  const kind = name === 'dead' ? 'dead' : name.startsWith('retry.') ? 'retry' : 'work';
  return { queue: name, kind, ready: 0, consumers: 1, unacked: 0, ...more };
}

const quiet = {
  recovering: { total: 0, oldest: [] },
  backlog: { outboxAgeS: 0, dueLagS: 0, unsettled: {}, registros: {} },
  resting: { total: 0, rests: [] },
};

function situation(change: Partial<Situation> = {}): Situation {
  return {
    ...{ at, version: '1', blocked: undefined, breakers: [], errors: [] },
    mongodb: { ok: true, value: quiet },
    rabbitmq: {
      ok: true,
      value: [queue('dead', { consumers: 0 }), queue('retry.5s', { ready: 3, consumers: 0 }), queue('emission.nfe.SP.lote')],
    },
    redis: { ok: true, value: true },
    processes: [...HERE, view('edge', 'up'), view('emission', 'up')],
    ...change,
  };
}

test('nothing is said when all is well: a few messages on the ladder, processes that start or end, a full queue that is worked on', () => {
  assert.deepEqual(concernsOf(situation()), []);
  const busy = situation({
    processes: [...HERE, view('edge', 'starting'), view('emission', 'ending'), view('emission', 'up')],
    rabbitmq: { ok: true, value: [queue('dead'), queue('emission.nfe.SP.lote', { ready: 5000, unacked: 16 })] },
  });
  assert.deepEqual(concernsOf(busy), []);
});

const fatal = { level: 'fatal' as const, time: '', msg: 'uncaught exception', reason: 'boom' };
const beat = { phase: 'running' as const, failing: { mongodb: 'away', clock: 'off' }, breakers: [], errors: [fatal] };
const CASES: [string, Partial<Situation>, RegExp[]][] = [
  ['MongoDB away', { mongodb: { ok: false, reason: 'r1' } }, [/^MongoDB não responde \(r1\)/]],
  ['RabbitMQ away', { rabbitmq: { ok: false, reason: 'r2' } }, [/^RabbitMQ não responde \(r2\).*esperam/]],
  ['Redis away', { redis: { ok: false, reason: 'r3' }, processes: [...HERE, view('edge', 'up')] }, [/^Redis não responde \(r3\)/]],
  ['publishes refused', { blocked: 'low on memory' }, [/^RabbitMQ recusa mensagens \(low on memory\)/]],
  ['no worker', { processes: [...HERE, view('edge', 'up')] }, [/^Nenhum processo de emissão no ar/]],
  ['no contingency worker', { processes: [view('edge', 'up'), view('emission', 'up')] }, [/^Nenhum processo de contingência no ar/]],
  [
    'the only worker vanished',
    { processes: [...HERE, view('edge', 'up'), view('emission', 'vanished')] },
    [/^Nenhum processo de emissão/, /emission \(h1, pid 7\) desapareceu sem encerrar, sem sinal há 30 s/],
  ],
  ['a silent process', { processes: [...HERE, view('emission', 'up'), view('edge', 'silent')] }, [/edge .* está sem sinal há 30 s/]],
  [
    'a crash',
    { processes: [...HERE, view('emission', 'up'), view('emission', 'failed', { beat: { ...view('emission', 'up'), ...beat } })] },
    [/terminou com falha: boom\./],
  ],
  [
    'a process that is not ready',
    { processes: [...HERE, view('emission', 'not-ready', { beat: { ...view('emission', 'up'), ...beat } })] },
    [/não está pronto: mongodb: away; clock: off\./],
  ],
  [
    'an open circuit',
    {
      breakers: [
        { autorizador: 'SP', service: 'NFeAutorizacao4', ambiente: '1', state: 'open', since: at.toISOString(), processes: 2 },
        { autorizador: 'MG', service: 'NFeAutorizacao4', ambiente: '2', state: 'half-open', since: at.toISOString(), processes: 1 },
        { autorizador: 'PR', service: 'NFeAutorizacao4', ambiente: '2', state: 'closed', since: at.toISOString(), processes: 1 },
      ],
    },
    [
      /^Circuito aberto: SP NFeAutorizacao4 \(produção\), desde 21\/11 09:00:00, em 2 processos\.$/,
      /^Circuito em teste: MG .*homologação.* em 1 processo\.$/,
    ],
  ],
  [
    'dead messages',
    { rabbitmq: { ok: true, value: [queue('dead', { ready: 4, consumers: 0 })] } },
    [/^4 mensagens na fila dead.*malote dead list/],
  ],
  [
    'queues that nobody consumes or that are gone',
    {
      rabbitmq: {
        ok: true,
        value: [
          ...['a', 'b', 'c', 'd'].map((name) => queue(name, { ready: 1, consumers: 0 })),
          { queue: 'e', kind: 'work', unacked: 0, problem: 'gone' },
        ],
      },
    },
    [/^Sem resposta do RabbitMQ sobre e\.$/, /consuma em a, b, c e mais 1\.$/],
  ],
  [
    'a backlog that stands still, and rests',
    {
      mongodb: {
        ok: true,
        value: { ...quiet, backlog: { outboxAgeS: 61, dueLagS: 7300, unsettled: {}, registros: {} }, resting: { total: 1, rests: [] } },
      },
    },
    [/caixa de saída há 61 s/, /atrasada 2 h 2 min/, /^1 empresa em descanso/],
  ],
];

for (const [name, change, expected] of CASES) {
  test(`${name}: said in words`, () => {
    const concerns = concernsOf(situation(change));
    assert.equal(concerns.length, expected.length, concerns.join('\n'));
    for (const [n, pattern] of expected.entries()) assert.match(concerns[n] ?? '', pattern);
  });
}
