import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MODELO_CODES, type Modelo } from '../model/modelo.ts';
import { ORDEM_PADRAO } from './data/politica.data.ts';
import { efetiva, MODOS, ORIGENS, POLITICA_DO_HUB, type Politica, type PoliticaEfetiva, type Politicas, type Valor } from './politica.ts';
import { readPolitica } from './read-politica.ts';
import { MANUAL_MODOS, MODOS_CONTINGENCIA } from './situacao.ts';

/** One field of a policy: how to set it, and where its effective value is. The first value is the CNPJ's, then the UF's and the account's. */
interface Field {
  name: string;
  values: readonly unknown[];
  set(value: unknown): Politica;
  get(efetiva: PoliticaEfetiva): Valor<unknown> | undefined;
  hub: unknown;
}

const SCOPES = ['cnpj', 'uf', 'conta'] as const;

const top = (name: 'ativo' | 'justificativa', values: readonly unknown[]): Field => ({
  name,
  values,
  set: (value) => ({ [name]: value }),
  get: (efetiva) => efetiva[name],
  hub: POLITICA_DO_HUB[name],
});

const ofModelo = (modelo: Modelo, name: 'modo' | 'ordem' | 'serieContingencia' | 'formulariosFsda', values: readonly unknown[]): Field => ({
  name: `${modelo}.${name}`,
  values,
  set: (value) => ({ modelos: { [modelo]: { [name]: value } } }),
  get: (efetiva) => efetiva.modelos[modelo][name],
  hub: { ...POLITICA_DO_HUB.modelos[modelo], serieContingencia: undefined, formulariosFsda: undefined }[name],
});

const FIELDS: Field[] = [
  top('ativo', [false, true, false]),
  top('justificativa', ['Texto da empresa inteira', 'Texto da UF da conta', 'Texto da conta inteira']),
  ...MODELO_CODES.flatMap((modelo) => [
    ofModelo(modelo, 'modo', ['desligado', 'manual', 'automatico']),
    ofModelo(modelo, 'ordem', [['EPEC'], ['OFFLINE', 'EPEC'], ['SVC']]),
  ]),
  ofModelo('65', 'serieContingencia', [0, 7, 8]),
  ofModelo('55', 'formulariosFsda', [1, 2, 3]),
];

for (const field of FIELDS) {
  test(`${field.name}: CNPJ > UF > conta > hub, for every set of scopes that say it`, () => {
    for (let subset = 0; subset < 8; subset += 1) {
      const setBy = SCOPES.filter((_, index) => subset & (1 << index));
      const politicas = Object.fromEntries(setBy.map((scope) => [scope, field.set(field.values[SCOPES.indexOf(scope)])]));
      const [winner] = setBy;
      const expected = winner ? { valor: field.values[SCOPES.indexOf(winner)], origem: winner } : { valor: field.hub, origem: 'hub' };
      assert.deepEqual(field.get(efetiva(politicas)), expected.valor === undefined ? undefined : expected, setBy.join('+'));
    }
  });
}

test('without any policy all is the default of the hub, which is a policy that can be read', () => {
  const all = efetiva({});
  assert.deepEqual(MODELO_CODES.map((modelo) => [modelo, all.modelos[modelo].ordem.valor.join(' ')]).sort(), [
    ['55', 'SVC EPEC'],
    ['57', 'SVC EPEC'],
    ['58', 'OFFLINE'],
    ['65', 'OFFLINE'],
    ['67', 'SVC'],
  ]);
  assert.deepEqual(readPolitica(POLITICA_DO_HUB, { tipo: 'conta' }), { ok: true, politica: POLITICA_DO_HUB });
});

test('a field of one scope leaves the others to the next: mode of the company, order of the UF, text of the account', () => {
  const found = efetiva({
    cnpj: { modelos: { '65': { modo: 'manual', serieContingencia: 800 } } },
    uf: { modelos: { '65': { ordem: ['OFFLINE', 'EPEC'] } } },
    conta: { ativo: false, justificativa: 'Texto da conta inteira', modelos: { '65': { modo: 'desligado', ordem: ['OFFLINE'] } } },
  });
  assert.deepEqual(found.modelos['65'], {
    modo: { valor: 'manual', origem: 'cnpj' },
    ordem: { valor: ['OFFLINE', 'EPEC'], origem: 'uf' },
    serieContingencia: { valor: 800, origem: 'cnpj' },
  });
  assert.deepEqual([found.ativo, found.justificativa.origem], [{ valor: false, origem: 'conta' }, 'conta']);
});

const politica: fc.Arbitrary<Politica> = fc.record(
  {
    ativo: fc.boolean(),
    justificativa: fc.string({ minLength: 15, maxLength: 20 }),
    modelos: fc.dictionary(
      fc.constantFrom(...MODELO_CODES),
      fc.record(
        {
          modo: fc.constantFrom(...MODOS),
          ordem: fc.uniqueArray(fc.constantFrom(...MODOS_CONTINGENCIA), { minLength: 1 }),
          serieContingencia: fc.nat(889),
          formulariosFsda: fc.nat(9),
        },
        { requiredKeys: [] },
      ),
    ),
  },
  { requiredKeys: [] },
);
const politicas: fc.Arbitrary<Politicas> = fc.record({ cnpj: politica, uf: politica, conta: politica }, { requiredKeys: [] });

test('the effective value is that of the scope named as its origin, and no more specific scope sets the field', () => {
  fc.assert(
    fc.property(politicas, (given) => {
      const effective = efetiva(given);
      const places = [
        { found: effective.ativo, says: (one: Politica) => one.ativo },
        { found: effective.justificativa, says: (one: Politica) => one.justificativa },
        ...MODELO_CODES.flatMap((modelo) =>
          (['modo', 'ordem', 'serieContingencia', 'formulariosFsda'] as const).map((name) => ({
            found: effective.modelos[modelo][name] as Valor<unknown> | undefined,
            says: (one: Politica) => one.modelos?.[modelo]?.[name],
          })),
        ),
      ];
      for (const { found, says } of places) {
        const scopes: (Politica | undefined)[] = [given.cnpj, given.uf, given.conta, POLITICA_DO_HUB as unknown as Politica];
        const values = scopes.map((one) => one && says(one));
        const first = values.findIndex((value) => value !== undefined);
        assert.deepEqual(found, first < 0 ? undefined : { valor: values[first], origem: ORIGENS[first] });
      }
    }),
    { numRuns: 500 },
  );
});

test('the default order of each model is one that it accepts', () => {
  for (const modelo of MODELO_CODES) {
    const [aceitas, padrao] = [MANUAL_MODOS[modelo], ORDEM_PADRAO[modelo]];
    assert.ok(padrao.length > 0 && padrao.every((one) => aceitas.includes(one) && one !== 'FSDA'));
  }
});
