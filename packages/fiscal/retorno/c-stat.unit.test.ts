import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type CStatClass, type CStatContext, type CStatFamily, classifyCStat, cStatText } from './c-stat.ts';
import { C_STAT_DATA } from './data/c-stat.data.ts';

/** Every class, so that the compiler complains here when one is added and a row of the table below is wanted. */
const EXAMPLES: Record<CStatClass, [CStatFamily, string]> = {
  authorized: ['nfe', '100'],
  registered: ['evento', '135'],
  cancelled: ['nfe', '101'],
  closed: ['mdfe', '132'],
  inutilizado: ['nfe', '102'],
  denied: ['nfe', '110'],
  processed: ['nfe', '104'],
  'in-process': ['nfe', '103'],
  found: ['dist', '138'],
  empty: ['dist', '137'],
  'not-found': ['nfe', '217'],
  duplicate: ['nfe', '539'],
  'service-status': ['nfe', '107'],
  unavailable: ['nfe', '109'],
  svc: ['nfe', '114'],
  throttled: ['nfe', '656'],
  certificate: ['nfe', '213'],
  schema: ['nfe', '225'],
  internal: ['nfe', '999'],
  rejected: ['nfe', '897'],
  unknown: ['nfe', '998'],
};

describe('classifyCStat', () => {
  for (const [expected, [family, cStat]] of Object.entries(EXAMPLES)) {
    it(`puts ${family} ${cStat} in class ${expected}`, () => assert.equal(classifyCStat(family, cStat), expected));
  }

  it('authorises by 100, by 120 with alerts and by 150 late, in NF-e', () => {
    for (const cStat of ['100', '120', '150']) assert.equal(classifyCStat('nfe', cStat), 'authorized');
  });

  it('never calls a code of no table rejected', () => {
    for (const family of Object.keys(C_STAT_DATA) as CStatFamily[]) {
      for (const cStat of ['', '1', '099', '1999', '0100', 'abc', 'toString', '__proto__', 'constructor']) {
        assert.equal(classifyCStat(family, cStat), 'unknown', `${family} ${cStat}`);
      }
    }
  });

  it('reads the same number differently in different families', () => {
    assert.equal(classifyCStat('nfe', '656'), 'throttled');
    assert.equal(classifyCStat('cte', '656'), 'rejected');
    assert.equal(classifyCStat('cte', '678'), 'throttled');
    assert.equal(classifyCStat('nfe', '678'), 'rejected');
    assert.equal(classifyCStat('nfe', '155'), 'cancelled');
    assert.equal(classifyCStat('evento', '155'), 'registered');
  });

  it('takes what the event service does not list from NF-e', () => {
    assert.ok(!Object.hasOwn(C_STAT_DATA.evento, '897'));
    assert.equal(classifyCStat('evento', '897'), 'rejected');
    assert.equal(cStatText('evento', '135'), 'Evento registrado e vinculado a NF-e');
  });

  const deniedOrNot: [string, CStatFamily, string, CStatContext, CStatClass][] = [
    ['302 alone is a plain rejection today', 'nfe', '302', {}, 'rejected'],
    ['302 with an nProt is an old denial', 'nfe', '302', { nProt: '135200000000001' }, 'denied'],
    ['302 that says Uso Denegado is an old denial', 'nfe', '302', { xMotivo: 'USO  DENEGADO: Irregularidade fiscal' }, 'denied'],
    ['301 and 303 are no different', 'nfe', '303', { xMotivo: 'Rejeição: Destinatário não habilitado' }, 'rejected'],
    ['an empty nProt is none', 'nfe', '301', { nProt: '' }, 'rejected'],
    ['110 denies without more', 'nfe', '110', {}, 'denied'],
    ['CT-e 4.00 has no denial either', 'cte', '305', {}, 'rejected'],
    ['MDF-e 301 never was one', 'mdfe', '301', { nProt: '1' }, 'rejected'],
  ];
  for (const [name, family, cStat, ctx, expected] of deniedOrNot) {
    it(name, () => assert.equal(classifyCStat(family, cStat, ctx), expected));
  }

  it('knows the official text', () => {
    assert.equal(cStatText('nfe', '120'), 'Autorizado o uso da NF-e, com alerta');
    assert.equal(cStatText('nfe', '998'), undefined);
  });

  it('has a class of the union in every row, and every class in some row', () => {
    const used = new Set(Object.values(C_STAT_DATA).flatMap((rows) => Object.values(rows).map(([found]) => found as string)));
    const known = new Set(Object.keys(EXAMPLES).filter((name) => name !== 'unknown'));
    assert.deepEqual(used, known);
  });
});
