import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ServiceCalls } from '@malote/messages/types';
import { systemClock } from '@malote/runtime/clock';
import { createStatusBoard, JANELA_MS } from './status-board.ts';

const T0 = Date.parse('2026-11-22T12:00:00Z');

function open() {
  let ms = 0;
  const board = createStatusBoard({ clock: { ...systemClock, now: () => new Date(T0 + ms) } });
  const see = (over: Partial<ServiceCalls>) => {
    const about = { autorizador: 'SP', modelo: '55', service: 'NFeAutorizacao4', ambiente: 'prod' } as const;
    const services = [{ ...about, durations: [], failures: 0, circuit: 'closed', ...over } as ServiceCalls];
    board.add({ at: new Date(T0 + ms).toISOString(), calls: [], services, opened: [] });
  };
  const pass = (by: number) => {
    ms += by;
  };
  return { board, see, pass, first: () => board.now().quadro.servicos[0] };
}

test('times are those of the last five minutes, over all processes', () => {
  const { see, pass, first } = open();
  see({ durations: [[9_000, 50]] });
  pass(JANELA_MS);
  see({ durations: [[100, 90]] });
  see({
    durations: [
      [100, 4],
      [2_000, 6],
    ],
  });
  assert.deepEqual([first()?.respostas, first()?.p50Ms, first()?.p95Ms, first()?.estado], [100, 100, 2_000, 'operando']);
});

test('some failures make it unstable, only failures or an open circuit silent; the last failure is remembered', () => {
  const { see, pass, first, board } = open();
  const lastFailure = { reason: 'sem-resposta', at: new Date(T0).toISOString() };
  see({ durations: [[100, 1]], failures: 1, lastFailure });
  assert.equal(first()?.estado, 'instavel');
  see({ circuit: 'open' });
  assert.deepEqual([first()?.estado, first()?.circuito], ['sem-resposta', 'open']);
  pass(1_000);
  see({ durations: [[100, 1]], circuit: 'closed' });
  assert.equal(first()?.circuito, 'closed');
  pass(JANELA_MS);
  assert.deepEqual([first()?.respostas, first()?.ultimaFalha], [0, { motivo: 'sem-resposta', em: lastFailure.at }]);
  pass(86_400_000);
  assert.deepEqual(board.now().quadro.servicos, []);
});
