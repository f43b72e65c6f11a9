import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startOf } from '@malote/fiscal/contingencia/situacao';
import type { SefazCall } from '@malote/sefaz/observation';
import type { Contingencia } from '@malote/store/contingencias';
import { createModos, type ModosDeps } from './modos.ts';
import { createSuspeita } from './suspeita.ts';

const ONDE = { conta: 'c', modelo: '55', uf: 'SP', ambiente: 'hom' } as const;
const T0 = Date.parse('2026-11-22T10:00:00Z');

function world(rows: Partial<Contingencia>[] = []) {
  const clock = { at: 0, now: () => new Date(T0 + clock.at), monotonic: () => clock.at };
  const reads = { rows: 0, politicas: 0 };
  const store = {
    contingencias: {
      emVigor: async () => {
        reads.rows += 1;
        return rows;
      },
    },
    politicas: {
      ofEmpresa: async () => {
        reads.politicas += 1;
        return {};
      },
    },
  } as unknown as ModosDeps['store'];
  const suspeita = createSuspeita(clock);
  return { clock, reads, suspeita, modos: createModos({ store, clock, suspeita }) };
}

const call = (over: Partial<SefazCall> = {}): SefazCall => ({
  ...{ autorizador: 'SP', modelo: '55', service: 'NFeAutorizacao4', ambiente: '2', about: { documento: 'd', uf: 'SP' } },
  ...{ end: { failed: 'transport' }, durationMs: 1, ...over },
});

test('a thousand notes in one second cost one read of the modes and, where the policy counts, one of the policy', async () => {
  const { clock, reads, modos } = world();
  const empresa = { conta: 'c', uf: 'SP', documento: '11222333000181' } as const;
  await Promise.all(Array.from({ length: 1_000 }, () => modos.vistos(ONDE)));
  await Promise.all(Array.from({ length: 1_000 }, () => modos.politica(empresa)));
  assert.deepEqual(reads, { rows: 1, politicas: 1 });
  clock.at += 1_001;
  await modos.vistos(ONDE);
  await modos.politica(empresa);
  assert.deepEqual(reads, { rows: 2, politicas: 2 });
});

test('rows concern their own model, UF, ambiente and account; what fails to be read is read again', async () => {
  const situacao = startOf(new Date(T0));
  const { modos } = world([
    { _id: '*.55.SP.2', situacao: { ...situacao, mode: { ...situacao.mode, modo: 'SVC' } } },
    { _id: 'c.55.SP.2', ordem: { modo: 'EPEC', desde: new Date(T0), quem: 'x', pedidoId: 'p' } },
  ]);
  const own = await modos.vistos(ONDE);
  assert.deepEqual([own?.hub?.situacao.mode.modo, own?.conta?.ordem?.modo], ['SVC', 'EPEC']);
  assert.equal((await modos.vistos({ ...ONDE, conta: 'd' }))?.conta, undefined);
  for (const other of [{ modelo: '65' }, { uf: 'RJ' }, { ambiente: 'prod' }] as const) {
    assert.equal(await modos.vistos({ ...ONDE, ...other }), undefined);
  }

  let fails = true;
  const away = async () => {
    if (fails) throw new Error('away');
    return [];
  };
  const store = { contingencias: { emVigor: away } } as unknown as ModosDeps['store'];
  const flaky = createModos({ store, clock: { now: () => new Date(T0), monotonic: () => 0 } });
  await assert.rejects(flaky.vistos(ONDE), /away/);
  fails = false;
  assert.equal(await flaky.vistos(ONDE), undefined);
});

test('three calls in a row without an answer are a suspicion of that authoriser alone, for twenty seconds; one answer ends it', async () => {
  const { clock, modos, suspeita } = world();
  for (let n = 0; n < 2; n++) suspeita.onCall(call());
  assert.equal(await modos.vistos(ONDE), undefined);
  // A status call and an SVC say nothing of what notes meet; a rejection is an answer.
  suspeita.onCall(call({ about: { uf: 'SP' } }));
  suspeita.onCall(call({ autorizador: 'SVC-AN' }));
  assert.equal(suspeita.desde(ONDE), undefined);
  suspeita.onCall(call({ end: { cStat: '108' } }));
  assert.deepEqual((await modos.vistos(ONDE))?.hub?.suspeitaDesde, clock.now());
  assert.equal(suspeita.desde({ ...ONDE, modelo: '65' }), undefined);
  assert.equal(suspeita.desde({ ...ONDE, uf: 'RJ' }), undefined);
  clock.at += 19_999;
  suspeita.onCall(call());
  assert.ok(suspeita.desde(ONDE));
  clock.at += 1;
  assert.equal(suspeita.desde(ONDE), undefined);
  suspeita.onCall(call({ end: { cStat: '539' } }));
  for (let n = 0; n < 3; n++) suspeita.onCall(call());
  assert.ok(suspeita.desde(ONDE));
});
