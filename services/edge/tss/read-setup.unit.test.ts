import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readEmpresa } from './read-empresa.ts';
import { readSetup, readSetupQuery } from './read-setup.ts';

const PFX = Buffer.from('not opened here');
const GOOD = {
  ...{ registrationType: 1, registrationNumber: '07385111000102', ie: '110042490114', uf: 'SP', companyName: 'Comercial Exemplo Ltda' },
  ...{ branchName: 'Exemplo', countyCode: '3550308', digitalCertificate: PFX.toString('base64'), password: ' çã 1 ', typeCert: 'A1' },
  url: 'http://localhost:8081',
};
const errorOf = (json: Record<string, unknown>) => {
  const read = readSetup(json);
  return read.ok ? assert.fail('accepted') : read.error;
};

test('a whole request, its names in any letter case, without what is optional', () => {
  const { typeCert: _typeCert, url: _url, branchName: _branch, ie: _ie, ...needed } = GOOD;
  const upper = Object.fromEntries(Object.entries(needed).map(([name, value]) => [name.toUpperCase(), value]));
  const read = readSetup(upper);
  assert.deepEqual(read.ok && read.setup, {
    ...{ documento: '07385111000102', ie: '', uf: 'SP', companyName: 'Comercial Exemplo Ltda', branchName: '', countyCode: '3550308' },
    ...{ digitalCertificate: PFX, password: ' çã 1 ' },
  });
  assert.equal(readSetup(GOOD).ok, true);
});

test('the first offending parameter is named, in the order of the service', () => {
  const order = ['registrationType', 'registrationNumber', 'uf', 'companyName', 'countyCode', 'digitalCertificate', 'password'];
  const json: Record<string, unknown> = { typeCert: 'A9' };
  for (const name of order) {
    assert.match(errorOf(json), new RegExp(`^O parâmetro '${name}' não foi informado`));
    json[name] = GOOD[name as keyof typeof GOOD];
  }
  assert.match(errorOf(json), /^O parâmetro 'typeCert' "A9" é inválido: use A1/);
  assert.match(errorOf({ ...GOOD, url: 1 }), /^O parâmetro 'url' é um número/);
});

test('each parameter that is wrong is told why', () => {
  const wrong: [Record<string, unknown>, RegExp][] = [
    [{ registrationType: '1' }, /'registrationType' é um texto/],
    [{ registrationType: 3 }, /'registrationType' 3 é inválido/],
    [{ registrationNumber: 7385111000102 }, /'registrationNumber' é um número/],
    [{ registrationNumber: '7385111000102' }, /tem 13 caracteres: o CNPJ tem 14/],
    [{ registrationNumber: '07385111000103' }, /não é um CNPJ válido/],
    [{ registrationType: 2, registrationNumber: '12345678900' }, /não é um CPF válido/],
    [{ ie: 7 }, /'ie' é um número/],
    [{ ie: '1'.repeat(19) }, /'ie' .* é inválido/],
    [{ uf: 'sp' }, /'uf' "sp" é inválido/],
    [{ companyName: 1 }, /'companyName' é um número/],
    [{ branchName: 1 }, /'branchName' é um número/],
    [{ countyCode: 3550308 }, /'countyCode' é um número/],
    [{ digitalCertificate: 'não!' }, /'digitalCertificate' não é base64/],
    [{ password: 123 }, /'password' é um número/],
    [{ typeCert: 1 }, /'typeCert' é um número/],
    [{ UF: 'RJ' }, /campo "UF": repetido/],
  ];
  for (const [change, says] of wrong) assert.match(errorOf({ ...GOOD, ...change }), says);
});

test('A3 is refused plainly, whatever else an A3 request leaves out', () => {
  const { digitalCertificate: _pfx, password: _password, ...a3 } = { ...GOOD, typeCert: ' a3 ' };
  assert.match(errorOf({ ...a3, slot: '1', module: '/usr/lib/x.so' }), /A3, que este hub não suporta/);
});

test('the query of GET says the entity; what else clients send is not looked at', () => {
  const read = readSetupQuery({ registrationType: '1', registrationNumber: '07385111000102', uf: 'SP', url: '', companyName: '' });
  assert.deepEqual(read, { ok: true, setup: { documento: '07385111000102', ie: '', uf: 'SP' } });
  for (const [query, says] of [
    [{}, /'registrationType' não foi informado/],
    [{ registrationType: 'x' }, /'registrationType' é um texto/],
    [{ registrationType: '9' }, /'registrationType' 9 é inválido/],
    [{ registrationType: ['1', '1'] }, /'registrationType' é uma lista/],
    [{ registrationType: '1' }, /'registrationNumber' não foi informado/],
  ] as const) {
    const refused = readSetupQuery(query);
    assert.match(refused.ok ? '' : refused.error, says);
  }
});

test('the company of a token request, or all its faults', () => {
  const empresa = { cnpj: '53113791000122', tipopessoa: 2, ie: '111010945111', uf: 'SP' };
  assert.deepEqual(readEmpresa({ Empresa: empresa }), {
    ok: true,
    pessoa: { tipopessoa: 2, documento: '53113791000122', ie: '111010945111', uf: 'SP' },
  });
  for (const [json, says] of [
    [{}, /campo empresa: não informado/],
    [{ empresa: [] }, /campo empresa: é uma lista/],
    [{ empresa: {} }, /Empresa, campo tipopessoa.*campo cnpj.*campo IE.*campo UF/],
    [{ empresa, EMPRESA: empresa }, /campo "EMPRESA": repetido/],
    [{ empresa: { ...empresa, CNPJ: 'x' } }, /Empresa, campo "CNPJ": repetido/],
  ] as const) {
    const refused = readEmpresa(json);
    assert.match(refused.ok ? '' : refused.error, says);
  }
});
