import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NotSent } from '@malote/sefaz/failure';
import type { TesteCertificado } from '@malote/store/certificados';
import { CNPJ, openCertificateScene } from './certificate-scene.ts';

const scene = await openCertificateScene();
const { seen, answers, store, clock, nudged } = scene;
const MINUTE_MS = 60_000;
const running = { kind: 'status', class: 'service-status', cStat: '107', xMotivo: 'Serviço em Operação' } as const;

interface Asked {
  id: string;
  alvo?: string;
  ambiente?: '1' | '2';
  pedido?: string;
}

async function ask({ id, alvo = 'SP', ambiente = '2', pedido = clock.uuid() }: Asked): Promise<TesteCertificado | undefined> {
  const about = { documentId: id, conta: scene.conta, empresa: CNPJ, familia: 'nfe', autorizador: 'SP', fila: 'agora' };
  const outcome = await scene.handle('certificate.test', { ...about, alvo, modelo: '55', ambiente }, pedido);
  assert.deepEqual(outcome, { kind: 'done' });
  return (await store.certificados.history(scene.owner)).find(({ _id }) => _id === id)?.testes?.[`${alvo}_${ambiente}`];
}
const calls = () => seen.splice(0).map(({ call, autorizador }) => `${call} ${autorizador}`);

test('a test is one status call, in the turn of the whole hub, and who waits is told', async () => {
  const { id } = await scene.install();
  answers.push(running);
  const first = await ask({ id });
  assert.deepEqual([first?.resultado, first?.cStat, first?.duracaoMs, calls()], ['aceito', '107', 7, ['status SP']]);
  assert.deepEqual(nudged.splice(0), [id]);
  // Another certificate, another process: the turn is SEFAZ's, not ours.
  const other = await scene.install();
  const early = await ask({ id: other.id });
  assert.deepEqual([early?.resultado, calls()], ['aguardando', []]);
  assert.ok(early?.proximoEm && early.proximoEm > clock.now());
  clock.advance(3 * MINUTE_MS + 1_000);
  answers.push(running);
  assert.equal((await ask({ id: other.id }))?.resultado, 'aceito');
  // What was known stays while it is too early to ask again.
  const again = await ask({ id: other.id });
  assert.deepEqual([again?.resultado, again?.cStat, calls()], ['aceito', '107', ['status SP']]);
});

test('a refused certificate and an authoriser without answer are told apart', async () => {
  const { id } = await scene.install();
  answers.push(new NotSent('certificado-recusado'));
  assert.equal((await ask({ id, alvo: 'SVC-AN' }))?.resultado, 'recusado');
  clock.advance(4 * MINUTE_MS);
  const refused = { kind: 'status', class: 'certificate', cStat: '280', xMotivo: 'Certificado Transmissor inválido' } as const;
  answers.push(refused);
  assert.equal((await ask({ id, alvo: 'SVC-AN' }))?.resultado, 'recusado');
  clock.advance(4 * MINUTE_MS);
  answers.push(new NotSent('conexao-recusada'));
  const silent = await ask({ id, alvo: 'SVC-AN' });
  assert.deepEqual([silent?.resultado, silent?.motivo], ['sem-resposta', 'A conexão com o autorizador foi recusada.']);
});

test('nothing is asked with a certificate out of its dates, one for homologação, or by a company that rests', async () => {
  calls();
  clock.advance(4 * MINUTE_MS);
  const ended = await scene.install({ notAfter: new Date('2026-01-01T00:00:00Z') });
  assert.equal((await ask({ id: ended.id }))?.resultado, 'recusado');
  const hom = await scene.install({ ambiente: 'hom' });
  assert.equal((await ask({ id: hom.id, ambiente: '1' }))?.resultado, 'recusado');
  await store.consumo.rest({ cnpj: CNPJ, autorizador: 'SP' }, new Date(clock.now().getTime() + 60 * MINUTE_MS), '656');
  const { id } = await scene.install();
  assert.equal((await ask({ id }))?.resultado, 'aguardando');
  assert.deepEqual(calls(), []);
});

test('a redelivered command asks nothing again', async () => {
  const { id } = await scene.install();
  clock.advance(70 * MINUTE_MS);
  answers.push(running);
  const pedido = clock.uuid();
  await ask({ id, pedido });
  clock.advance(4 * MINUTE_MS);
  await ask({ id, pedido });
  assert.deepEqual(calls(), ['status SP']);
});
