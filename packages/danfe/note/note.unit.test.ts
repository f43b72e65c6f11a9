import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseXml } from '@malote/fiscal/xml/parse';
import { cancelamentoOf, sampleEvento } from '@malote/testkit/sample-evento';
import { sampleProc } from '@malote/testkit/sample-proc';
import { cep, cnpj, cpf, date, dateTime, decimal, fone, inFours, inOffsetOf, numero, serie } from './format.ts';
import { fsDaCode } from './fs-da.ts';
import { readNote } from './read-note.ts';
import { watermark } from './situation.ts';

test('decimals are those of the XML without idle zeros, never fewer than asked, never rounded', () => {
  assert.equal(decimal('1234567.8900'), '1.234.567,89');
  assert.equal(decimal('0.1234567891'), '0,1234567891');
  assert.equal(decimal('12345678901.1234567891'), '12.345.678.901,1234567891');
  assert.equal(decimal('5'), '5,00');
  assert.equal(decimal('5.0000', 0), '5');
  assert.equal(decimal('112.25', 3), '112,250');
  assert.equal(decimal('-12.5'), '-12,50');
  assert.equal(decimal(undefined), '');
  assert.equal(decimal('1e5'), '1e5');
});

test('masks', () => {
  assert.equal(cnpj('12ABC34501DE35'), '12.ABC.345/01DE-35');
  assert.equal(cpf('12345678909'), '123.456.789-09');
  assert.equal(cep('01001000'), '01.001-000');
  assert.equal(fone('11987654321'), '(11) 98765-4321');
  assert.equal(fone('551133334444000'), '551133334444000');
  assert.equal(numero('4711'), '000.004.711');
  assert.equal(serie('1'), '001');
  assert.equal(inFours('12345678'), '1234 5678');
});

test('times stay in the offset of the document; the answer is converted to it', () => {
  assert.equal(dateTime('2026-11-21T23:30:00-05:00'), '21/11/2026 23:30:00');
  assert.equal(date('2026-11-21'), '21/11/2026');
  assert.equal(inOffsetOf('2026-11-22T01:30:05-03:00', '2026-11-21T23:30:00-05:00'), '2026-11-21T23:30:05-05:00');
  assert.equal(inOffsetOf('2026-11-22T01:30:05-03:00', undefined), '2026-11-22T01:30:05-03:00');
});

const situation = (options: Parameters<typeof sampleProc>[0], more: Parameters<typeof readNote>[1] = {}) =>
  readNote(sampleProc(options).xml, more).situation;

test('the situation comes from protocol, events and form of emission', () => {
  assert.equal(situation({}).kind, 'autorizada');
  assert.equal(situation({ cStat: '150' }).kind, 'autorizada');
  assert.equal(situation({ cStat: '120' }).kind, 'autorizada', 'with alert, NT 2026.002');
  assert.equal(situation({ cStat: '205' }).kind, 'denegada');
  assert.equal(situation({ cStat: '101' }).kind, 'cancelada');
  assert.equal(situation({ cStat: '302' }).kind, 'denegada');
  assert.equal(situation({ cStat: null }).kind, 'rascunho');
  assert.equal(situation({ cStat: null, tpEmis: '6' }).kind, 'rascunho');
  assert.equal(situation({ cStat: null, tpEmis: '5' }).kind, 'contingencia');
  assert.equal(situation({ cStat: null, tpEmis: '9', nfce: true }).kind, 'contingencia');
  assert.equal(situation({ cStat: null, tpEmis: '4' }).kind, 'rascunho');
  const epec = { cStat: null, tpEmis: '4' } as const;
  const evento = (cStat: string, tag = 'nProt') =>
    sampleEvento({ tpEvento: '110140', chave: sampleProc(epec).chave, det: '<descEvento>EPEC</descEvento>', cStat }).replaceAll(
      'nProt',
      tag,
    );
  assert.equal(situation(epec, { epec: evento('124') }).kind, 'contingencia');
  assert.equal(situation(epec, { epec: evento('142', 'outro') }).kind, 'rascunho', 'refused');
  assert.equal(situation(epec, { epec: { dhRegistro: '2026-11-21T10:00:00-03:00' } }).kind, 'contingencia');
  const { xml, chave } = sampleProc({});
  assert.equal(readNote(xml, { cancelamento: cancelamentoOf(chave) }).situation.kind, 'cancelada');
  assert.equal(readNote(xml, { previa: true }).situation.kind, 'previa');
});

test('a cancelled note is marked as such and not as worthless; homologação always is', () => {
  assert.equal(watermark(situation({ cStat: '101' })), 'CANCELADA');
  assert.equal(watermark(situation({ tpAmb: '2' })), 'SEM VALOR FISCAL');
  assert.equal(watermark(situation({})), undefined);
  assert.equal(watermark(situation({ cStat: null, tpEmis: '5' })), undefined);
});

test('what is no note, and an event of another note, are refused in words', () => {
  assert.throws(() => readNote('<a/>'), /começa com <a>/);
  assert.throws(() => readNote('<NFe'), { name: 'XmlError' });
  const other = sampleProc({ numero: 1 }).chave;
  assert.throws(() => readNote(sampleProc({}).xml, { cancelamento: cancelamentoOf(other) }), /é da chave .* não da chave/);
});

test('the data of FS-DA have 36 characters: UF, form, addressee, value, taxes, day, check digit', () => {
  const { root } = parseXml(sampleProc({ tpEmis: '5', cStat: null }).xml);
  const inf = root.children[0]?.children[0];
  assert.ok(inf);
  const code = fsDaCode(inf);
  assert.equal(code.length, 36);
  assert.equal(code.slice(0, 35), `355${'10900001000146'}${'00000000002100'}1221`);
  // Modulo 11 with weights 2 to 9 from the right, by hand over the 35 positions above.
  const weighted = [...code.slice(0, 35)].toReversed().reduce((sum, digit, i) => sum + Number(digit) * (2 + (i % 8)), 0);
  assert.equal(Number(code[35]), weighted % 11 < 2 ? 0 : 11 - (weighted % 11));
});
