import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { createClient, MaloteProblem, MaloteUnavailable } from '@malote/client/client';
import { connectRedis } from '@malote/redis/connect';
import { createLogger } from '@malote/runtime/logger';
import { eventually } from '@malote/testkit/eventually';
import { newCustomer } from './customer.ts';
import { ROOT, startHub } from './hub.ts';

const hub = await startHub();
const dir = mkdtempSync(join(tmpdir(), 'malote-client-'));
after(async () => {
  await hub.close();
  rmSync(dir, { recursive: true, force: true });
});
const customer = await newCustomer(hub, { cnpj: '11222333000181' });
const { docs, token, secret } = customer;
const clientAt = (url: string, retries = 0) => createClient({ url, token, secret, retries });

test('the example program emits a note and shows how it ended and what was asked of SEFAZ', async () => {
  const file = join(dir, 'nota.xml');
  writeFileSync(file, customer.note({ numero: 1 }));
  const args = ['packages/client/example/emit.ts', hub.url(), token, secret, customer.cnpj, file];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: ROOT, timeout: 60_000 });
  const { chaveAcesso } = await customer.view(1);
  assert.match(stdout, new RegExp(`^Autorizada ${chaveAcesso} 100 Autorizado o uso da NF-e\\n {2}autorizacao SP 100 \\d+ ms\\n$`));
});

/** As a Redis that lost its data does. */
async function forgetSessions(): Promise<void> {
  const redis = connectRedis(String(hub.env.MALOTE_REDIS_URL), createLogger({ service: 'e2e', level: 'silent' }));
  await eventually(() => redis.status === 'ready');
  const keys = await redis.keys(`${hub.env.MALOTE_REDIS_PREFIX}sessao:*`);
  assert.ok(keys.length >= 2);
  await redis.del(keys);
  redis.disconnect();
}

test('a session that ended is renewed without the caller knowing', async () => {
  const client = clientAt(hub.url());
  const { conta, empresas } = await client.sessao();
  assert.deepEqual([conta, empresas.map(({ empresa }) => empresa)], [customer.conta, [customer.cnpj]]);
  await forgetSessions();
  const raw = await fetch(`${hub.url()}/session`, { headers: { 'x-auth-token': customer.session } });
  assert.equal(raw.status, 401);
  assert.equal((await client.documento({ ...docs, ano: hub.now().getFullYear(), serie: 1, numero: 1 })).status, 'Autorizada');
  await client.signOut();
});

test('XML by number and by key, every document page after page, and what is in recovery', async () => {
  const { client } = customer;
  const ano = hub.now().getFullYear();
  for (let numero = 2; numero <= 23; numero++) await customer.emit({ numero });
  const { chaveAcesso, conteudo } = await customer.untilStatus(23, 'Autorizada');
  assert.equal(await client.xml({ ...docs, chave: String(chaveAcesso) }), conteudo);
  assert.equal(await client.xml({ ...docs, ano, serie: 1, numero: 23 }), conteudo);
  const numeros = [];
  for await (const { numero } of client.documentos({ ...docs, serie: 1 })) numeros.push(numero);
  assert.deepEqual(
    numeros,
    Array.from({ length: 23 }, (_, n) => n + 1),
  );
  await hub.simulator.fault({ fault: 'http-500' });
  await customer.emit({ numero: 24 });
  await eventually(async () => {
    for await (const row of client.emRecuperacao()) if (row.numero === 24) return true;
    return false;
  });
  await hub.simulator.clearFaults();
});

test('a refusal has its code, its text and its place in the XML', async () => {
  const client = clientAt(hub.url());
  const refused = async (xml: string) => {
    const error = await client.emit({ ...docs, xml }).then(
      () => assert.fail('accepted'),
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof MaloteProblem);
    return error;
  };
  const broken = await refused('<NFe>\n<infNFe></NFe>');
  assert.deepEqual([broken.status, broken.codigo, broken.linha], [400, 'xml-malformado', 2]);
  const other = await refused(customer.note({ numero: 1, itens: 2 }));
  assert.deepEqual([other.status, other.codigo], [409, 'identidade-em-conflito']);
  assert.match(other.instance, /^[0-9a-f]{32}$/);
  const wrong = createClient({ url: hub.url(), token, secret: 'wrong', retries: 0 });
  await assert.rejects(wrong.sessao(), (error) => error instanceof MaloteProblem && error.codigo === 'credenciais-invalidas');
});

test('while the edge is away it says so, and an emission that is repeated until it is back is one document', async () => {
  await hub.kill('edge');
  const { client } = customer;
  const xml = customer.note({ numero: 30 });
  await assert.rejects(client.emit({ ...docs, xml }), (error) => error instanceof MaloteUnavailable && error.reason === 'network');
  await hub.start('edge');
  for (let n = 0; n < 3; n++) await client.emit({ ...docs, xml, idempotencyKey: 'venda-30' });
  await customer.untilStatus(30, 'Autorizada');
  assert.equal((await hub.simulator.calls({ numero: 30, service: 'NFeAutorizacao4' })).length, 1);
  const late = new AbortController();
  late.abort();
  await assert.rejects(client.emit({ ...docs, xml, signal: late.signal }), { name: 'AbortError' });
});
