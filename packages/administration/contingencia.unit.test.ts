import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readOrdem, readSimulacao } from './contingencia.ts';
import { Refused } from './refused.ts';

const faultsOf = (read: () => unknown) => {
  try {
    read();
  } catch (error) {
    assert.ok(error instanceof Refused && error.codigo === 'ordem-invalida');
    return error.faults.map(({ codigo, campo }) => `${campo} ${codigo}`);
  }
  return assert.fail('accepted');
};

test('an order says model, UF, ambiente and mode; a model is also a number, a UF in any case', () => {
  assert.deepEqual(readOrdem({ modelo: 55, uf: 'sp', ambiente: 'prod', modo: 'FSDA' }), {
    ...{ modelo: '55', uf: 'SP', ambiente: 'prod', modo: 'FSDA' },
  });
  const justificativa = 'Queda do link da loja desde as 9h';
  assert.equal(readOrdem({ modelo: '65', uf: 'SP', ambiente: 'hom', modo: 'EPEC', justificativa }).justificativa, justificativa);
  assert.equal(readOrdem({ modelo: '65', uf: 'RJ', ambiente: 'hom', modo: 'AUTOMATICO', justificativa: null }).modo, 'AUTOMATICO');
});

test('everything wrong with an order is told at once', () => {
  assert.deepEqual(
    faultsOf(() => readOrdem({ modelo: '57', uf: 'XX', modo: 'svc', justificativa: 'curta', cor: 1 })),
    [
      ...['cor campo-desconhecido', 'modelo campo-valor', 'uf uf-invalida', 'ambiente campo-valor', 'modo campo-valor'],
      'justificativa justificativa-invalida',
    ],
  );
  const nfce = { modelo: '65', uf: 'RJ', ambiente: 'hom' };
  assert.deepEqual(
    faultsOf(() => readOrdem({ ...nfce, modo: 'SVC' })),
    ['modo campo-valor'],
    '783: no SVC for the NFC-e',
  );
  assert.deepEqual(
    faultsOf(() => readOrdem({ ...nfce, modo: 'EPEC' })),
    ['modo modo-invalido'],
  );
  assert.deepEqual(faultsOf(() => readOrdem([])).slice(0, 1), [' campo-tipo']);
});

test('a drill is of homologação alone and ends by itself', () => {
  assert.deepEqual(readSimulacao({ modelo: '65', uf: 'SP', minutos: 0 }), { modelo: '65', uf: 'SP', minutos: 0 });
  assert.deepEqual(
    faultsOf(() => readSimulacao({ modelo: '65', uf: 'SP', minutos: 241, ambiente: 'prod' })),
    [...['ambiente campo-valor', 'minutos campo-valor']],
  );
});
