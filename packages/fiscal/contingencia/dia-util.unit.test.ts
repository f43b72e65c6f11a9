import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isUf, type Uf } from '../model/uf.ts';
import { diaUtilAfter, FERIADOS, type Feriado, feriadoOf, isDiaUtil, pascoa } from './dia-util.ts';

describe('pascoa', () => {
  it('finds the Sundays of the published calendars, the earliest and the latest possible ones too', () => {
    const known =
      '1818-03-22 1943-04-25 2000-04-23 2008-03-23 2024-03-31 2025-04-20 2026-04-05 2027-03-28 2038-04-25 2049-04-18 2076-04-19';
    for (const day of known.split(' ')) assert.equal(pascoa(Number(day.slice(0, 4))), day);
  });
});

describe('feriadoOf', () => {
  const rows: [string, Uf, string | undefined][] = [
    ['2024-03-29', 'SP', 'Sexta-feira Santa'],
    ['2025-04-18', 'SP', 'Sexta-feira Santa'],
    ['2026-04-03', 'SP', 'Sexta-feira Santa'],
    ['2027-03-26', 'SP', 'Sexta-feira Santa'],
    ['2023-11-20', 'MG', undefined],
    ['2023-11-20', 'RJ', 'Zumbi dos Palmares'],
    ['2022-11-20', 'SP', undefined],
    ['2023-11-20', 'SP', 'Consciência Negra'],
    ['2024-11-20', 'MG', 'Consciência Negra'],
    ['2026-07-09', 'SP', 'Revolução Constitucionalista'],
    ['2026-07-09', 'PR', undefined],
    ['2026-07-02', 'BA', 'Independência da Bahia'],
    ['2017-03-06', 'PE', undefined],
    ['2018-03-06', 'PE', 'Data Magna de Pernambuco'],
    // pontos facultativos: Carnaval, Cinzas, Corpus Christi, 28/10, 24/12, 31/12
    ['2026-02-16', 'RJ', undefined],
    ['2026-02-17', 'RJ', undefined],
    ['2026-02-18', 'RJ', undefined],
    ['2026-06-04', 'SP', undefined],
    ['2026-10-28', 'GO', undefined],
    ['2026-12-24', 'SP', undefined],
    ['2026-12-31', 'SP', undefined],
  ];
  for (const [dia, uf, nome] of rows) {
    it(`${dia} in ${uf}: ${nome ?? 'none'}`, () => assert.equal(feriadoOf(dia, uf)?.nome, nome));
  }

  it('takes a row of an operator, for one year or counted from Easter', () => {
    const municipal: Feriado = { uf: 'SP', dia: '01-25', desde: 2027, ate: 2027, nome: 'Aniversário', norma: 'Lei municipal' };
    const corpus: Feriado = { uf: 'SP', dia: 'pascoa+60', desde: 2026, nome: 'Corpus Christi', norma: 'Lei municipal' };
    const own = [...FERIADOS, municipal, corpus];
    assert.equal(feriadoOf('2027-01-25', 'SP', own), municipal);
    assert.equal(feriadoOf('2028-01-25', 'SP', own), undefined);
    assert.equal(feriadoOf('2026-06-04', 'SP', own), corpus);
    assert.equal(feriadoOf('2027-05-27', 'SP', own), corpus);
    assert.equal(feriadoOf('2025-06-19', 'SP', own), undefined);
    assert.equal(feriadoOf('2026-06-04', 'RJ', own), undefined);
  });
});

describe('the table of holidays', () => {
  it('has for each row a day that exists, a known state, a first year and the norm; none twice', () => {
    for (const { uf, dia, desde, nome, norma } of FERIADOS) {
      assert.ok(uf === '*' || isUf(uf), nome);
      assert.ok(/^pascoa[+-][1-9]\d?$/.test(dia) || new Date(`2024-${dia}`).toISOString().slice(5, 10) === dia, nome);
      assert.ok(desde >= 1930 && desde <= 2026, nome);
      assert.match(norma, uf === '*' ? /^Lei / : new RegExp(`^${uf}, (Lei|Constituição,|EC) `), nome);
    }
    assert.equal(new Set(FERIADOS.map(({ uf, dia }) => `${uf} ${dia}`)).size, FERIADOS.length);
  });

  it('knows the ten national ones of 2026 and nine of 2023', () => {
    const national = FERIADOS.filter(({ uf }) => uf === '*');
    assert.equal(national.length, 10);
    assert.equal(national.filter(({ desde }) => desde <= 2023).length, 9);
  });
});

describe('diaUtilAfter', () => {
  it('never answers a Saturday, a Sunday or a holiday, skips no dia útil, and stays within the week', () => {
    const days = fc.integer({ min: Date.UTC(2020, 0, 1) / 86_400_000, max: Date.UTC(2040, 0, 1) / 86_400_000 });
    fc.assert(
      fc.property(days, fc.constantFrom<Uf>('SP', 'RJ', 'RO', 'MS', 'MG', 'PE'), (day, uf) => {
        const text = (d: number) => new Date(d * 86_400_000).toISOString().slice(0, 10);
        const found = diaUtilAfter(text(day), uf);
        const distance = Date.parse(found) / 86_400_000 - day;
        assert.ok(isDiaUtil(found, uf) && distance >= 1 && distance <= 6, `${text(day)} ${uf} ${found}`);
        for (let d = 1; d < distance; d += 1) assert.equal(isDiaUtil(text(day + d), uf), false);
      }),
      { numRuns: 2000 },
    );
  });

  it('ends its search after a week when a table leaves no dia útil', () => {
    const everyDay = Array.from({ length: 31 }, (_, i): Feriado => {
      return { uf: '*', dia: `03-${String(i + 1).padStart(2, '0')}`, desde: 2026, nome: 'x', norma: 'x' };
    });
    assert.equal(diaUtilAfter('2026-03-02', 'SP', everyDay), '2026-03-09');
  });
});
