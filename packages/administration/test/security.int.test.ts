import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import { testStack } from '@malote/devstack/devstack';
import { systemClock } from '@malote/runtime/clock';
import { createLogger } from '@malote/runtime/logger';
import { createSecretBox } from '@malote/runtime/secret-box';
import { HUB } from '@malote/store/auditoria';
import { connectStore, type Store } from '@malote/store/connect';
import { ancoraText, listAuditoria, verifyAuditoria } from '../auditoria.ts';
import { rotateChavesMestras } from '../chaves-mestras.ts';

const [OLD, NEW] = ['2026', '2027'].map((kid) => `${kid}:${randomBytes(32).toString('base64')}`) as [string, string];
const database = `admin_${systemClock.uuid().replaceAll('-', '').slice(0, 16)}`;
const quem = { tipo: 'cli', id: 'ana' } as const;
let open: (masterKey: string) => Promise<Store>;
let conta: string;

before(async () => {
  const { mongoUrl: url } = await testStack();
  const log = createLogger({ service: 'test', level: 'silent' });
  open = async (masterKey) => {
    const store = await connectStore({ url, database, clock: systemClock, log, box: createSecretBox(masterKey) });
    after(() => store.close());
    return store;
  };
  const store = await open(OLD);
  await store.migrations.run();
  ({ _id: conta } = await store.contas.create({ nome: 'Exemplo' }));
  for (let n = 1; n <= 3; n += 1)
    await store.csc.put({ conta, empresa: `1122233300018${n}`, tpAmb: '2' }, { id: '1', codigo: 'A'.repeat(36) });
});

test('keys rotate counts without touching, then wraps everything with the new key, says which key may go, and is audited', async () => {
  const store = await open(`${NEW},${OLD}`);
  const csc = (counts: { lugar: string; kids: object }[]) => counts.find(({ lugar }) => lugar === 'csc.ativos[].sealed')?.kids;
  const dry = await rotateChavesMestras({ store }, { dryRun: true, quem });
  assert.deepEqual([dry.kid, dry.completa, dry.regravados, dry.semUso, csc(dry.depois)], ['2027', false, 0, [], { 2026: 3 }]);
  assert.equal((await store.auditoria.list({ conta: HUB, skip: 0, limit: 1 })).total, 0);
  const done = await rotateChavesMestras({ store }, { quem });
  assert.deepEqual([done.completa, done.regravados, done.semUso], [true, 3, ['2026']]);
  assert.deepEqual([csc(done.antes), csc(done.depois)], [{ 2026: 3 }, { 2027: 3 }]);
  const { registros } = await listAuditoria({ store }, { conta: HUB });
  assert.deepEqual(
    registros.map(({ quem: who, acao, alvo, resultado }) => ({ who, acao, alvo, resultado })),
    [{ who: quem, acao: 'chave-mestra.trocar', alvo: '2027', resultado: 'ok' }],
  );
  assert.equal((await rotateChavesMestras({ store }, { quem })).regravados, 0);
});

test('a secret of a lost key: the rotation says which, is not complete and ends', async () => {
  const [store, lost] = [await open(`${NEW},${OLD}`), await open(`perdida:${randomBytes(32).toString('base64')}`)];
  await lost.csc.put({ conta, empresa: '99888777000161', tpAmb: '2' }, { id: '1', codigo: 'A'.repeat(36) });
  const { completa, falhas, semUso } = await rotateChavesMestras({ store }, { quem });
  assert.deepEqual([completa, falhas.map(({ id }) => id), semUso], [false, ['99888777000161.2'], ['2026']]);
});

test('audit verify: one chain or all, with the link that was noted, and in plain words what was asked wrongly', async () => {
  const store = await open(NEW);
  for (let n = 0; n < 3; n += 1) await store.auditoria.append({ conta, quem, acao: 'conta.testar', resultado: 'ok' });
  const all = await verifyAuditoria({ store });
  assert.deepEqual([all.integra, all.correntes.map((chain) => chain.conta).sort()], [true, [HUB, conta].sort()]);
  const fim = (await verifyAuditoria({ store }, { conta })).correntes[0]?.fim;
  assert.ok(fim);
  assert.equal((await verifyAuditoria({ store }, { conta, ate: ancoraText(fim) })).integra, true);
  const other = await verifyAuditoria({ store }, { conta, ate: `${fim.seq}:${'0'.repeat(64)}` });
  assert.deepEqual([other.integra, other.correntes[0]?.falhas[0]?.tipo], [false, 'ancora']);
  assert.equal((await verifyAuditoria({ store }, { conta, ate: `${fim.seq + 1}:${fim.hash}` })).integra, false);

  const codes = {
    'ancora-invalida': { conta, ate: 'x' },
    'ancora-sem-conta': { ate: ancoraText(fim) },
    'conta-desconhecida': { conta: 'y' },
  };
  for (const [codigo, asked] of Object.entries(codes)) await assert.rejects(verifyAuditoria({ store }, asked), { codigo });
  await assert.rejects(listAuditoria({ store }, { conta, pagina: 0 }), { codigo: 'pagina-invalida', campo: 'pagina' });
  await assert.rejects(listAuditoria({ store }, { conta: 'y' }), { codigo: 'conta-desconhecida' });
});
