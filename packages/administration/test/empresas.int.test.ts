import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JUSTIFICATIVA_PADRAO } from '@malote/fiscal/inutilizacao/politica';
import type { AnyEnvelope } from '@malote/messages/envelope';
import type { Quem, RegistroAuditoria } from '@malote/store/auditoria';
import { type NovoPedido, pedidoId } from '@malote/store/bloqueios';
import type { Empresa, Inscricao } from '@malote/store/empresas';
import { sampleCnpj } from '@malote/testkit/sample-cnpj';
import { type CommandDeps, runCommand } from '../command.ts';
import { COMMANDS } from '../commands.ts';
import { listCsc, putCsc, removeCsc } from '../csc.ts';
import { addEmpresa, changeEmpresa, putEmpresa } from '../empresas.ts';
import { Refused } from '../refused.ts';
import { registerEntityBy } from '../register-entity.ts';
import { openStore } from './open-store.ts';

const opened = await openStore('empresas');
const trail: RegistroAuditoria[] = [];
const store = {
  ...opened,
  auditoria: {
    ...opened.auditoria,
    append: async (fato: Parameters<typeof opened.auditoria.append>[0]) => {
      const row = await opened.auditoria.append(fato);
      trail.push(row);
      return row;
    },
  },
};
const registered: Inscricao[] = [];
const deps = { store, registerEntity: async ({ uf, ie }: Inscricao) => void registered.push({ uf, ie }) };
const { _id: conta } = await store.contas.create({ nome: 'Cliente' });
const { _id: outra } = await store.contas.create({ nome: 'Outro' });
const quem: Quem = { tipo: 'credencial', id: 'token', ip: '10.0.0.1' };
const MINIMO = { razaoSocial: 'Comercial Exemplo Ltda', uf: 'SP' };
const refused = (codigo: string) => (error: unknown) => error instanceof Refused && error.codigo === codigo;
const said = () => trail.splice(0).map(({ acao, resultado, empresa, detalhe }) => [acao, resultado, empresa, detalhe]);

test('a company is created, changed and replaced; each change is one version and one link of the audit trail, no change is none', async () => {
  const documento = sampleCnpj(301);
  const where = { conta, documento };
  const first = await putEmpresa(deps, quem, where, { ...MINIMO, ie: '110.042.490.114', outrasInscricoes: [{ uf: 'RJ', ie: '12345678' }] });
  assert.deepEqual([first.created, first.empresa.version, first.empresa.ie], [true, 1, '110042490114']);
  assert.deepEqual(registered.splice(0), [
    { uf: 'SP', ie: '110042490114' },
    { uf: 'RJ', ie: '12345678' },
  ]);
  const again = await putEmpresa(deps, quem, where, { ...MINIMO, ie: '110042490114', outrasInscricoes: [{ uf: 'RJ', ie: '12345678' }] });
  assert.deepEqual(again, { created: false, empresa: first.empresa });
  const changed = await changeEmpresa(deps, quem, where, { crt: '3', nfce: { qrVersion: '3' } });
  assert.deepEqual([changed.version, changed.crt, changed.qrVersion, changed.ie], [2, '3', '3', '110042490114']);
  assert.deepEqual(registered, []);
  const replaced = await putEmpresa(deps, quem, where, MINIMO);
  const { crt, qrVersion, ie, outrasInscricoes, version } = replaced.empresa;
  assert.deepEqual([crt, qrVersion, ie, outrasInscricoes, version], [undefined, undefined, undefined, undefined, 3]);
  assert.deepEqual(said(), [
    ['empresa.criar', 'ok', documento, 'razaoSocial uf ie outrasInscricoes'],
    ['empresa.alterar', 'ok', documento, 'crt qrVersion'],
    ['empresa.alterar', 'ok', documento, 'ie outrasInscricoes crt qrVersion'],
  ]);
});

test('an inscription gets an entity by a request to the worker, which creates none where there is one', async () => {
  const sent: AnyEnvelope[] = [];
  const publish = async (message: AnyEnvelope) => void sent.push(message);
  const registerEntity = registerEntityBy({ store, publish, traceparent: '00-0-0-01' });
  const documento = sampleCnpj(305);
  await putEmpresa({ store, registerEntity }, quem, { conta, documento }, { ...MINIMO, outrasInscricoes: [{ uf: 'RJ', ie: '12345678' }] });
  said();
  const asked = sent.map(({ payload }) => pedidoId({ _id: (payload as { pedidoId: string }).pedidoId, conta }));
  const pedidos = await Promise.all(asked.map((id) => store.bloqueios.findById({ conta, id })));
  const common = { documento, nome: MINIMO.razaoSocial, seAusente: true };
  assert.deepEqual(
    pedidos.map((pedido) => [pedido?.quem, pedido?.cadastro]),
    [
      [quem, { ...common, uf: 'SP', ie: 'ISENTO' }],
      [quem, { ...common, uf: 'RJ', ie: '12345678' }],
    ],
  );
  // A broker that is away is no reason to refuse: the sweep of the outbox has the command.
  const away = registerEntityBy({ store, publish: () => Promise.reject(new Error('away')), traceparent: '00-0-0-01' });
  await putEmpresa({ store, registerEntity: away }, quem, { conta, documento: sampleCnpj(306) }, MINIMO);
  said();
});

test('what is refused is in the trail with its reason, and nothing is stored', async () => {
  const documento = sampleCnpj(302);
  await assert.rejects(putEmpresa(deps, quem, { conta, documento }, { uf: 'XX' }), refused('campo-obrigatorio'));
  await assert.rejects(changeEmpresa(deps, quem, { conta, documento }, MINIMO), refused('empresa-desconhecida'));
  await assert.rejects(addEmpresa(deps, quem, { conta, documento: '11222333000180' }, MINIMO), refused('documento-invalido'));
  await assert.rejects(addEmpresa(deps, quem, { conta: 'nenhuma', documento }, MINIMO), refused('conta-desconhecida'));
  assert.equal(await store.empresas.find({ conta, documento }), undefined);
  await addEmpresa(deps, quem, { conta: outra, documento }, MINIMO);
  await assert.rejects(putEmpresa(deps, quem, { conta, documento }, MINIMO), refused('empresa-de-outra-conta'));
  assert.deepEqual(
    said().map(([acao, resultado, , detalhe]) => [acao, resultado, detalhe]),
    [
      ['empresa.alterar', 'recusado', 'campo-obrigatorio uf-invalida'],
      ['empresa.alterar', 'recusado', 'empresa-desconhecida'],
      ['empresa.alterar', 'recusado', 'documento-invalido'],
      ['empresa.alterar', 'recusado', 'conta-desconhecida'],
      ['empresa.criar', 'ok', 'razaoSocial uf'],
      ['empresa.alterar', 'recusado', 'empresa-de-outra-conta'],
    ],
  );
});

test('calls of the same moment create a company once, and none of them is refused', async () => {
  const where = { conta, documento: sampleCnpj(303) };
  const all = await Promise.all(
    Array.from({ length: 8 }, (_, n) => addEmpresa(deps, quem, where, { ...MINIMO, crt: String((n % 4) + 1) })),
  );
  assert.equal(all.filter(({ created }) => created).length, 1);
  said();
});

test('company add and set change what PUT can, an inscription gets its entity, and a word takes each back', async () => {
  const empresa = sampleCnpj(307);
  const asked: unknown[] = [];
  const bloqueios = {
    ...store.bloqueios,
    insert: (pedido: NovoPedido) => {
      if (pedido.kind === 'cadastro') asked.push(pedido.cadastro);
      return store.bloqueios.insert(pedido);
    },
  };
  const running = { quem, store: async () => ({ ...store, bloqueios }), traceparent: '00-0-0-01' } as unknown as CommandDeps;
  const run = async (name: string, given: Record<string, string>) => {
    const row = COMMANDS.find((each) => each.name === name);
    assert.ok(row);
    return (await runCommand(row, running, { conta, ...given })) as Record<string, unknown>;
  };
  const set = (given: Record<string, string>) => run('company set', { empresa, ...given });
  const added = { cnpj: empresa, uf: 'SP', 'razao-social': 'Exemplo', inscricoes: 'PE:isento' };
  assert.equal((await run('company add', added)).inscricoes, 'PE:ISENTO');
  const shown = await set({
    ...{ 'nome-fantasia': 'Loja', crt: '3', municipio: '3550308', inscricoes: 'MG:001.495178.00-54, PE:ISENTO' },
    ...{
      'danfe-orientacao': 'paisagem',
      'danfe-largura-cupom': '58',
      'danfe-sem-canhoto': 'sim',
      'danfe-sem-itens': 'nao',
      'danfe-vias': '1',
    },
  });
  const cadastro = { nomeFantasia: 'Loja', crt: '3', municipio: '3550308', inscricoes: 'MG:0014951780054,PE:ISENTO' };
  const papel = { danfeOrientacao: 'paisagem', danfeLarguraCupom: 58, danfeSemCanhoto: 'sim', danfeSemItens: 'nao', danfeVias: 1 };
  const options = { qrVersion: 'auto', urlsHom: undefined, urlsProd: undefined, logo: 'não', lacunas: 'propor' };
  assert.deepEqual(shown, { empresa, ...cadastro, ...options, lacunasJustificativa: undefined, ...papel, version: 2 });
  const { danfe, outrasInscricoes } = (await store.empresas.find({ conta, documento: empresa })) ?? {};
  assert.deepEqual(danfe, { orientacao: 'paisagem', larguraCupom: 58, semCanhoto: true, semItens: false, vias: 1 });
  const mg = { uf: 'MG', ie: '0014951780054' };
  assert.deepEqual(outrasInscricoes, [mg, { uf: 'PE', ie: 'ISENTO' }]);
  assert.deepEqual(asked.at(-2), { documento: empresa, nome: 'Exemplo', ...mg, seAusente: true });
  // Each option by itself: the others stay.
  const { danfeVias, ...one } = await set({ 'danfe-vias': 'padrao' });
  assert.deepEqual([danfeVias, one.danfeLarguraCupom, one.inscricoes], [undefined, 58, cadastro.inscricoes]);
  await set({ lacunas: 'inutilizar', 'lacunas-justificativa': 'Números pulados pelo caixa' });
  assert.equal((await set({ 'lacunas-justificativa': 'padrao' })).lacunasJustificativa, JUSTIFICATIVA_PADRAO);
  await set({ lacunas: 'propor' });
  await set({ 'nome-fantasia': 'nenhum', crt: 'nenhum', municipio: 'nenhum', inscricoes: 'nenhuma' });
  for (const name of ['orientacao', 'largura-cupom', 'sem-canhoto', 'sem-itens']) await set({ [`danfe-${name}`]: 'padrao' });
  const {
    _id,
    conta: of,
    razaoSocial,
    uf,
    version,
    createdAt,
    updatedAt,
    ...rest
  } = (await store.empresas.find({ conta, documento: empresa })) as Empresa;
  assert.deepEqual(rest, {});
  said();
});

test('CSC: two per ambiente, ids without zeros, a call repeated does no harm, a code is never shown', async () => {
  const empresa = sampleCnpj(304);
  await addEmpresa(deps, quem, { conta, documento: empresa }, MINIMO);
  said();
  const where = { conta, empresa };
  const codigo = 'A1B2C3D4-E5F6-7890';
  const shown = await putCsc(deps, quem, where, { ambiente: 'hom', id: '000001', codigo }, 'add');
  assert.deepEqual({ ...shown, createdAt: 0 }, { ambiente: 'hom', id: '1', emUso: true, createdAt: 0 });
  assert.deepEqual(await putCsc(deps, quem, where, { ambiente: 'hom', id: '1', codigo }, 'add'), shown);
  const other = { ambiente: 'hom', id: '1', codigo: `${codigo}X` };
  await assert.rejects(putCsc(deps, quem, where, other, 'add'), refused('csc-existente'));
  await putCsc(deps, quem, where, other, 'replace');
  assert.equal((await store.csc.current({ ...where, tpAmb: '2' }))?.codigo, other.codigo);
  await assert.rejects(putCsc(deps, quem, where, { ...other, id: '2' }, 'replace'), refused('csc-desconhecido'));
  await putCsc(deps, quem, where, { ...other, id: '2' }, 'put');
  await assert.rejects(putCsc(deps, quem, where, { ...other, id: '3' }, 'add'), refused('csc-limite'));
  await putCsc(deps, quem, where, { ...other, id: '3', ambiente: 'prod' }, 'add');
  const rows = await listCsc(deps, where);
  assert.deepEqual(
    rows.map(({ ambiente, id, emUso }) => `${ambiente} ${id} ${emUso}`),
    ['hom 2 true', 'hom 1 false', 'prod 3 true'],
  );
  await removeCsc(deps, quem, where, { ambiente: 'hom', id: '02' });
  await assert.rejects(removeCsc(deps, quem, where, { ambiente: 'hom', id: '2' }), refused('csc-desconhecido'));
  assert.deepEqual(
    (await listCsc(deps, where, 'hom')).map(({ id }) => id),
    ['1'],
  );
  const stranger = { conta: outra, empresa };
  for (const work of [
    () => listCsc(deps, stranger),
    () => putCsc(deps, quem, stranger, other, 'put'),
    () => removeCsc(deps, quem, stranger, other),
  ])
    await assert.rejects(work, refused('empresa-desconhecida'));
  const text = JSON.stringify([rows, trail]);
  assert.equal(text.includes('A1B2C3D4'), false, text);
  assert.ok(said().some(([acao, resultado, , detalhe]) => acao === 'csc.retirar' && resultado === 'ok' && detalhe === 'hom'));
});

test('every fault of a CSC is told at once, and none repeats the code', async () => {
  const where = { conta, empresa: sampleCnpj(304) };
  await assert.rejects(putCsc(deps, quem, where, { ambiente: 'teste', id: '0', codigo: 'curto demais!', zeros: 1 }, 'add'), (error) => {
    assert.ok(error instanceof Refused);
    assert.deepEqual(
      error.faults.map(({ codigo, campo }) => `${campo} ${codigo}`),
      [...['zeros campo-desconhecido', 'ambiente ambiente-invalido', 'id csc-id-invalido', 'codigo csc-codigo-invalido']],
    );
    return !error.message.includes('curto demais');
  });
});
