import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NotSent } from '@malote/sefaz/failure';
import { openCertificateScene } from './certificate-scene.ts';

const scene = await openCertificateScene();
const { seen, answers, store, clock } = scene;
const DAY_MS = 86_400_000;
const absent = { kind: 'document', class: 'not-found', cStat: '217', xMotivo: 'x', service: { cStat: '217', xMotivo: 'x' } } as const;
const used = () => seen.splice(0).map(({ call, thumbprint }) => `${call} ${thumbprint}`);

test('what is under way ends with the certificate that signed it; what comes after the swap is signed with the new one', async () => {
  const old = await scene.install();
  const underWay = await scene.note();
  const lost = await scene.work(underWay);
  assert.deepEqual([lost.state, lost.certificado], ['uncertain', old.id]);
  assert.deepEqual(used(), [`authorize ${old.thumbprint}`, `consult ${old.thumbprint}`]);
  const next = await scene.install();
  answers.push(absent, absent, absent);
  while (seen.every(({ call }) => call !== 'authorize')) await scene.work(underWay);
  assert.deepEqual(new Set(used()), new Set([`consult ${old.thumbprint}`, `authorize ${old.thumbprint}`]));
  const after = await scene.work(await scene.note());
  assert.equal(after.certificado, next.id);
  assert.equal(used()[0], `authorize ${next.thumbprint}`);
  // The same bytes, whoever signs now.
  const resent = await store.documentos.findById(underWay._id);
  assert.deepEqual([resent?.conteudo, resent?.certificado], [lost.conteudo, old.id]);
});

test('past the end of the one that signed it, what may be at SEFAZ is pursued with the present one', async () => {
  const short = await scene.install({ notAfter: new Date(clock.now().getTime() + DAY_MS) });
  const underWay = await scene.note();
  const { nextAt } = await scene.work(underWay);
  assert.ok(nextAt);
  used();
  const next = await scene.install();
  clock.advance(2 * DAY_MS);
  await scene.work(underWay);
  assert.deepEqual(used(), [`consult ${next.thumbprint}`]);
  assert.notEqual(next.thumbprint, short.thumbprint);
});

test('signed, never sent, and its certificate has ended: it is given back, though a new one is there', async () => {
  await scene.install({ notAfter: new Date(clock.now().getTime() + DAY_MS) });
  answers.push(new NotSent('conexao-recusada', { retryAfterMs: 60_000 }));
  const waiting = await scene.work(await scene.note());
  assert.equal(waiting.state, 'signed');
  await scene.install();
  clock.advance(2 * DAY_MS);
  used();
  const { state, faults } = await scene.work(waiting);
  assert.deepEqual([state, faults[0]?.code, used()], ['rejected', 'certificado-vencido', []]);
});

test('a certificate for homologação signs nothing in produção, until it is installed again without the mark', async () => {
  used();
  const { id, a1, thumbprint } = await scene.install({ ambiente: 'hom' });
  const refused = await scene.work(await scene.note('1'));
  assert.deepEqual([refused.state, refused.faults[0]?.code, used()], ['rejected', 'certificado-so-homologacao', []]);
  assert.equal((await scene.work(await scene.note('2'))).certificado, id);
  used();
  // The same id: what this process knew of it is not good any more.
  await store.certificados.put(scene.owner, a1, a1);
  await store.empresas.useCertificado({ conta: scene.conta, documento: scene.owner.empresa }, id);
  await scene.work(await scene.note('1'));
  assert.equal(used()[0], `authorize ${thumbprint}`);
});
