import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { connectRedis } from '@malote/redis/connect';
import { createLogger } from '@malote/runtime/logger';
import { placeName, SEALED_PLACES } from '@malote/store/sealed-places';
import { eventually } from '@malote/testkit/eventually';
import { sealedPaths } from '@malote/testkit/sealed-paths';
import { signIn } from './customer.ts';
import { type FullAccount, fullAccount } from './full-scene.ts';
import { startHub } from './hub.ts';
import { malote } from './malote.ts';
import { type Answered, recordAnswers } from './recorded-answers.ts';
import { bytesNeedles, databasePieces, findSecrets, type Needle, type Piece, redisPieces, textNeedles } from './secret-scan.ts';
import { type Stranger, walkAsStrangers } from './tenancy-walk.ts';
import { tapWires } from './wire-tap.ts';

const OPERATOR_KEY = 'chave-do-operador-0123456789abcdef';
const LIMITS = ['RATE_LIMIT_IP', 'RATE_LIMIT_CONTA', 'SESSION_RATE_LIMIT', 'LOCKOUT_TOKEN', 'LOCKOUT_IP'];
const NOBODY = '99888777000100';
/** What these need besides their path and body. */
const QUERIES = { consultarEmpresaTss: '?registrationType=1&registrationNumber=@&ie=110042490114&uf=SP' };
/** The calls that issue a secret, or show it to its owner: the only ones whose answer may hold it. */
const ISSUED: Record<string, RegExp> = {
  session: /^\/(?:session|api\/(?:authenticate|me|refresh))$/,
  TOKEN: /^\/rest\/Rest(?:AtBlqEnt|GetToken|NewToken)/i,
};
/** A CNPJ belongs to one account: whoever registers it must be refused, and can tell that from a CNPJ that is free. Nothing else is told. */
const REGISTERING = new Set(['gravarEmpresa', 'cadastrarEmpresaTss']);

const env = {
  ...Object.fromEntries(LIMITS.map((name) => [`MALOTE_${name}`, '1000000'])),
  ...{ MALOTE_LOG_LEVEL: 'debug', MALOTE_OPERATOR_KEY: OPERATOR_KEY },
};
const hub = await startHub({ env });
const prefix = String(hub.env.MALOTE_REDIS_PREFIX);
const redis = connectRedis(String(hub.env.MALOTE_REDIS_URL), createLogger({ service: 'e2e', level: 'silent' }));
const published: Piece[] = [];
const listener = redis.duplicate({ enableOfflineQueue: true });
listener.on('pmessage', (_pattern, channel, text) => published.push({ where: `redis channel ${channel}`, bytes: Buffer.from(text) }));
await listener.psubscribe(`${prefix}*`);
const tap = await tapWires(hub);
const recorded = recordAnswers(hub.url);
after(async () => {
  recorded.stop();
  for (const client of [listener, redis]) client.disconnect();
  await hub.close();
});
await hub.start('entity-block');
const owner = await fullAccount(hub, '11222333000181');
const strangers = await Promise.all([stranger('22333444000181'), stranger('33444555000181')]);
const keptBefore = await keptOf(owner);

/** A customer with a company, an entity with TOKEN, and a credential that may only read. */
async function stranger(cnpj: string): Promise<Stranger & { secrets: Pick<FullAccount['secrets'], 'credenciais' | 'tokens'> }> {
  const { _id: conta } = await hub.store.contas.create({ nome: 'Estranho' });
  const own = await hub.store.credenciais.create({ conta });
  const reader = await hub.store.credenciais.create({ conta, escopos: ['leitura'] });
  const [first, reading] = await Promise.all([own, reader].map(({ token, secret }) => signIn(hub, token, secret)));
  const put = (path: string, body: unknown, method = 'PUT') => {
    const headers = { 'x-auth-token': first ?? '', 'content-type': 'application/json' };
    return fetch(`${hub.url()}${path}`, { method, headers, body: JSON.stringify(body) });
  };
  const created = await put(`/api/empresas/${cnpj}`, {
    razaoSocial: 'Estranha Ltda',
    uf: 'SP',
    ie: '110042490114',
    municipio: '3550308',
    crt: '3',
  });
  assert.equal(created.status, 201, await created.text());
  await eventually(async () => (await hub.store.entidades.findByKey({ conta, documento: cnpj, uf: 'SP', ie: '110042490114' })).length > 0);
  const row = { tipopessoa: 2, cnpj, IE: '110042490114', UF: 'SP', Parametro: 2 };
  const freed = (await (await put('/rest/RestAtBlqEnt', { Empresas: [row] }, 'POST')).json()) as { result: { Token?: string }[] };
  const TOKEN = freed.result[0]?.Token ?? assert.fail(JSON.stringify(freed));
  let session = first ?? '';
  return {
    cnpj,
    secrets: { credenciais: [own.secret, reader.secret], tokens: [TOKEN] },
    ways: {
      session: () => ({ 'x-auth-token': session }),
      reader: () => ({ 'x-auth-token': reading ?? '' }),
      entity: () => ({ CNPJ: cnpj, TOKEN }),
      basic: () => ({ authorization: `Basic ${Buffer.from(`${own.token}:${own.secret}`).toString('base64')}` }),
      nobody: () => ({}),
    },
    async signInAgain() {
      session = await signIn(hub, own.token, own.secret);
    },
  };
}

/** All that the database keeps of an account. */
async function keptOf({ conta, cnpj }: FullAccount): Promise<Record<string, unknown[]>> {
  const kept: Record<string, unknown[]> = {};
  for (const { name } of await hub.raw.listCollections().toArray()) {
    const rows = hub.raw.collection(name).find({ $or: [{ conta }, { _id: { $regex: `^(?:${cnpj}|${conta})` } as never }] });
    kept[name] = await rows.sort({ _id: 1 }).toArray();
  }
  return kept;
}

test('what was made is there: its owner reads it by every route', async () => {
  for (const { id, method, path, parameters } of owner.operations.filter((one) => one.method === 'GET')) {
    const known: Record<string, string> = { ...parameters, ...(parameters.pedido ? { pedido: owner.pedido } : {}) };
    const query = (QUERIES as Record<string, string>)[id]?.replaceAll('@', owner.cnpj) ?? '';
    const answer = await owner.call(method, path.replace(/\{(\w+)\}/g, (_, name: string) => known[name] ?? '') + query);
    assert.equal(answer.status, 200, `${method} ${path}: ${await answer.text()}`);
  }
});

test('no route, asked in any way, tells what is of another account from what is nobody’s', async () => {
  // Their own requests are not to be under way while the next ones are compared.
  await hub.stop('emission');
  const skip = REGISTERING;
  const options = { url: hub.url(), owner, strangers: strangers as [Stranger, Stranger], nobody: NOBODY, queries: QUERIES };
  const { calls, differences, told } = await walkAsStrangers({ ...options, skip });
  assert.deepEqual(differences, []);
  assert.deepEqual(told, []);
  const ways = Object.keys(strangers[0]?.ways ?? {}).length;
  const guarded = owner.operations.filter(({ open }) => !open);
  assert.ok(guarded.length > 40 && calls >= 2 * ways * (guarded.length - skip.size), `${calls} calls`);
  // Those apart: refused, and nothing told.
  const operations = owner.operations.filter(({ id }) => REGISTERING.has(id));
  assert.equal(operations.length, REGISTERING.size);
  const registering = await walkAsStrangers({ ...options, owner: { ...owner, operations }, skip: new Set() });
  assert.deepEqual(registering.told, []);
  for (const { where, theirs } of registering.differences) assert.match(theirs, /^(?:400|404)\n/, `${where}: ${theirs}`);
});

test('nothing of the account was changed by all that was asked, nor by what the workers made of it', async () => {
  await hub.start('emission');
  await eventually(async () => {
    const open = { $or: [{ 'outbox.0': { $exists: true } }, { nextAt: { $exists: true } }] };
    for (const name of ['documentos', 'eventos', 'inutilizacoes', 'bloqueios'])
      if (await hub.raw.collection(name).findOne(open as never)) throw new Error(`${name} has work left`);
    return true;
  });
  assert.deepEqual(await keptOf(owner), keptBefore);
});

test('the secrets are in no log, no answer but the one that issues them, no message, not in Redis and not in MongoDB', async () => {
  await askAsOperator();
  const needles = needlesOf(owner, recorded.answers);
  const pieces = await everything();
  for (const surface of ['log edge', 'log emission', 'log entity-block', 'message ', 'redis ', 'redis channel', 'mongodb ', 'command line'])
    assert.ok(
      pieces.some(({ where }) => where.startsWith(surface)),
      `nothing was looked at: ${surface}`,
    );
  assert.deepEqual(findSecrets(pieces, needles), []);
  const told = Object.entries(Object.groupBy(needles, ({ secret }) => (ISSUED[secret] ? secret : 'other'))).flatMap(
    ([secret, some = []]) => {
      const issuing = ISSUED[secret];
      const [issued, others] = [
        recorded.answers.filter(({ path }) => issuing?.test(path)),
        recorded.answers.filter(({ path }) => !issuing?.test(path)),
      ];
      // What issues a secret is looked at too: it is there.
      if (issuing) assert.notDeepEqual(findSecrets(issued.map(pieceOf), some), [], secret);
      return findSecrets(others.map(pieceOf), some);
    },
  );
  assert.deepEqual(told, []);
});

test('every sealed secret of the database is in a place that keys rotate knows', async () => {
  const found = new Set<string>();
  for (const { name } of await hub.raw.listCollections().toArray())
    for await (const row of hub.raw.collection(name).find()) for (const path of sealedPaths(row)) found.add(`${name}.${path}`);
  assert.deepEqual([...found].sort(), SEALED_PLACES.map(placeName).sort());
});

test('a leak is found in whatever form and wherever it is', async () => {
  const needles = needlesOf(owner, recorded.answers);
  const key = owner.secrets.keys[0] as Buffer;
  const pem = `-----BEGIN PRIVATE KEY-----\n${key.toString('base64').replace(/(.{64})/g, '$1\n')}\n-----END PRIVATE KEY-----\n`;
  const forms: Record<string, Buffer> = {
    ...{ pem: Buffer.from(pem), json: Buffer.from(JSON.stringify({ err: pem })), der: key, hex: Buffer.from(key.toString('hex')) },
    shifted: Buffer.from(Buffer.concat([Buffer.from('x'), key]).toString('base64')),
  };
  for (const [form, bytes] of Object.entries(forms)) assert.notDeepEqual(findSecrets([{ where: form, bytes }], needles), [], form);
  const names = ['senha', 'CSC', 'TOKEN', 'secret', 'session', 'master key'];
  const texts = names.map((name) => String(needles.find(({ secret, form }) => secret === name && form === 'text')?.bytes));
  await hub.raw.collection('contas').insertOne({ _id: 'plantado' as never, nome: { deep: texts } });
  await redis.hset(`${prefix}plantado`, 'campo', texts.map((text) => Buffer.from(text).toString('base64')).join(' '));
  hub.service('edge').lines.push({ msg: `falhou: ${texts.join(', ')}` });
  const found = findSecrets(await everything(), needles);
  for (const secret of names) {
    for (const where of ['mongodb contas plantado', `redis ${prefix}plantado`, 'log edge'])
      assert.ok(
        found.some((line) => line.startsWith(`${where}: ${secret}`)),
        `${secret} in ${where}: ${found.join('; ')}`,
      );
  }
});

const shown: Piece[] = [];

/** Every reading command of the operator's API and of the command line, and the operator page. */
async function askAsOperator(): Promise<void> {
  const headers = { authorization: `Basic ${Buffer.from(`ana:${OPERATOR_KEY}`).toString('base64')}` };
  const ask = async (path: string) => {
    const answer = await fetch(`${hub.url()}${path}`, { headers });
    assert.ok(answer.status < 500, `${path}: ${answer.status}`);
    return answer;
  };
  const { comandos } = (await (await ask('/api/admin')).json()) as {
    comandos: { comando: string; metodo: string; caminho: string; campos: { nome: string }[] }[];
  };
  const known: Record<string, string> = { conta: owner.conta, empresa: owner.cnpj, ambiente: 'hom', token: owner.token };
  for (const { caminho, campos } of comandos.filter(({ metodo }) => metodo === 'GET')) {
    const given = campos.flatMap(({ nome }) => (known[nome] === undefined ? [] : [[nome, known[nome]]]));
    await ask(`${caminho}?${new URLSearchParams(given as [string, string][])}`);
  }
  for (const path of ['/', '/metrics', '/health/ready']) await ask(path);
  for (const words of [
    ['config', 'print'],
    ['document', 'recovering'],
    ['csc', 'list', '--conta', owner.conta, '--empresa', owner.cnpj, '--ambiente', 'hom'],
  ])
    shown.push({ where: `command line ${words.join(' ')}`, bytes: Buffer.from(await malote(hub, ...words)) });
}

const messages: Piece[] = [];

/** All but the answers. */
async function everything(): Promise<Piece[]> {
  messages.push(...(await tap.take()));
  const logs = (['edge', 'emission', 'entity-block'] as const).flatMap((name) => {
    const { lines, rest } = hub.service(name);
    return [...lines.map((line) => JSON.stringify(line)), ...rest].map((line) => ({ where: `log ${name}`, bytes: Buffer.from(line) }));
  });
  return [...logs, ...messages, ...published, ...shown, ...(await redisPieces(redis, prefix)), ...(await databasePieces(hub.raw))];
}

function needlesOf({ secrets }: FullAccount, answers: readonly Answered[]): Needle[] {
  const sessions = new Set(answers.flatMap(({ session }) => (session ? [session] : [])));
  assert.ok(sessions.size > 3);
  const masterKey = String(hub.env.MALOTE_MASTER_KEY).split(':')[1] ?? '';
  const texts: [string, string][] = [
    ['senha', secrets.senha],
    ...secrets.csc.map((csc): [string, string] => ['CSC', csc]),
    ...[secrets, ...strangers.map((one) => one.secrets)].flatMap(({ credenciais, tokens }): [string, string][] => [
      ...tokens.map((token): [string, string] => ['TOKEN', token]),
      ...credenciais.map((secret): [string, string] => ['secret', secret]),
    ]),
    ...[...sessions].map((token): [string, string] => ['session', token]),
    ...[
      ['master key', masterKey],
      ['operator key', OPERATOR_KEY],
    ].map(([name, text]): [string, string] => [name ?? '', text ?? '']),
    ...['MALOTE_REDIS_URL', 'MALOTE_RABBITMQ_URL'].map((name): [string, string] => [name, new URL(String(hub.env[name])).password]),
  ];
  return [
    ...texts.flatMap(([name, text]) => textNeedles(name, text)),
    ...secrets.keys.flatMap((key) => bytesNeedles('private key', key)),
    ...bytesNeedles('master key', Buffer.from(masterKey, 'base64')),
  ];
}

const pieceOf = ({ method, path, said }: Answered): Piece => ({ where: `answer ${method} ${path}`, bytes: said });
