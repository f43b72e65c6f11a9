import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { DocumentState } from '../emission/lifecycle-state.ts';
import { lacunas, type NumeroDaSerie } from './lacunas.ts';
import { numbersText } from './numbers-text.ts';
import { checkInutilizacaoRules, numeroInutilizadoFault, situacaoOf } from './rules.ts';

const HOJE = '2026-11-21';
const doc = (numero: number, state: DocumentState = 'authorized', more: Partial<NumeroDaSerie> = {}): NumeroDaSerie => ({
  ...{ numero, state, tpEmis: ['1'], transmitido: state !== 'received' && state !== 'invalid', aamm: '2611' },
  ...more,
});
const run = (numeros: NumeroDaSerie[], more: Partial<Parameters<typeof lacunas>[0]> = {}) =>
  lacunas({ de: 1, ate: 999_999_999, numeros, inutilizadas: [], hoje: HOJE, ...more });
const faixas = (numeros: NumeroDaSerie[], more = {}) =>
  run(numeros, more).faixas.map(({ numeroInicial, numeroFinal, situacao }) => `${numeroInicial}-${numeroFinal} ${situacao}`);
const propostas = (numeros: NumeroDaSerie[], more = {}) =>
  run(numeros, more).propostas.map(({ numeroInicial, numeroFinal, ate, nivel }) => `${numeroInicial}-${numeroFinal} ${ate} ${nivel}`);

describe('lacunas', () => {
  it('lists what lies between used numbers, and nothing outside', () => {
    assert.deepEqual(faixas([doc(10), doc(13), doc(11)]), ['12-12 livre']);
    assert.deepEqual(faixas([doc(10)]), []);
    assert.deepEqual(faixas([]), []);
    assert.deepEqual(faixas([doc(8, 'rejected'), doc(10), doc(12), doc(14, 'rejected')]), ['11-11 livre']);
    assert.deepEqual(faixas([doc(1), doc(5), doc(9)], { de: 5 }), ['6-8 livre']);
    assert.deepEqual(faixas([doc(1), doc(999_999_999)]), ['2-999999998 livre']);
  });

  it('says what the hub knows of each, and proposes in one range what may be voided', () => {
    const numeros = [doc(1), doc(3, 'rejected'), doc(4, 'rejected'), doc(5, 'invalid'), doc(7, 'uncertain'), doc(8, 'received'), doc(10)];
    assert.deepEqual(faixas(numeros), [
      ...['2-2 livre', '3-4 rejeitada', '5-5 invalida', '6-6 livre', '7-7 incerta', '8-8 em-processamento', '9-9 livre'],
    ]);
    assert.deepEqual(propostas(numeros), ['2-6 2026-12-10 normal', '9-9 2026-12-10 normal']);
    assert.deepEqual(propostas([doc(1), doc(2, 'rejected', { tpEmis: ['1', '9'] }), doc(4)]), ['3-3 2026-12-10 normal']);
    assert.deepEqual(propostas([doc(1), doc(2, 'conflict'), doc(4)]), ['3-3 2026-12-10 normal']);
  });

  it('leaves out what is void already, whatever the hub holds of it', () => {
    const inutilizadas = [{ numeroInicial: 2, numeroFinal: 4 }];
    assert.deepEqual(faixas([doc(1), doc(2, 'rejected'), doc(3, 'rejected'), doc(6)], { inutilizadas }), ['5-5 livre']);
    assert.deepEqual(faixas([doc(1), doc(2, 'rejected'), doc(3)], { inutilizadas: [{ numeroInicial: 2, numeroFinal: 2 }] }), []);
    assert.deepEqual(faixas([doc(7)], { inutilizadas }), ['5-6 livre']);
  });

  it('alarms from day 5 of the month after the next used number and is red on day 10', () => {
    const gap = (hoje: string, aamm = '2611') => run([doc(1, 'authorized', { aamm: '2601' }), doc(3, 'authorized', { aamm })], { hoje });
    const levels = ['2026-11-30', '2026-12-04', '2026-12-05', '2026-12-09', '2026-12-10', '2027-01-01'].map((hoje) => gap(hoje).nivel);
    assert.deepEqual(levels, ['normal', 'normal', 'alerta', 'alerta', 'vermelho', 'vermelho']);
    const [proposta] = gap('2027-01-06', '2612').propostas;
    assert.deepEqual([proposta?.ano, proposta?.ate, proposta?.nivel], ['26', '2027-01-10', 'alerta']);
    assert.equal(run([doc(1), doc(2)]).nivel, 'normal');
  });

  it('takes the month from the next used number, whatever range before it is void already', () => {
    const inutilizadas = [{ numeroInicial: 3, numeroFinal: 3 }];
    const numeros = [doc(1), doc(5, 'authorized', { aamm: '2610' }), doc(7)];
    assert.deepEqual(propostas(numeros, { inutilizadas }), ['2-2 2026-11-10 vermelho', '4-4 2026-11-10 vermelho', '6-6 2026-12-10 normal']);
  });

  it('proposes 10,000 numbers at a time', () => {
    assert.deepEqual(propostas([doc(1), doc(20_003)]), [
      '2-10001 2026-12-10 normal',
      '10002-20001 2026-12-10 normal',
      '20002-20002 2026-12-10 normal',
    ]);
  });

  it('never proposes a number that is used, under way, uncertain or was in contingência; every other one of a gap exactly once', () => {
    const state = fc.constantFrom<DocumentState[]>(
      ...(['received', 'signed', 'uncertain', 'authorized', 'rejected', 'denied', 'cancelled', 'invalid', 'conflict'] as const),
    );
    const tpEmis = fc.array(fc.constantFrom('1', '4', '5', '6', '9'), { maxLength: 2 });
    const numero = fc.record({ numero: fc.integer({ min: 1, max: 40 }), state, tpEmis, transmitido: fc.boolean() });
    const series = fc.uniqueArray(numero, { selector: (n) => n.numero, maxLength: 40 });
    const voids = fc.array(fc.record({ numeroInicial: fc.integer({ min: 1, max: 40 }), size: fc.nat(5) }), { maxLength: 3 });
    fc.assert(
      fc.property(series, voids, (numeros, ranges) => {
        const inutilizadas = ranges.map(({ numeroInicial, size }) => ({ numeroInicial, numeroFinal: numeroInicial + size }));
        const { propostas: found } = lacunas({ de: 1, ate: 40, numeros, inutilizadas, hoje: HOJE });
        const proposed = found.flatMap(({ numeroInicial: a, numeroFinal: b }) => Array.from({ length: b - a + 1 }, (_, i) => a + i));
        assert.equal(new Set(proposed).size, proposed.length);
        const byNumber = new Map(numeros.map((n) => [n.numero, n]));
        const free = (n: number) => {
          const known = byNumber.get(n);
          const isVoid = inutilizadas.some((r) => n >= r.numeroInicial && n <= r.numeroFinal);
          return !isVoid && (!known || situacaoOf(known) === 'perdido');
        };
        const touched = Array.from({ length: 40 }, (_, i) => i + 1).filter((n) => !free(n));
        const [first = 1, last = 0] = [touched[0], touched.at(-1)];
        const expected = Array.from({ length: 40 }, (_, i) => i + 1).filter((n) => n > first && n < last && free(n));
        assert.deepEqual(
          proposed.toSorted((a, b) => a - b),
          expected,
        );
        for (const { numeroInicial, numeroFinal } of found) {
          assert.deepEqual(checkInutilizacaoRules({ pedido: { numeroInicial, numeroFinal }, numeros, inutilizadas }), []);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('checkInutilizacaoRules', () => {
  const check = (numeros: NumeroDaSerie[], more = {}) =>
    checkInutilizacaoRules({ pedido: { numeroInicial: 5, numeroFinal: 9 }, numeros, ...more }).map(({ code, message }) => [code, message]);
  it('names the numbers that stand against it, of the range only', () => {
    assert.deepEqual(check([doc(4), doc(10), doc(6, 'rejected'), doc(7, 'invalid')]), []);
    const used = check([doc(5), doc(6, 'cancelled'), doc(7, 'denied'), doc(9)]);
    assert.deepEqual(used, [['INU-030', 'Números 5 a 7 e 9 têm nota autorizada, cancelada ou denegada. Retire-os da faixa.']]);
    const codes = (numeros: NumeroDaSerie[], more = {}) => check(numeros, more).map(([code]) => code);
    assert.deepEqual(codes([doc(5, 'uncertain'), doc(6, 'signed'), doc(7, 'conflict')]), ['INU-031']);
    assert.deepEqual(codes([doc(5, 'received'), doc(6, 'signed', { transmitido: false })]), ['INU-033']);
    for (const tp of ['4', '5', '9']) assert.deepEqual(codes([doc(5, 'rejected', { tpEmis: ['1', tp] })]), ['INU-032'], tp);
    assert.deepEqual(codes([doc(5, 'rejected', { tpEmis: ['6'] })]), []);
    assert.deepEqual(codes([], { naSefaz: [4, 8] }), ['INU-036']);
    assert.deepEqual(codes([], { inutilizadas: [{ numeroInicial: 1, numeroFinal: 5 }] }), ['INU-035']);
    assert.deepEqual(codes([], { inutilizadas: [{ numeroInicial: 1, numeroFinal: 4 }] }), []);
  });

  it('tells why a void number is not emitted', () => {
    const fault = numeroInutilizadoFault(6, { numeroInicial: 5, numeroFinal: 9 }, 'infNFe/ide/nNF');
    assert.deepEqual([fault.code, fault.path, fault.norm], ['INU-034', 'infNFe/ide/nNF', 'MOC 7.0, rejeição 206']);
  });
});

describe('numbersText', () => {
  it('writes numbers as people do', () => {
    assert.equal(numbersText([]), '');
    assert.equal(numbersText([3]), '3');
    assert.equal(numbersText([7, 5, 6, 3, 5]), '3 e 5 a 7');
    assert.equal(numbersText([1, 3, 5]), '1, 3 e 5');
    assert.match(numbersText(Array.from({ length: 60 }, (_, i) => i * 2)), /^0, 2, .*, 38 e outros$/);
  });
});
