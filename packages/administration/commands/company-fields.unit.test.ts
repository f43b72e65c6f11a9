import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Empresa } from '@malote/store/empresas';
import type { Given } from '../option.ts';
import { readEmpresa } from '../read-empresa.ts';
import { Refused } from '../refused.ts';
import { CADASTRO, cadastroOf, DANFE, danfeOf, refusedByOptions, shownDanfe, shownInscricoes } from './company-fields.ts';

const OPTIONS = { ...CADASTRO, ...DANFE };
const atual = { _id: '11222333000181', uf: 'SP', ie: '110042490114' } as Empresa;

function changeOf(given: Given<typeof OPTIONS>, options = OPTIONS) {
  const read = async () =>
    readEmpresa({ ...cadastroOf(given), danfe: danfeOf(given) }, { documento: atual._id, atual, replace: false }).change;
  return refusedByOptions(options, given, read());
}

async function faultsOf(given: Given<typeof OPTIONS>): Promise<[string | undefined, string][]> {
  const refusal = await changeOf(given).then(
    () => undefined,
    (error) => error,
  );
  assert.ok(refusal instanceof Refused, String(refusal));
  return refusal.faults.map(({ campo, message }) => [campo, message]);
}

test('options are read as the fields of the HTTP API, and shown as they are taken', async () => {
  const given = { inscricoes: 'mg:001.495.178/0054, PE:isento', 'danfe-largura-cupom': '80', 'danfe-sem-itens': 'nao' } as const;
  const { outrasInscricoes, danfe } = await changeOf(given);
  assert.deepEqual(danfe, { larguraCupom: 80, semItens: false });
  assert.equal(shownInscricoes(outrasInscricoes ?? undefined), 'MG:0014951780054,PE:ISENTO');
  assert.deepEqual(JSON.parse(JSON.stringify(shownDanfe(danfe ?? {}))), { danfeLarguraCupom: 80, danfeSemItens: 'nao' });
  const cleared = await changeOf({ inscricoes: 'nenhuma', crt: 'nenhum', municipio: 'nenhum', 'nome-fantasia': 'nenhum' });
  assert.deepEqual([cleared.outrasInscricoes, cleared.crt, cleared.municipio, cleared.nomeFantasia], [null, null, null, null]);
  assert.equal(danfeOf({}), undefined);
});

test('each fault names its option, and of the inscriptions the one that is wrong', async () => {
  const danfe = { 'danfe-orientacao': 'deitado', 'danfe-largura-cupom': '90', 'danfe-vias': '3' };
  const inscricoes = 'XX:123,MG,PE:abc,RJ:12345678,RJ:12.345.678,SP:110.042.490.114,,MG:';
  assert.deepEqual(await faultsOf({ crt: '9', municipio: '3304557', inscricoes, ...danfe }), [
    ['inscricoes', '--inscricoes XX:123 (UF): não é uma sigla de UF (exemplo: SP).'],
    ['inscricoes', '--inscricoes MG (IE): é obrigatória; informe ISENTO se não há.'],
    ['inscricoes', '--inscricoes PE:abc (IE): são de 2 a 14 dígitos, com ou sem máscara, ou ISENTO.'],
    ['inscricoes', '--inscricoes (vazia) (UF): não é uma sigla de UF (exemplo: SP).'],
    ['inscricoes', '--inscricoes (vazia) (IE): é obrigatória; informe ISENTO se não há.'],
    ['inscricoes', '--inscricoes MG: (IE): é obrigatória; informe ISENTO se não há.'],
    ['crt', '--crt: use 1, 2, 3 ou 4.'],
    ['danfe-orientacao', '--danfe-orientacao: use retrato ou paisagem.'],
    ['danfe-largura-cupom', '--danfe-largura-cupom: use 58, 80, 100 ou 210.'],
    ['danfe-vias', '--danfe-vias: use 1 ou 2.'],
    ['municipio', '--municipio: 3304557 não é de SP: o código de um município de SP começa com 35.'],
    ['inscricoes', '--inscricoes RJ:12.345.678: a inscrição 12345678 de RJ já foi informada.'],
    ['inscricoes', '--inscricoes SP:110.042.490.114: a inscrição 110042490114 de SP já foi informada.'],
  ]);
  const many = Array.from({ length: 51 }, (_, n) => `RJ:${100 + n}`).join(',');
  assert.deepEqual(await faultsOf({ inscricoes: many }), [['inscricoes', '--inscricoes: tem 51 inscrições; são no máximo 50.']]);
});

test('what is refused for another reason stays as it is', async () => {
  const refusal = new Refused('empresa-de-outra-conta', 'A empresa é de outra conta.', 'empresa');
  await assert.rejects(refusedByOptions(OPTIONS, {}, Promise.reject(refusal)), { codigo: refusal.codigo, campo: 'empresa' });
  const other = new Error('away');
  await assert.rejects(refusedByOptions(OPTIONS, {}, Promise.reject(other)), (error) => error === other);
});
