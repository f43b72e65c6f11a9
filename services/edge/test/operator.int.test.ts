import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { systemClock } from '@malote/runtime/clock';
import { startChaosProxy } from '@malote/testkit/chaos-proxy';
import { eventually } from '@malote/testkit/eventually';
import { sampleNfe } from '@malote/testkit/sample-nfe';
import { situationSchema } from '../operator/situation.schema.ts';
import { basic, postXml, problemOf, type RunningEdge, runEdge, servers } from './running-edge.ts';

const KEY = 'chave-de-operador-de-teste';
const CNPJ = '07385111000102';
const config = { operatorKey: KEY, rabbitmqManagementUrl: 'https://rabbit.exemplo' };
const operator = { 'x-operator-key': KEY };

let edge: RunningEdge;
before(async () => {
  edge = await runEdge('operator', { config });
});
after(() => edge.stop());

const situation = async (of = edge) => {
  const answer = await fetch(`${of.url}/api/admin/situacao`, { headers: operator });
  assert.equal(answer.status, 200);
  // biome-ignore lint/suspicious/noExplicitAny: what the schema says
  return (await answer.json()) as any;
};

test('without a key configured there is no operator page, whatever key is sent', async (t) => {
  const plain = await runEdge('no-operator');
  t.after(() => plain.stop());
  for (const path of ['/', '/api/admin/situacao']) {
    const problem = await problemOf(await fetch(`${plain.url}${path}`, { headers: operator }));
    assert.deepEqual([problem.status, problem.codigo], [404, 'rota-desconhecida']);
  }
});

test('without the key, or with another, both are refused with a challenge for browsers', async () => {
  const session = await edge.signIn(await edge.account(CNPJ));
  const refused: [Record<string, string>, string][] = [
    [{}, 'operador-nao-identificado'],
    [{ 'x-auth-token': session }, 'operador-nao-identificado'],
    [{ authorization: `Bearer ${session}` }, 'operador-nao-identificado'],
    [{ 'x-operator-key': `${KEY}x` }, 'chave-de-operador-invalida'],
    [{ authorization: basic('operador', KEY.slice(1)) }, 'chave-de-operador-invalida'],
    [{ authorization: basic(KEY, '') }, 'chave-de-operador-invalida'],
  ];
  for (const path of ['/', '/api/admin/situacao']) {
    for (const [headers, codigo] of refused) {
      const answer = await fetch(`${edge.url}${path}`, { headers });
      assert.match(String(answer.headers.get('www-authenticate')), /^Basic realm=/);
      const problem = await problemOf(answer);
      assert.deepEqual([problem.status, problem.codigo], [401, codigo], JSON.stringify(headers));
    }
  }
});

test('the key opens the page as Basic password of any user and as a header; the page runs no script and asks no other host', async () => {
  for (const headers of [operator, { authorization: basic('operador', KEY) }, { authorization: basic('', KEY) }]) {
    const answer = await fetch(`${edge.url}/`, { headers: headers as Record<string, string> });
    assert.equal(answer.status, 200, JSON.stringify(headers));
    assert.equal(answer.headers.get('content-type'), 'text/html; charset=utf-8');
    assert.equal(answer.headers.get('cache-control'), 'no-store');
    const csp = String(answer.headers.get('content-security-policy'));
    assert.match(csp, /^default-src 'none'; style-src 'sha256-[^']+'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/);
    const text = await answer.text();
    assert.deepEqual(text.match(/<script|<img|<link|\sstyle=|javascript:|\son\w+=/g), null);
    assert.deepEqual([...text.matchAll(/href="([^"]+)"/g)].map(([, href]) => href).sort(), [
      '/?atualizar=nao',
      '/api/admin/situacao',
      '/docs',
      'https://rabbit.exemplo',
    ]);
  }
  const still = await (await fetch(`${edge.url}/?atualizar=nao`, { headers: operator })).text();
  assert.equal(still.includes('http-equiv="refresh"'), false);
  assert.equal((await fetch(`${edge.url}/?atualizar=sempre`, { headers: operator })).status, 400);
});

test('an address that gave too many wrong keys is refused with the right one too, until its window ends', async (t) => {
  const few = await runEdge('operator-limit', { config: { ...config, sessionRateLimit: 3 } });
  t.after(() => few.stop());
  const ask = (key: string) => fetch(`${few.url}/`, { headers: { 'x-operator-key': key } });
  for (let n = 0; n < 10; n++) assert.equal((await ask(KEY)).status, 200, 'right keys are not counted');
  for (let n = 0; n < 3; n++) assert.equal((await ask('wrong-wrong-wrong-wrong')).status, 401);
  const answer = await ask(KEY);
  assert.equal(answer.status, 429);
  const wait = Number(answer.headers.get('retry-after'));
  assert.ok(wait > 0 && wait <= 300, String(wait));
  assert.deepEqual(await answer.json(), { message: 'Too Many Requests', error: { status_code: 429, retry_after: 300 } });
});

test('page and JSON show processes, queues, documents in recovery and rests of the whole hub, and no secret of anybody', async () => {
  const account = await edge.account('11222333000181');
  const session = await edge.signIn(account);
  const docs = `${edge.url}/api/empresas/${account.empresa}/docs/hom/55`;
  const now = systemClock.now();
  const posted = await postXml(docs, session, sampleNfe({ cnpj: account.empresa, uf: 'SP', numero: 4711, dhEmi: now }));
  assert.equal(posted.status, 202);
  const [documento] = (await edge.store.recovering({ skip: 0, limit: 1 })).documentos;
  assert.equal(documento, undefined, 'a document that was just accepted is not in recovery');
  const stored = await edge.store.documentos.findByNumero({
    ...{ conta: account.conta, emitente: account.empresa, tpAmb: '2' as const, modelo: '55' as const },
    ...{ ano: now.getFullYear(), serie: 1, numero: 4711 },
  });
  assert.ok(stored);
  await edge.store.documentos.transition(stored, { state: 'uncertain', nextAt: new Date(now.getTime() + 60_000) });
  await edge.store.consumo.rest({ cnpj: account.empresa, autorizador: 'SP' }, new Date(now.getTime() + 3_600_000), '<b>656</b>');

  const json = await eventually(async () => {
    const read = await situation();
    // The edge serves before the broker is there, and the command is published after the answer.
    const isQueued = read.filas.some((each: { esperando: number }) => each.esperando > 0);
    return read.processos.length > 0 && read.servidores.rabbitmq.ok && isQueued ? read : null;
  });
  assert.equal(situationSchema.validate(json).error, undefined);
  assert.deepEqual([json.servidores.mongodb.ok, json.servidores.rabbitmq.ok, json.servidores.redis.ok], [true, true, true]);
  assert.deepEqual(
    json.processos.map((each: { servico: string; estado: string }) => [each.servico, each.estado]),
    [['edge', 'pronto']],
  );
  assert.deepEqual(
    json.filas.filter((each: { esperando: number }) => each.esperando > 0),
    [{ fila: 'emission.nfe.SP.lote', tipo: 'trabalho', esperando: 1, emTrabalho: 0, consumidores: 0, problema: null }],
  );
  const [row] = json.documentos.emRecuperacao.registros;
  assert.deepEqual(
    [row.conta, row.empresa, row.serie, row.numero, row.status],
    [account.conta, account.empresa, 1, 4711, 'Em recuperação'],
  );
  assert.deepEqual(json.descansos.registros[0].motivo, '<b>656</b>');
  assert.equal(json.emOrdem, false);

  const page = await (await fetch(`${edge.url}/`, { headers: operator })).text();
  for (const text of [
    'emission.nfe.SP.lote',
    '55 · 1/4711',
    account.empresa,
    'Nenhum processo de emissão no ar',
    'sem ninguém que as consuma em emission.nfe.SP.lote',
    '1 empresa em descanso',
    '&lt;b&gt;656&lt;/b&gt;',
  ]) {
    assert.ok(page.includes(text), text);
  }
  const redisPassword = new URL((await servers()).redisUrl).password;
  const rabbitPassword = new URL(edge.rabbitmqUrl).password;
  for (const secret of [account.token, account.secret, session, KEY, redisPassword, rabbitPassword]) {
    assert.ok(secret.length >= 16);
    for (const shown of [page, JSON.stringify(json)]) assert.equal(shown.includes(secret), false, secret.slice(0, 4));
  }
});

test('an account does not reach the operator’s facts with its own credentials', async () => {
  const account = await edge.account('45543915000181');
  const answer = await fetch(`${edge.url}/api/admin/situacao`, { headers: { authorization: basic(account.token, account.secret) } });
  assert.equal((await problemOf(answer)).codigo, 'chave-de-operador-invalida');
});

for (const away of ['mongodb', 'rabbitmq', 'redis'] as const) {
  test(`while ${away} hangs the page still comes, and says so`, { timeout: 60_000 }, async (t) => {
    const { mongoUrl, redisUrl } = await servers();
    const address = new URL({ mongodb: mongoUrl, rabbitmq: edge.rabbitmqUrl, redis: redisUrl }[away]);
    const proxy = await startChaosProxy({ targetPort: Number(address.port) });
    address.port = String(proxy.port);
    if (away === 'mongodb') address.searchParams.set('directConnection', 'true');
    const name = { mongodb: 'mongoUrl', rabbitmq: 'rabbitmqUrl', redis: 'redisUrl' }[away];
    const ill = await runEdge(`operator-${away}`, { config, [name]: address.href });
    t.after(async () => {
      // The calls whose answers were swallowed would be waited for.
      proxy.cut();
      await proxy.setMode('pass');
      await ill.stop();
      await proxy.close();
    });
    await eventually(async () => {
      const { servidores } = await situation(ill);
      return Object.values(servidores as Record<string, { ok: boolean }>).every(({ ok }) => ok);
    });
    await proxy.setMode('blackhole');
    const json = await eventually(
      async () => {
        const read = await situation(ill);
        return read.servidores[away].ok ? null : read;
      },
      { timeoutMs: 30_000 },
    );
    const others = ['mongodb', 'rabbitmq', 'redis'].filter((server) => server !== away);
    for (const server of others) assert.equal(json.servidores[server].ok, true, `${server}: ${json.servidores[server].motivo}`);
    assert.equal(json.processos.length, 1, 'this edge itself is told of in any case');
    assert.equal(situationSchema.validate(json).error, undefined);
    // What cannot be known is not said to be nothing.
    const unknown = { mongodb: json.documentos, rabbitmq: json.filas, redis: json.circuitos }[away];
    assert.equal(unknown, null);
    const text = await (await fetch(`${ill.url}/`, { headers: operator, signal: AbortSignal.timeout(3_000) })).text();
    assert.ok(text.includes(`${{ mongodb: 'MongoDB', rabbitmq: 'RabbitMQ', redis: 'Redis' }[away]} não responde`));
  });
}
