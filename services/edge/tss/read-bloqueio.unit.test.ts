import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LINHA, MALFORMED, SAME_TEXT } from '../test/malformed-bloqueios.ts';
import { MAX_ROWS, readBloqueio } from './read-bloqueio.ts';
import { readTssJson } from './tss-json.ts';

function read(body: string | Uint8Array) {
  const json = readTssJson(Buffer.from(body));
  return json.ok ? readBloqueio(json.value) : json;
}

const errorOf = (body: string | Uint8Array) => {
  const result = read(body);
  return result.ok ? assert.fail(`accepted: ${JSON.stringify(result)}`) : result.error;
};

/** The two payloads of the TSS page. */
const FIRST =
  '{"Empresas":[{"tipopessoa":2,"cnpj":"53113791000122","IE":"111010945111","UF":"SP","Parametro":1},{"tipopessoa":2,"cnpj":"01159435000146","IE":"ISENTO","UF":"PE","Parametro":2},{"tipopessoa":2,"cnpj":"53113791000185","IE":"0014951780054","UF":"MG","Parametro":1}]}';
const SECOND = '{"contrato":"12345","Empresas":[{"tipopessoa":2,"cnpj":"53113791001790","IE":"255721161","UF":"SC","Parametro":1}]}';

test('both payloads of the page are read, in every form in which a client may send them', () => {
  for (const payload of [FIRST, SECOND]) {
    const { contrato, Empresas } = JSON.parse(payload);
    const rows = Empresas.map(({ cnpj, IE, UF, Parametro }: typeof LINHA) => ({
      ...{ tipopessoa: 2, documento: cnpj, ie: IE, uf: UF, parametro: Parametro },
    }));
    const expected = { ok: true, ...(contrato ? { contrato } : {}), rows };
    const packed = Buffer.from(payload).toString('base64');
    for (const body of [
      payload,
      `\uFEFF  ${payload}\n`,
      packed,
      packed.replace(/.{76}/g, '$&\r\n'),
      packed.replace(/=+$/, ''),
      packed.replaceAll('+', '-').replaceAll('/', '_'),
      `JSON=${packed}`,
      `json=${encodeURIComponent(packed)}`,
      `a=1&JSON=${packed}&b=2`,
      `JSON=${packed.replaceAll('+', ' ')}`,
      `JSON=${encodeURIComponent(payload)}`,
    ]) {
      assert.deepEqual(read(body), expected, body.slice(0, 40));
    }
  }
});

test('a plus of base64 that a form leaves unescaped is no blank', () => {
  const payload = JSON.stringify({ contrato: '»»>>~~', Empresas: [LINHA] });
  const packed = Buffer.from(payload).toString('base64');
  assert.match(packed, /\+/);
  const result = read(`JSON=${packed}`);
  assert.equal(result.ok && result.contrato, '»»>>~~');
});

test('names in any letter case, a person by cpf, an IE as it is written, an empty contrato', () => {
  const rows = [{ TIPOPESSOA: 1, Cpf: '12345678909', ie: ' 110.042.490/114 ', uf: 'SP', PARAMETRO: 2, Cnpj: '', outro: [] }];
  assert.deepEqual(read(JSON.stringify({ CONTRATO: ' ', EMPRESAS: rows })), {
    ok: true,
    rows: [{ tipopessoa: 1, documento: '12345678909', ie: '110.042.490/114', uf: 'SP', parametro: 2 }],
  });
  const alphanumeric = read(JSON.stringify({ Empresas: [{ ...LINHA, cnpj: '12ABC34501DE99', IE: 'isento' }] }));
  assert.deepEqual(alphanumeric.ok && [alphanumeric.rows[0]?.documento, alphanumeric.rows[0]?.ie], ['12ABC34501DE99', 'isento']);
  const full = read(JSON.stringify({ Empresas: Array.from({ length: MAX_ROWS }, () => LINHA) }));
  assert.equal(full.ok && full.rows.length, MAX_ROWS);
});

test('every malformed body is told its own fault', () => {
  const said = new Map<string, string>();
  assert.ok(Object.keys(MALFORMED).length >= 60);
  for (const [name, [body, says]] of Object.entries(MALFORMED)) {
    const error = errorOf(body);
    assert.match(error, says, name);
    if (SAME_TEXT.includes(name)) continue;
    assert.equal(said.get(error), undefined, `${name}: ${error}`);
    said.set(error, name);
  }
});

test('all faults of all rows come at once, by row and field; of very many the first hundred', () => {
  const error = errorOf(JSON.stringify({ contrato: 7, Empresas: [{ ...LINHA, UF: 'XX', Parametro: 9 }, LINHA, {}] }));
  const named = [...error.matchAll(/(Requisição|Linha \d), campo (\w+)/g)].map(([, where, field]) => `${where} ${field}`);
  assert.deepEqual(named, [
    ...['Requisição contrato', 'Linha 1 UF', 'Linha 1 Parametro'],
    ...['tipopessoa', 'cnpj', 'IE', 'UF', 'Parametro'].map((field) => `Linha 3 ${field}`),
  ]);
  const many = errorOf(JSON.stringify({ Empresas: Array.from({ length: 50 }, () => ({})) }));
  assert.equal([...many.matchAll(/Linha/g)].length, 100);
  assert.match(many, /E mais 150 falhas\.$/);
});

test('a value in a message is cut, whatever its size', () => {
  const error = errorOf(JSON.stringify({ Empresas: [{ ...LINHA, UF: 'x'.repeat(10_000) }] }));
  assert.ok(error.length < 200, error);
});
