import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { autorizadorContingencia, autorizadoresOf, autorizadorFor, autorizadorNormal, svcOfTpEmis } from './autorizador.ts';
import { isModelo, MODELO_CODES, MODELOS } from './modelo.ts';
import { codigoUf, isUf, UFS, type Uf, ufByCodigo } from './uf.ts';

const ALL_UFS = Object.keys(UFS) as Uf[];

describe('uf', () => {
  it('knows the 27 UFs, each with its own IBGE code', () => {
    assert.equal(ALL_UFS.length, 27);
    assert.equal(new Set(ALL_UFS.map(codigoUf)).size, 27);
    for (const uf of ALL_UFS) assert.equal(ufByCodigo(codigoUf(uf)), uf);
  });

  it('answers undefined for a code that is no UF, AN (91) and names of the prototype among them', () => {
    for (const code of ['91', '00', '', 'constructor']) assert.equal(ufByCodigo(code), undefined);
    assert.ok(!isUf('toString'));
    assert.ok(isUf('SP'));
  });

  it('has zones that this runtime knows', () => {
    for (const { timezone } of Object.values(UFS)) assert.ok(new Intl.DateTimeFormat('pt-BR', { timeZone: timezone }));
  });
});

describe('modelo', () => {
  it('has the five models and no name of the prototype', () => {
    assert.deepEqual([...MODELO_CODES].sort(), ['55', '57', '58', '65', '67']);
    for (const text of ['66', '', 'constructor', '055']) assert.ok(!isModelo(text));
  });

  it('names roots, signed tag and protocolo that belong together', () => {
    for (const modelo of MODELO_CODES) {
      const { roots, loteRoot, protTag, idPrefix, namespace, familia } = MODELOS[modelo];
      assert.ok(!loteRoot || roots.includes(loteRoot));
      assert.notEqual(roots[0], loteRoot);
      assert.equal(protTag, `prot${idPrefix}`);
      assert.ok(namespace.endsWith(`/${familia}`));
    }
  });
});

describe('autorizador', () => {
  const normal: ['55' | '65' | '57' | '67' | '58', Uf, string][] = [
    ['55', 'SP', 'SP'],
    ['55', 'RJ', 'SVRS'],
    ['55', 'MA', 'SVAN'],
    ['65', 'BA', 'SVRS'],
    ['65', 'MA', 'SVRS'],
    ['57', 'PE', 'SVSP'],
    ['67', 'RS', 'RS'],
    ['58', 'SP', 'SVRS'],
  ];
  for (const [modelo, uf, expected] of normal) {
    it(`of ${modelo} in ${uf} is ${expected} in normal emission`, () => assert.equal(autorizadorNormal(modelo, uf), expected));
  }

  const cases: [string, Parameters<typeof autorizadorFor>[0], string][] = [
    ['NF-e of SP, tpEmis 6, goes to SVC-AN', { modelo: '55', uf: 'SP', tpEmis: '6' }, 'SVC-AN'],
    ['NF-e of BA, tpEmis 7, goes to SVC-RS', { modelo: '55', uf: 'BA', tpEmis: '7' }, 'SVC-RS'],
    ['NF-e of BA, tpEmis 6: not its SVC, so never there', { modelo: '55', uf: 'BA', tpEmis: '6' }, 'BA'],
    ['NF-e after EPEC goes to the normal one', { modelo: '55', uf: 'SP', tpEmis: '4' }, 'SP'],
    ['NFC-e has no SVC', { modelo: '65', uf: 'SP', tpEmis: '6' }, 'SP'],
    ['CT-e of SP, tpEmis 7, goes to SVC-RS', { modelo: '57', uf: 'SP', tpEmis: '7' }, 'SVC-RS'],
    ['CT-e of RJ, tpEmis 8, goes to SVC-SP', { modelo: '57', uf: 'RJ', tpEmis: '8' }, 'SVC-SP'],
    ['NF-e without IE goes to SVRS whatever the UF', { modelo: '55', uf: 'SP', tpEmis: '1', semIe: true, serie: 1 }, 'SVRS'],
    ['NF-e without IE of série 890 stays at the UF', { modelo: '55', uf: 'SP', tpEmis: '1', semIe: true, serie: 890 }, 'SP'],
    ['NF-e without IE of série 919 stays at the UF', { modelo: '55', uf: 'SP', tpEmis: '1', semIe: true, serie: 919 }, 'SP'],
    ['NF-e without IE of série 920 goes to SVRS', { modelo: '55', uf: 'SP', tpEmis: '1', semIe: true, serie: 920 }, 'SVRS'],
    ['NF-e without IE never goes to an SVC', { modelo: '55', uf: 'SP', tpEmis: '6', semIe: true, serie: 1 }, 'SVRS'],
    ['NFC-e without IE is not an exception', { modelo: '65', uf: 'SP', tpEmis: '1', semIe: true, serie: 1 }, 'SP'],
  ];
  for (const [name, facts, expected] of cases) it(name, () => assert.equal(autorizadorFor(facts), expected));

  it('of contingência is one SVC for each UF in NF-e and none in NFC-e and MDF-e', () => {
    for (const uf of ALL_UFS) {
      assert.match(autorizadorContingencia('55', uf) ?? '', /^SVC-(AN|RS)$/);
      assert.equal(autorizadorContingencia('65', uf), undefined);
      assert.equal(autorizadorContingencia('58', uf), undefined);
    }
    assert.equal(svcOfTpEmis('55', '1'), undefined);
    assert.equal(svcOfTpEmis('58', '6'), undefined);
  });

  it('gives the distinct normal authorisers of a family', () => {
    assert.deepEqual(autorizadoresOf('nfe'), ['AM', 'BA', 'GO', 'MG', 'MS', 'MT', 'PE', 'PR', 'RS', 'SP', 'SVAN', 'SVRS']);
    assert.deepEqual(autorizadoresOf('mdfe'), ['SVRS']);
    assert.ok(autorizadoresOf('cte').includes('SVSP'));
  });
});
