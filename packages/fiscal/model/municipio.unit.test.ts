import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CAPITAIS } from '@malote/testkit/municipios';
import { IRREGULARES } from './data/municipios.data.ts';
import { municipioDv, municipioFault } from './municipio.ts';
import { UFS, type Uf, ufByCodigo } from './uf.ts';

test('the capital of each UF is a municipality of it, and of no other', () => {
  for (const [uf, { cMun }] of Object.entries(CAPITAIS)) {
    assert.equal(municipioFault(cMun, uf as Uf), undefined, uf);
    for (const other of Object.keys(UFS)) if (other !== uf) assert.equal(municipioFault(cMun, other as Uf), 'uf');
  }
});

test('one digit that is wrong is found, whichever it is', () => {
  const codigo = '3550308';
  for (let at = 2; at < 7; at += 1) {
    for (let digit = 0; digit <= 9; digit += 1) {
      const changed = codigo.slice(0, at) + digit + codigo.slice(at + 1);
      if (changed !== codigo) assert.equal(municipioFault(changed, 'SP'), 'digito', changed);
    }
  }
});

test('the nine codes that were published with another check digit are taken as they are', () => {
  assert.equal(Object.keys(IRREGULARES).length, 9);
  for (const codigo of Object.keys(IRREGULARES)) {
    assert.notEqual(municipioDv(codigo.slice(0, 6)), codigo.slice(6), `${codigo} needs no exception`);
    assert.equal(municipioFault(codigo, ufByCodigo(codigo.slice(0, 2)) as Uf), undefined);
  }
});

test('anything but seven digits is no code', () => {
  for (const text of ['', '355030', '35503080', '355030X', ' 3550308', '٣550308']) assert.equal(municipioFault(text, 'SP'), 'forma', text);
  assert.throws(() => municipioDv('35503'), RangeError);
});
