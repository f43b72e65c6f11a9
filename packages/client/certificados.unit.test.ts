import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MaloteProblem } from './client.ts';
import { fakeHub } from './test/fake-hub.ts';

const empresa = '11222333000181';
const shown = () => Response.json({ empresa, situacao: 'valido' });

test('a certificate is checked, installed, shown and tested; the file goes in base64 whatever its bytes', async () => {
  const { client, asked, paths } = fakeHub([shown(), shown(), shown(), shown()]);
  const pfx = Uint8Array.from({ length: 20_000 }, (_, index) => index % 256);
  assert.equal((await client.conferirCertificado({ empresa, pfx, senha: 'ação' })).situacao, 'valido');
  await client.instalarCertificado({ empresa, pfx, senha: 'ação', ambiente: 'hom' });
  await client.certificado({ empresa });
  await client.testarCertificado({ empresa, ambiente: 'prod' });
  const path = `/api/empresas/${empresa}/certificado`;
  assert.deepEqual(paths(), [
    ...[`POST ${path}?simular=true`, `POST ${path}?ambiente=hom`, `GET ${path}`, `GET ${path}?testar=true&ambiente=prod`],
  ]);
  const [first] = asked.filter(({ body }) => body !== undefined && String(body).includes('conteudo'));
  const { conteudo, senha } = JSON.parse(String(first?.body)) as { conteudo: string; senha: string };
  assert.deepEqual([Buffer.from(conteudo, 'base64').equals(pfx), senha], [true, 'ação']);
});

test('a refusal says which field and why', async () => {
  const faults = [{ code: 'senha-incorreta', path: 'senha', message: 'A senha do arquivo PFX está incorreta.' }];
  const problem = { type: 'x', title: 'x', status: 400, detail: faults[0]?.message, instance: 'i', codigo: 'cadastro-recusado', faults };
  const { client } = fakeHub([Response.json(problem, { status: 400, headers: { 'content-type': 'application/problem+json' } })]);
  const wrong = client.instalarCertificado({ empresa, pfx: new Uint8Array(3), senha: 'x' });
  await assert.rejects(wrong, (error) => error instanceof MaloteProblem && error.faults?.[0]?.code === 'senha-incorreta');
});
