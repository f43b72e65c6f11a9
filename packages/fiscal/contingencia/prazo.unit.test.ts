import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { MODELO_CODES, MODELOS, type Modelo } from '../model/modelo.ts';
import { UFS, type Uf } from '../model/uf.ts';
import { FERIADOS, feriadoOf } from './dia-util.ts';
import { alarmes, type PrazoFacts, type PrazoTransmissao, prazoNaUf, prazoTransmissao } from './prazo.ts';

const HOUR = 3_600_000;

function prazo(facts: Partial<PrazoFacts>, feriados = FERIADOS): PrazoTransmissao {
  const found = prazoTransmissao({ modelo: '65', tpEmis: '9', uf: 'SP', dhEmi: '2026-11-20T10:00:00-03:00', ...facts }, feriados);
  assert.ok(found);
  return found;
}

describe('prazoTransmissao of an off-line NFC-e', () => {
  // dhEmi, UF, last day; every day in the offset of dhEmi
  const rows: [string, string, Uf, string][] = [
    ['a working day: the next one', '2026-11-24T10:00:00-03:00', 'SP', '2026-11-25'],
    ['Friday: Monday', '2026-11-27T10:00:00-03:00', 'SP', '2026-11-30'],
    ['Saturday: Monday', '2026-11-28T10:00:00-03:00', 'SP', '2026-11-30'],
    ['Sunday: Monday', '2026-11-29T10:00:00-03:00', 'SP', '2026-11-30'],
    ['20/11 was no national holiday in 2023', '2023-11-17T10:00:00-03:00', 'MG', '2023-11-20'],
    ['but one of SP', '2023-11-17T10:00:00-03:00', 'SP', '2023-11-21'],
    ['20/11 is one since 2024', '2024-11-19T10:00:00-03:00', 'MG', '2024-11-21'],
    ['20/11/2025, Thursday', '2025-11-19T23:59:59-03:00', 'RS', '2025-11-21'],
    ['20/11/2026, Friday', '2026-11-19T10:00:00-03:00', 'SP', '2026-11-23'],
    ['Good Friday 2024', '2024-03-28T10:00:00-03:00', 'SP', '2024-04-01'],
    ['Good Friday and Tiradentes on the Monday, 2025', '2025-04-17T10:00:00-03:00', 'SP', '2025-04-22'],
    ['Good Friday 2027', '2027-03-25T10:00:00-03:00', 'SP', '2027-03-29'],
    ['Carnaval 2024 counts as working days', '2024-02-09T10:00:00-03:00', 'RJ', '2024-02-12'],
    ['Carnaval 2025', '2025-03-03T10:00:00-03:00', 'BA', '2025-03-04'],
    ['Cinzas 2027', '2027-02-09T10:00:00-03:00', 'PE', '2027-02-10'],
    ['Corpus Christi 2026', '2026-06-03T10:00:00-03:00', 'SP', '2026-06-04'],
    ['the last day of the year counts', '2026-12-30T10:00:00-03:00', 'SP', '2026-12-31'],
    ["New Year's Eve: after the weekend", '2026-12-31T10:00:00-03:00', 'SP', '2027-01-04'],
    ['RO moves its 4 January by decree: a working day here', '2026-12-31T10:00:00-04:00', 'RO', '2027-01-04'],
    ['Christmas Eve', '2025-12-24T10:00:00-03:00', 'SP', '2025-12-26'],
    ['Christmas on a Wednesday', '2024-12-24T22:00:00-03:00', 'SP', '2024-12-26'],
    ['leap day', '2024-02-28T10:00:00-03:00', 'SP', '2024-02-29'],
    ['9 July in SP', '2026-07-08T10:00:00-03:00', 'SP', '2026-07-10'],
    ['not in RJ', '2026-07-08T10:00:00-03:00', 'RJ', '2026-07-09'],
    ['São Jorge in RJ', '2026-04-22T10:00:00-03:00', 'RJ', '2026-04-24'],
    ['the day is the one of the offset: Thursday in AC, Friday in UTC', '2026-11-26T23:30:00-05:00', 'AC', '2026-11-27'],
    ['Fernando de Noronha', '2026-11-27T00:10:00-02:00', 'PE', '2026-11-30'],
  ];
  for (const [name, dhEmi, uf, day] of rows) {
    it(`${name} (${dhEmi} ${uf})`, () => {
      assert.equal(prazo({ dhEmi, uf }).ate.toISOString(), new Date(`${day}T23:59:59.999${dhEmi.slice(19)}`).toISOString());
    });
  }

  it('counts the rows of an operator', () => {
    const corpus = { uf: 'SP', dia: 'pascoa+60', desde: 2026, nome: 'Corpus Christi', norma: 'Lei municipal' } as const;
    const { ate } = prazo({ dhEmi: '2026-06-03T10:00:00-03:00' }, [...FERIADOS, corpus]);
    assert.equal(ate.toISOString(), '2026-06-06T02:59:59.999Z');
  });
});

describe('prazoTransmissao by modelo and tpEmis', () => {
  const limits: Record<Modelo, Record<string, string>> = {
    '55': { '2': '168 h', '4': '168 h', '5': '168 h', '9': 'dia útil' },
    '65': { '4': 'dia útil', '9': 'dia útil' },
    '57': { '4': '168 h', '5': '168 h' },
    '67': { '5': '168 h' },
    '58': { '2': '168 h' },
  };
  for (const modelo of MODELO_CODES) {
    for (const tpEmis of MODELOS[modelo].tpEmis) {
      const limit = limits[modelo][tpEmis];
      it(`${modelo} tpEmis ${tpEmis}: ${limit ?? 'none'}`, () => {
        const dhEmi = '2026-11-27T10:00:00-03:00';
        const found = prazoTransmissao({ modelo, tpEmis, uf: 'SP', dhEmi });
        if (!limit) return assert.equal(found, undefined);
        const ate = limit === '168 h' ? '2026-12-04T13:00:00.000Z' : '2026-12-01T02:59:59.999Z';
        assert.equal(found?.ate.toISOString(), ate);
        assert.equal(found?.alvo.toISOString(), '2026-11-28T13:00:00.000Z');
        assert.match(found?.norma ?? '', modelo === '67' ? /^MOC/ : /Ajuste SINIEF/);
      });
    }
  }

  it('refuses a dhEmi that is no date-time, and knows no form that only the prototype has', () => {
    assert.throws(() => prazo({ dhEmi: '2026-02-30T10:00:00-03:00' }), RangeError);
    assert.throws(() => prazo({ dhEmi: '2026-02-20T10:00:00Z' }), RangeError);
    const facts = { modelo: '65', tpEmis: 'constructor', uf: 'SP', dhEmi: '2026-11-27T10:00:00-03:00' } as const;
    assert.equal(prazoTransmissao(facts), undefined);
  });
});

const second = fc.integer({ min: Date.UTC(2021, 0, 1) / 1000, max: Date.UTC(2040, 0, 1) / 1000 });
const offset = fc.constantFrom('-02:00', '-03:00', '-04:00', '-05:00');
const uf = fc.constantFrom(...(Object.keys(UFS) as Uf[]));
const form = fc.constantFrom<Pick<PrazoFacts, 'modelo' | 'tpEmis'>>(
  { modelo: '65', tpEmis: '9' },
  { modelo: '55', tpEmis: '9' },
  { modelo: '55', tpEmis: '4' },
  { modelo: '58', tpEmis: '2' },
);
const local = (seconds: number, zone: string) => `${new Date(seconds * 1000).toISOString().slice(0, 19)}${zone}`;

describe('prazoTransmissao, properties', () => {
  it('comes after the emission and its target, at most 168 h later, and never off line on a weekend or a holiday', () => {
    fc.assert(
      fc.property(second, offset, uf, form, (at, zone, state, { modelo, tpEmis }) => {
        const dhEmi = local(at, zone);
        const { ate, alvo } = prazo({ modelo, tpEmis, uf: state, dhEmi });
        const emission = Date.parse(dhEmi);
        assert.equal(alvo.getTime(), emission + 24 * HOUR);
        assert.ok(ate > alvo && ate.getTime() <= emission + 168 * HOUR, dhEmi);
        if (tpEmis !== '9') return;
        const there = new Date(ate.getTime() + Number(zone.slice(0, 3)) * HOUR);
        assert.equal(there.toISOString().slice(11), '23:59:59.999Z');
        assert.ok(![0, 6].includes(there.getUTCDay()), dhEmi);
        assert.equal(feriadoOf(there.toISOString().slice(0, 10), state), undefined);
      }),
      { numRuns: 3000 },
    );
  });

  it('grows with dhEmi in one offset', () => {
    const gap = fc.integer({ min: 0, max: 10 * 24 * 3600 });
    fc.assert(
      fc.property(second, gap, offset, uf, form, (at, later, zone, state, { modelo, tpEmis }) => {
        const first = prazo({ modelo, tpEmis, uf: state, dhEmi: local(at, zone) });
        const next = prazo({ modelo, tpEmis, uf: state, dhEmi: local(at + later, zone) });
        assert.ok(first.ate <= next.ate && first.alvo <= next.alvo);
      }),
      { numRuns: 3000 },
    );
  });

  it('is never later for a table with fewer holidays', () => {
    fc.assert(
      fc.property(second, offset, uf, fc.subarray([...FERIADOS]), (at, zone, state, fewer) => {
        const facts = { uf: state, dhEmi: local(at, zone) };
        assert.ok(prazo(facts, fewer).ate <= prazo(facts).ate);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('alarmes', () => {
  const due = (p: PrazoTransmissao, hoursBefore: number) =>
    alarmes(p, new Date(p.ate.getTime() - hoursBefore * HOUR)).map(({ grau }) => grau);

  it('grow towards a deadline of 168 h', () => {
    const p = prazo({ modelo: '55', tpEmis: '4' });
    assert.deepEqual(due(p, 144.01), []);
    assert.deepEqual(due(p, 144), ['atencao']);
    assert.deepEqual(due(p, 42), ['atencao', 'alerta']);
    assert.deepEqual(due(p, 4), ['atencao', 'alerta', 'urgente']);
    assert.deepEqual(due(p, 1), ['atencao', 'alerta', 'urgente', 'critico']);
    assert.deepEqual(due(p, 0), ['atencao', 'alerta', 'urgente', 'critico']);
    assert.deepEqual(due(p, -0.01), ['atencao', 'alerta', 'urgente', 'critico', 'vencido']);
  });

  it('come 12 h before the end of a next day, even before the target of a late emission', () => {
    const p = prazo({ dhEmi: '2026-11-24T23:00:00-03:00' });
    assert.deepEqual(due(p, 12.01), []);
    assert.deepEqual(due(p, 12), ['atencao', 'alerta']);
  });

  it('only become more, in one order, each due since an instant not after now', () => {
    const order = ['atencao', 'alerta', 'urgente', 'critico', 'vencido'];
    const hours = fc.double({ min: 0, max: 200, noNaN: true });
    fc.assert(
      fc.property(second, offset, uf, form, hours, hours, (at, zone, state, { modelo, tpEmis }, a, b) => {
        const p = prazo({ modelo, tpEmis, uf: state, dhEmi: local(at, zone) });
        const from = p.alvo.getTime() - 24 * HOUR;
        const now = new Date(from + Math.max(a, b) * HOUR);
        const [before, after] = [alarmes(p, new Date(from + Math.min(a, b) * HOUR)), alarmes(p, now)];
        assert.deepEqual(after.slice(0, before.length), before);
        assert.deepEqual(
          after.map(({ grau }) => grau),
          order.slice(0, after.length),
        );
        assert.ok(after.every(({ em }, i) => em <= now && em >= (after[i - 1]?.em ?? em)));
        assert.equal(after.length === 5, now > p.ate);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('prazoNaUf', () => {
  it('says the deadline by the clock of its UF, never later than it is', () => {
    const ate = prazo({ uf: 'AC', dhEmi: '2026-11-24T10:00:00-05:00' }).ate;
    assert.equal(prazoNaUf('AC', ate), '25/11/2026, 23:59 (hora de AC)');
    assert.equal(prazoNaUf('SP', ate), '26/11/2026, 01:59 (hora de SP)');
  });
});
