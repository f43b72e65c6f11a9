import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EVENTO_KINDS, eventoKind, kindOfTipo } from './kinds.ts';

describe('kinds', () => {
  it('has one row per model and code, and one name per model', () => {
    const codes = EVENTO_KINDS.flatMap(({ modelos, tpEvento }) => modelos.map((modelo) => `${modelo}.${tpEvento}`));
    assert.equal(new Set(codes).size, codes.length);
    const names = EVENTO_KINDS.flatMap(({ modelos, tipo }) => (tipo ? modelos.map((modelo) => `${modelo}.${tipo}`) : []));
    assert.equal(new Set(names).size, names.length);
  });

  it('sends to the organ that registers it: cOrgao 91 at AN, 92 at SVRS, the UF otherwise', () => {
    for (const { tpEvento, orgao, cOrgao } of EVENTO_KINDS) {
      assert.equal(cOrgao, { UF: undefined, AN: '91', SVRS: '92' }[orgao], tpEvento);
    }
    assert.equal(eventoKind('55', '110750')?.orgao, 'SVRS');
    assert.equal(eventoKind('65', '110750')?.orgao, 'UF');
  });

  it('fills in only fields whose place in the layout it knows', () => {
    for (const { tpEvento, campos, preenche, fixos = [] } of EVENTO_KINDS) {
      for (const tag of ['descEvento', ...preenche, ...fixos.map((f) => f.tag)]) assert.ok(campos.includes(tag), `${tpEvento} ${tag}`);
    }
  });

  it('finds an event by its name and by its code, per model', () => {
    assert.equal(kindOfTipo('55', 'cancelamento')?.tpEvento, '110111');
    assert.equal(kindOfTipo('55', '112150')?.descEvento, 'Atualização da Data de Previsão de Entrega');
    assert.equal(kindOfTipo('55', 'cancelamento-substituicao'), undefined);
    for (const modelo of ['55', '65']) assert.equal(kindOfTipo(modelo, 'undefined'), undefined);
    assert.equal(eventoKind('57', '110111'), undefined);
    // NFC-e has no carta de correção (rejection 784).
    assert.equal(eventoKind('65', '110110'), undefined);
  });
});
