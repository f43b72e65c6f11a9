import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Modelo } from '../model/modelo.ts';
import { efetiva, MODOS } from './politica.ts';
import { POLITICA_FAULTS } from './politica-faults.ts';
import { type Escopo, readPolitica } from './read-politica.ts';
import { MANUAL_MODOS } from './situacao.ts';

const CONTA: Escopo = { tipo: 'conta' };
const RJ: Escopo = { tipo: 'uf', uf: 'RJ' };
const SP: Escopo = { tipo: 'uf', uf: 'SP' };
const CNPJ: Escopo = { tipo: 'cnpj', emitente: 'CNPJ' };
const CPF: Escopo = { tipo: 'cnpj', emitente: 'CPF' };

const faultsOf = (body: unknown, escopo: Escopo) => {
  const result = readPolitica(body, escopo);
  return result.ok ? [] : result.faults;
};

const modelo = (name: string, fields: object) => ({ modelos: { [name]: fields } });
const TEXT = 'Falha do autorizador da UF';

const ACCEPTED: [string, unknown, Escopo][] = [
  ['nothing set', {}, CONTA],
  ['no model set', { modelos: {} }, RJ],
  ['the whole of API §7', { ativo: true, modelos: { '55': { modo: 'automatico', ordem: ['SVC', 'EPEC'] } }, justificativa: TEXT }, CONTA],
  ['OFFLINE of the 55 may stand in the order', modelo('55', { ordem: ['SVC', 'OFFLINE'] }), CONTA],
  ['EPEC of the 65 in SP', modelo('65', { ordem: ['EPEC', 'OFFLINE'] }), SP],
  ['EPEC of the 65 where the UF is not said', modelo('65', { ordem: ['OFFLINE', 'EPEC'] }), CONTA],
  ['a série of a company', modelo('65', { serieContingencia: 0 }), CNPJ],
  ['the last série of a company', modelo('65', { serieContingencia: 889 }), CNPJ],
  ['a série of a company with CPF', modelo('65', { serieContingencia: 920 }), CPF],
  ['stock, to go to FSDA by hand', modelo('55', { formulariosFsda: 500 }), CNPJ],
  ['FSDA in a manual order', modelo('57', { modo: 'manual', ordem: ['SVC', 'FSDA'], formulariosFsda: 1 }), CNPJ],
  ['the shortest text', { justificativa: 'x'.repeat(15) }, CONTA],
  ['the longest text', { justificativa: 'é'.repeat(256) }, CONTA],
];

for (const [name, body, escopo] of ACCEPTED) {
  test(`accepted as it is: ${name}`, () => assert.deepEqual(readPolitica(body, escopo), { ok: true, politica: body }));
}

const REFUSED: [string, unknown, Escopo, string[]][] = [
  ['no object', 'ativo', CONTA, ['POL-001 ']],
  ['a list', [], CONTA, ['POL-001 ']],
  ['null in a field', { ativo: null }, CONTA, ['POL-001 ativo']],
  ['null as a model', modelo('55', null as never), CONTA, ['POL-001 modelos.55']],
  ['models in a list', { modelos: ['55'] }, CONTA, ['POL-001 modelos']],
  ['an unknown field', { atvo: true }, CONTA, ['POL-002 atvo']],
  ['an unknown model', modelo('56', {}), CONTA, ['POL-002 modelos.56']],
  ['an unknown field of a model', modelo('55', { ordens: [] }), CONTA, ['POL-002 modelos.55.ordens']],
  [
    'a name of the prototype',
    JSON.parse('{"__proto__": {"ativo": true}, "constructor": 1}'),
    CONTA,
    ['POL-002 __proto__', 'POL-002 constructor'],
  ],
  ['an unknown mode', modelo('58', { modo: 'automático' }), CONTA, ['POL-010 modelos.58.modo']],
  ['a mode that is no text', modelo('58', { modo: ['manual'] }), CONTA, ['POL-010 modelos.58.modo']],
  ['an empty order', modelo('67', { ordem: [] }), CONTA, ['POL-011 modelos.67.ordem']],
  ['an order that is no list', modelo('67', { ordem: 'SVC' }), CONTA, ['POL-011 modelos.67.ordem']],
  [
    'an unknown modalidade',
    modelo('55', { ordem: ['SVC', 'svc-an', 6] }),
    CONTA,
    ['POL-011 modelos.55.ordem[1]', 'POL-011 modelos.55.ordem[2]'],
  ],
  ['SVC for the 65', modelo('65', { ordem: ['OFFLINE', 'SVC'] }), CONTA, ['POL-012 modelos.65.ordem[1]']],
  ['EPEC for the 67', modelo('67', { ordem: ['EPEC'] }), CONTA, ['POL-012 modelos.67.ordem[0]']],
  ['FSDA for the 65', modelo('65', { ordem: ['FSDA'] }), CNPJ, ['POL-012 modelos.65.ordem[0]']],
  ['twice the same', modelo('55', { ordem: ['SVC', 'EPEC', 'SVC'] }), CONTA, ['POL-013 modelos.55.ordem[2]']],
  ['EPEC of the 65 outside SP', modelo('65', { ordem: ['OFFLINE', 'EPEC'] }), RJ, ['POL-014 modelos.65.ordem[1]']],
  ['FSDA of a whole account', modelo('55', { modo: 'manual', ordem: ['FSDA'] }), CONTA, ['POL-020 modelos.55.ordem']],
  ['FSDA of a UF', modelo('55', { modo: 'manual', ordem: ['FSDA'] }), RJ, ['POL-020 modelos.55.ordem']],
  ['stock of an account', modelo('55', { formulariosFsda: 5 }), CONTA, ['POL-020 modelos.55.formulariosFsda']],
  ['automatic FSDA', modelo('55', { modo: 'automatico', ordem: ['FSDA'], formulariosFsda: 5 }), CNPJ, ['POL-021 modelos.55.ordem']],
  ['FSDA with an inherited mode', modelo('55', { ordem: ['FSDA'], formulariosFsda: 5 }), CNPJ, ['POL-021 modelos.55.ordem']],
  ['FSDA without stock', modelo('55', { modo: 'manual', ordem: ['SVC', 'FSDA'] }), CNPJ, ['POL-023 modelos.55.ordem']],
  ['no forms at all', modelo('55', { formulariosFsda: 0 }), CNPJ, ['POL-022 modelos.55.formulariosFsda']],
  ['half a form', modelo('57', { formulariosFsda: 1.5 }), CNPJ, ['POL-022 modelos.57.formulariosFsda']],
  ['forms for the 58', modelo('58', { formulariosFsda: 5 }), CNPJ, ['POL-022 modelos.58.formulariosFsda']],
  ['a série of an account', modelo('65', { serieContingencia: 5 }), CONTA, ['POL-030 modelos.65.serieContingencia']],
  ['a série of a UF', modelo('65', { serieContingencia: 5 }), SP, ['POL-030 modelos.65.serieContingencia']],
  ['a série of the 55', modelo('55', { serieContingencia: 5 }), CNPJ, ['POL-030 modelos.55.serieContingencia']],
  ['a série of SEFAZ', modelo('65', { serieContingencia: 890 }), CNPJ, ['POL-031 modelos.65.serieContingencia']],
  ['a série below zero', modelo('65', { serieContingencia: -1 }), CNPJ, ['POL-031 modelos.65.serieContingencia']],
  ['a série of a CNPJ for a CPF', modelo('65', { serieContingencia: 5 }), CPF, ['POL-031 modelos.65.serieContingencia']],
  ['a text too short', { justificativa: 'x'.repeat(14) }, CONTA, ['POL-040 justificativa']],
  ['a text too long', { justificativa: 'x'.repeat(257) }, CONTA, ['POL-040 justificativa']],
  ['blanks at the end', { justificativa: `${TEXT} ` }, CONTA, ['POL-040 justificativa']],
  ['a dash that Latin-1 has not', { justificativa: 'Falha – autorizador' }, CONTA, ['POL-040 justificativa']],
  ['a text that is a number', { justificativa: 123456789012345 }, CONTA, ['POL-040 justificativa']],
];

for (const [name, body, escopo, expected] of REFUSED) {
  test(`refused: ${name}`, () => {
    const faults = faultsOf(body, escopo);
    assert.deepEqual(
      faults.map(({ code, path }) => `${code} ${path}`),
      expected,
    );
    for (const { path, message } of faults) {
      assert.match(message, /\.$/);
      assert.ok(path === '' || message.includes(path), message);
    }
  });
}

test('every code of the table is given by some case', () => {
  const given = REFUSED.flatMap(([, , , expected]) => expected.map((one) => one.slice(0, 7)));
  assert.deepEqual([...new Set(given)].sort(), Object.keys(POLITICA_FAULTS).sort());
});

test('everything wrong is said at once', () => {
  const body = {
    ativo: 'sim',
    outro: 1,
    modelos: { '55': { modo: 'auto', ordem: ['SVCAN'] }, '65': { ordem: ['SVC'], serieContingencia: 1 } },
    justificativa: '',
  };
  const codes = faultsOf(body, CONTA).map(({ code }) => code);
  assert.deepEqual(codes, ['POL-002', 'POL-001', 'POL-010', 'POL-011', 'POL-012', 'POL-030', 'POL-040']);
});

test('an unknown name is answered with the nearest known one, and with all when none is near', () => {
  const message = (body: unknown) => faultsOf(body, CNPJ)[0]?.message ?? '';
  assert.match(message({ justificatva: TEXT }), /seria "justificativa"\?/);
  assert.match(message(modelo('55', { ordem: ['Off-line'] })), /seria "OFFLINE"\?/);
  assert.match(message(modelo('55', { ordem: ['FS-DA'] })), /seria "FSDA"\?/);
  assert.match(message(modelo('55', { modo: 'automático' })), /seria "automatico"\?/);
  assert.match(message(modelo('65', { serie_contingencia: 5 })), /seria "serieContingencia"\?/);
  assert.match(message({ zzz: 1 }), /"zzz" não existe\. Use ativo, modelos, justificativa\.$/);
});

test('a hostile body gets a short answer', () => {
  const names = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`${'n'.repeat(5000)}${index}`, 1]));
  const faults = faultsOf({ ...names, ...modelo('55', { ordem: Array(5000).fill('x'.repeat(5000)) }) }, CNPJ);
  assert.ok(faults.length <= 40 && JSON.stringify(faults).length < 20_000);
});

const escopo = fc.constantFrom(CONTA, RJ, SP, CNPJ, CPF);
const loose = <T>(arb: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 15, arbitrary: arb as fc.Arbitrary<unknown> }, { weight: 1, arbitrary: fc.jsonValue() });
const politicaModelo = (name: Modelo) =>
  fc.record(
    {
      modo: loose(fc.constantFrom(...MODOS)),
      ordem: loose(fc.shuffledSubarray([...MANUAL_MODOS[name]], { minLength: 1 })),
      ...(name === '65' && { serieContingencia: loose(fc.oneof(fc.constant(-0), fc.nat(999), fc.nat(999).map(String))) }),
      ...(name === '55' && { formulariosFsda: loose(fc.integer({ min: 1, max: 1000 })) }),
    },
    { requiredKeys: [] },
  );
const body = fc.oneof(
  { weight: 1, arbitrary: fc.jsonValue() },
  {
    weight: 4,
    arbitrary: fc.record(
      {
        ativo: loose(fc.boolean()),
        modelos: fc.record({ '55': politicaModelo('55'), '65': politicaModelo('65'), '57': politicaModelo('57') }, { requiredKeys: [] }),
        justificativa: loose(fc.string({ minLength: 10, maxLength: 60, unit: fc.constantFrom(...'abçé. ') })),
      },
      { requiredKeys: [] },
    ),
  },
);

test('whatever the body: reading what was read gives the same, and a refusal says why', () => {
  let read = 0;
  fc.assert(
    fc.property(body, escopo, (given, scope) => {
      const first = readPolitica(given, scope);
      if (!first.ok) return first.faults.length > 0;
      read += Object.keys(first.politica).length > 0 ? 1 : 0;
      assert.deepEqual(readPolitica(JSON.parse(JSON.stringify(first.politica)), scope), first);
      return true;
    }),
    { numRuns: 2000 },
  );
  assert.ok(read > 100, `only ${read} bodies were policies`);
});

test('whatever other scopes say, FSDA is in force only by hand and with forms', () => {
  let seen = 0;
  const policyOf = (scope: Escopo, given: unknown) => {
    const result = readPolitica(given, scope);
    return result.ok ? result.politica : {};
  };
  const fsda = fc.record(
    {
      modo: fc.constantFrom(...MODOS),
      ordem: fc.constantFrom(['SVC'], ['FSDA'], ['SVC', 'FSDA']),
      formulariosFsda: fc.integer({ min: 0, max: 3 }),
    },
    { requiredKeys: [] },
  );
  const given = fsda.map((fields) => modelo('55', fields));
  fc.assert(
    fc.property(given, given, given, (conta, uf, cnpj) => {
      const { modo, ordem, formulariosFsda } = efetiva({
        conta: policyOf(CONTA, conta),
        uf: policyOf(SP, uf),
        cnpj: policyOf(CNPJ, cnpj),
      }).modelos['55'];
      if (!ordem.valor.includes('FSDA')) return;
      seen += 1;
      assert.deepEqual([modo.valor, (formulariosFsda?.valor ?? 0) > 0], ['manual', true]);
    }),
    { numRuns: 2000 },
  );
  assert.ok(seen > 10, `FSDA was in force ${seen} times`);
});
