import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GrauAlarme } from '@malote/fiscal/contingencia/prazo';
import { createMetrics } from '@malote/runtime/metrics';
import type { Documento } from '@malote/store/documento';
import { alarmesPrazoSweep } from '../alarmes-prazo.ts';
import { log, openIssuedScene } from './issued-scene.ts';

const scene = await openIssuedScene();
const { store, clock } = scene;
const HOUR = 3_600_000;

/** What was written to the log. */
function recorded() {
  const lines: [string, GrauAlarme, number][] = [];
  const at = (level: string) => (one: { grau: GrauAlarme; documentos: number }) => lines.push([level, one.grau, one.documentos]);
  return { lines, log: { ...log, warn: at('warn'), error: at('error') } as unknown as typeof log };
}
const gauge = async (metrics: ReturnType<typeof createMetrics>, name: string) => {
  const { values = [] } = (await metrics.registry.getSingleMetric(name)?.get()) ?? {};
  return Object.fromEntries(values.flatMap(({ labels, value }) => (value ? [[labels.idade ?? labels.grau, value]] : [])));
};
const avisosOf = async (documento: Documento) => (await scene.load(documento)).avisos.map(({ codigo }) => codigo);

test('each grau is told once, louder as the deadline comes near; a refused note is told how it goes on, and the ages are counted', async () => {
  const cnpj = await scene.company(1);
  const waiting = await scene.issued(cnpj, 1);
  const refused = await scene.issued(cnpj, 2, { state: 'rejected', nextAt: undefined });
  const { lines, log: written } = recorded();
  const metrics = createMetrics('test');
  const sweep = alarmesPrazoSweep({ store, clock, log: written, metrics });
  assert.equal(await sweep.sweep(), 0);
  assert.deepEqual(await gauge(metrics, 'malote_contingencia_pendentes'), { 'ate-1h': 2 });

  // The deadline is 36 h after the emission: alerta 12 h before it, the target 24 h after the emission.
  const steps: [number, string, GrauAlarme][] = [
    [24, 'warn', 'alerta'],
    [8.5, 'error', 'urgente'],
    [2.6, 'error', 'critico'],
    [1, 'error', 'vencido'],
  ];
  for (const [hours, level, grau] of steps) {
    clock.advance(hours * HOUR);
    assert.equal(await sweep.sweep(), 2, grau);
    assert.deepEqual(lines.splice(0), [[level, grau, 2]]);
    assert.equal((await scene.load(waiting)).contingencia?.alarme, grau);
    assert.deepEqual(await avisosOf(waiting), ['prazo-contingencia']);
    clock.advance(60_000);
    assert.equal(await sweep.sweep(), 0, `${grau} again`);
  }
  assert.deepEqual(lines, []);
  assert.deepEqual(await gauge(metrics, 'malote_contingencia_pendentes'), { 'ate-168h': 2 });
  assert.deepEqual(await gauge(metrics, 'malote_contingencia_pendentes_prazo'), { vencido: 2 });
  const [aviso] = (await scene.load(refused)).avisos;
  assert.match(aviso?.mensagem ?? '', /terminou em .*correcao/);
  const { nextAt, state } = await scene.load(waiting);
  assert.deepEqual([nextAt, state], [waiting.nextAt, 'issued']);

  for (const each of [waiting, refused])
    assert.ok(await store.documentos.transition(await scene.load(each), { state: 'authorized', pendenteDesde: undefined }));
  clock.advance(60_000);
  await sweep.sweep();
  assert.deepEqual(await gauge(metrics, 'malote_contingencia_pendentes'), {});
  sweep.onIdle();
});

test('another process that sweeps later tells nothing twice', async () => {
  const nota = await scene.issued(await scene.company(2), 3);
  clock.advance(24 * HOUR);
  const [one, other] = [recorded(), recorded()];
  const metrics = createMetrics('test');
  await alarmesPrazoSweep({ store, clock, log: one.log, metrics }).sweep();
  await alarmesPrazoSweep({ store, clock, log: other.log, metrics }).sweep();
  assert.deepEqual([one.lines.length, other.lines.length], [1, 0]);
  assert.deepEqual(await avisosOf(nota), ['prazo-contingencia']);
});
