import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import * as contas from '@malote/administration/contas';
import { systemClock } from '@malote/runtime/clock';
import { eventually } from '@malote/testkit/eventually';
import { newCustomer, signIn } from './customer.ts';
import { startHub } from './hub.ts';

const hub = await startHub();
after(() => hub.close());

test('two accounts cannot see each other, and a document of the other is answered like one that does not exist', async () => {
  const [one, two] = [await newCustomer(hub, { cnpj: '11222333000181' }), await newCustomer(hub, { cnpj: '12ABC34501DE35' })];
  await one.emit({ numero: 1 });
  const { chaveAcesso } = await one.untilStatus(1, 'Autorizada');
  const year = hub.now().getFullYear();
  for (const path of [
    `${one.path}/${year}/1/1`,
    `${one.path}/${chaveAcesso}`,
    `${one.path}/${chaveAcesso}.xml`,
    `${one.path}/${chaveAcesso}/tentativas`,
  ]) {
    assert.equal((await one.get(path)).status, 200);
    const foreign = await two.get(path);
    assert.equal(foreign.status, 404, path);
    const unknown = await two.get(path.replace(one.cnpj, '45543915000181'));
    const [a, b] = [(await foreign.json()) as Record<string, unknown>, (await unknown.json()) as Record<string, unknown>];
    assert.deepEqual({ ...a, instance: '' }, { ...b, instance: '' });
  }
  const posted = await fetch(`${hub.url()}${one.path}`, {
    method: 'POST',
    body: one.note({ numero: 2 }),
    headers: { 'x-auth-token': two.session, 'content-type': 'application/xml' },
  });
  assert.equal(posted.status, 404);
  assert.equal(await hub.raw.collection('documentos').countDocuments(), 1);
});

test('from POST to authorised a note costs at most four majority writes', async () => {
  const customer = await newCustomer(hub, { cnpj: '45543915000181' });
  await hub.raw.command({ profile: 2 });
  await customer.emit({ numero: 1 });
  await customer.untilStatus(1, 'Autorizada');
  await hub.raw.command({ profile: 0 });
  const writes = await hub.raw
    .collection('system.profile')
    .find({ $or: [{ op: { $in: ['insert', 'update', 'remove'] } }, { 'command.findAndModify': { $exists: true } }] })
    .toArray();
  // The sweeper's lease is renewed with or without notes, and the client signs in once.
  const ofTheNote = writes.map(({ ns, op }) => `${op} ${ns.split('.').at(-1)}`).filter((write) => !/ (leases|auditoria)$/.test(write));
  assert.deepEqual(ofTheNote, ['insert documentos', 'insert conteudos', 'command documentos', 'command documentos']);
});

test('the lines of one note in the logs of every process are found by its chave', async () => {
  const customer = await newCustomer(hub, { cnpj: '07526557000100' });
  await customer.emit({ numero: 9 });
  const { chaveAcesso } = await customer.untilStatus(9, 'Autorizada');
  await customer.get(`${customer.path}/${chaveAcesso}`);
  for (const name of ['edge', 'emission'] as const) {
    const lines = hub.service(name).lines.filter(({ chave }) => chave === chaveAcesso);
    assert.ok(lines.length > 0, name);
    for (const line of lines) assert.equal(line.doc, `07526557000100.2.55.35.001.000000009`);
  }
});

test('no private key, secret or session token is in any log line', async () => {
  const customer = await newCustomer(hub, { cnpj: '33000167000101' });
  await customer.emit({ numero: 1 });
  await customer.untilStatus(1, 'Autorizada');
  const text = JSON.stringify([hub.service('edge').lines, hub.service('emission').lines]);
  for (const secret of [customer.secret, customer.session, 'PRIVATE KEY', String(hub.env.MALOTE_MASTER_KEY)]) {
    assert.equal(text.includes(secret), false);
  }
});

const administration = { store: hub.store, clock: { now: () => hub.now() }, quem: { tipo: 'cli' } } as const;
const edges = () => [hub.url(), String(hub.service('edge-2').ready.url)];
const statusAt = async (url: string, session: string) =>
  (await fetch(`${url}/api/conta/em-recuperacao`, { headers: { 'x-auth-token': session } })).status;
const statuses = (session: string) => Promise.all(edges().map((url) => statusAt(url, session)));

/** What the contract says of ended sessions, at every edge. */
const AT_EVERY_EDGE_MS = 2_000;

/** Ms from the end of `ending` to the refusal of the session by every edge. */
async function untilRefused(session: string, ending: () => Promise<unknown>): Promise<number> {
  assert.deepEqual(await statuses(session), [200, 200]);
  await ending();
  const ended = systemClock.monotonic();
  await eventually(async () => (await statuses(session)).every((status) => status === 401));
  return systemClock.monotonic() - ended;
}

test('a disabled account, a disabled credential and ended sessions are refused by every edge within two seconds', async (t) => {
  await hub.start('edge-2');
  const endings: ((account: contas.NovaChave) => Promise<unknown>)[] = [
    (account) => contas.disableAccount(administration, account),
    (account) => contas.disableCredential(administration, account),
    (account) => contas.endSessions(administration, account),
  ];
  const customer = await newCustomer(hub, { cnpj: '60746948000112' });
  for (const ending of endings) {
    let took = Number.POSITIVE_INFINITY;
    // A machine that stands still for a moment is no proof of anything: one of three times is enough.
    for (let tries = 0; tries < 3 && took > AT_EVERY_EDGE_MS; tries += 1) {
      const account = await contas.createAccount(administration, { nome: 'Encerrada' });
      const session = await signIn(hub, account.token, account.secret);
      took = await untilRefused(session, () => ending(account));
    }
    t.diagnostic(`refused by both edges after ${Math.round(took)} ms`);
    assert.ok(took <= AT_EVERY_EDGE_MS, `${took} ms`);
  }
  assert.deepEqual(await statuses(customer.session), [200, 200]);
});

test('the former secret and its sessions end with the overlap, at every edge; those of the new secret go on', async () => {
  const customer = await newCustomer(hub, { cnpj: '61198164000160' });
  const { secret } = await contas.rotateSecret(administration, { token: customer.token, sobreposicaoHoras: 1 });
  const [former, present] = [await signIn(hub, customer.token, customer.secret), await signIn(hub, customer.token, secret)];
  for (const session of [customer.session, former, present]) assert.deepEqual(await statuses(session), [200, 200]);
  hub.advance(3_600_000);
  for (const session of [customer.session, former])
    await eventually(async () => (await statuses(session)).every((status) => status === 401));
  assert.deepEqual(await statuses(present), [200, 200]);
  await assert.rejects(signIn(hub, customer.token, customer.secret));
  await signIn(hub, customer.token, secret);
});
