import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FatoAuditado, RegistroAuditoria } from '@malote/store/auditoria';
import type { Admit, Arrival } from './admission.ts';
import { type Call, createAuthenticate } from './authenticate.ts';
import { invalidCredentials } from './check-credentials.ts';
import type { Attempt } from './lockout.ts';
import { windowOf } from './rate-limit.ts';
import type { Session } from './sessions.ts';

const NOW = new Date('2026-11-22T12:00:00Z');
const SESSION = '5e0b1f0a-6f3c-4f0e-9d0b-2d3f8a7c1b9e';
const TOKEN = 'ab'.repeat(20);
const ENTIDADE = { _id: 'a.07385111000102.SP.111.000001', conta: 'a', documento: '07385111000102', uf: 'SP', ie: '111' };
const session: Session = { conta: 'a', credencial: 'c', escopos: ['leitura'], createdAt: NOW, expiresAt: NOW };
const LOCK = windowOf(5, 6, 60);
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

function scene({ locked = false, active = true } = {}) {
  const arrivals: Arrival[] = [];
  const counted: string[] = [];
  const failures: Attempt[] = [];
  const audited: FatoAuditado[] = [];
  const admit: Admit = Object.assign(
    async (arrival: Arrival) => {
      arrivals.push(arrival);
      return { window: windowOf(10, 1, 300), ...(arrival.token === SESSION ? { session } : {}) };
    },
    {
      count: async (conta: string) => {
        counted.push(conta);
        return windowOf(20, 2, 300);
      },
    },
  );
  const authenticate = createAuthenticate({
    admit,
    check: async ({ token, secret }) => {
      if (locked) return { refused: LOCK };
      if (secret !== 'certo') throw invalidCredentials();
      return { owner: { conta: 'a', credencial: token, escopos: ['administracao'], geracoes: { conta: 0, credencial: 0 }, former: false } };
    },
    lockout: {
      check: async () => (locked ? LOCK : undefined),
      failed: async (attempt) => {
        failures.push(attempt);
        return { subject: 60, origin: 0 };
      },
      succeeded: async () => {},
    },
    standing: { active: () => active },
    findEntidade: async (token) => (token === TOKEN ? ENTIDADE : undefined),
    audit: async (fato) => {
      audited.push(fato);
      return {} as RegistroAuditoria;
    },
    now: () => NOW,
  });
  const call = (route: Call['route'], headers: Call['headers'], params: Call['params'] = { empresa: ENTIDADE.documento }) =>
    authenticate({ route, headers, params, origin: '192.0.2.1', ip: '192.0.2.1' });
  return { arrivals, counted, failures, audited, call };
}

const OWN = { access: 'session' } as const;
const TSS = { access: 'tss' } as const;
const BOTH = { access: 'session', entidade: true } as const;

test('a session is asked for once, under whichever name its token comes', async () => {
  for (const [route, headers] of [
    [OWN, { 'x-auth-token': SESSION }],
    [OWN, { authorization: `Bearer ${SESSION}` }],
    [TSS, { 'x-auth-token': SESSION }],
    [TSS, { tokenauthtss: SESSION }],
    [TSS, { tokenauthtss: `Bearer ${SESSION}` }],
    [BOTH, { 'x-auth-token': SESSION, cnpj: ENTIDADE.documento, token: 'x' }],
  ] as const) {
    const { call, arrivals, counted } = scene();
    const { signedIn, refusal } = await call(route, headers);
    assert.deepEqual([signedIn, refusal], [{ session, token: SESSION }, undefined], JSON.stringify(headers));
    assert.deepEqual(arrivals, [{ origin: '192.0.2.1', limit: 'general', token: SESSION }]);
    assert.deepEqual(counted, []);
  }
});

test('each kind of route takes its own proofs and no others', async () => {
  for (const [route, headers, codigo] of [
    [OWN, {}, 'sessao-ausente'],
    [OWN, { tokenauthtss: SESSION }, 'sessao-ausente'],
    [OWN, { authorization: basic('c:certo') }, 'sessao-ausente'],
    [OWN, { cnpj: ENTIDADE.documento, token: TOKEN }, 'sessao-ausente'],
    [TSS, { cnpj: ENTIDADE.documento, token: TOKEN }, 'sessao-ausente'],
    [BOTH, { cnpj: ENTIDADE.documento }, 'sessao-ausente'],
    [BOTH, { token: TOKEN }, 'sessao-ausente'],
    [OWN, { 'x-auth-token': 'x' }, 'sessao-invalida'],
    [TSS, { tokenauthtss: 'x', authorization: basic('c:certo') }, 'sessao-invalida'],
    [TSS, { authorization: basic('c:errado') }, 'credenciais-invalidas'],
  ] as const) {
    const { signedIn, refusal } = await scene().call(route, headers);
    assert.deepEqual([signedIn, refusal?.codigo, refusal?.status], [undefined, codigo, 401], JSON.stringify(headers));
  }
});

test('token and secret in Basic are the account of the credential, with its scopes, and count against the account', async () => {
  const { call, counted } = scene();
  const { signedIn, window } = await call(TSS, { authorization: basic('c:certo') });
  assert.deepEqual(signedIn, { session: { ...session, escopos: ['administracao'] } });
  assert.deepEqual([counted, window.limit], [['a'], 20]);
});

test('CNPJ and TOKEN are an entity of its account, which may emit and read', async () => {
  for (const cnpj of ['07385111000102', '07.385.111/0001-02']) {
    const { call, counted } = scene();
    const { signedIn } = await call(BOTH, { cnpj, token: TOKEN });
    const { _id: id, documento, uf, ie } = ENTIDADE;
    assert.deepEqual(signedIn?.session.entidade, { id, documento, uf, ie });
    assert.deepEqual([signedIn?.session.conta, signedIn?.session.credencial, signedIn?.session.escopos], ['a', '', ['emissao', 'leitura']]);
    assert.deepEqual(counted, ['a']);
  }
});

test('a wrong pair has one answer, whatever is wrong with it, and is counted by its TOKEN; locks are audited', async () => {
  const wrong = [
    [{ cnpj: ENTIDADE.documento, token: 'cd'.repeat(20) }, true, undefined],
    [{ cnpj: '11222333000181', token: TOKEN }, true, ENTIDADE._id],
    [{ cnpj: ENTIDADE.documento, token: TOKEN }, false, ENTIDADE._id],
  ] as const;
  for (const [headers, active, known] of wrong) {
    const { call, failures, audited } = scene({ active });
    const { signedIn, refusal } = await call(BOTH, headers);
    assert.equal(signedIn, undefined);
    assert.deepEqual([refusal?.codigo, refusal?.message], ['token-de-entidade-invalido', 'Os cabeçalhos CNPJ e TOKEN não conferem.']);
    assert.deepEqual(failures, [{ subject: `entidade:${headers.token}`, origin: '192.0.2.1' }]);
    assert.deepEqual(
      audited.map(({ conta, quem, acao, alvo }) => [conta, quem.id, acao, alvo]),
      [[known ? 'a' : '*', known, 'sessao.travar', known ?? 'desconhecida']],
    );
    assert.equal(JSON.stringify(audited).includes(headers.token), false);
  }
});

test('an entity does not see the other companies of its account', async () => {
  const { refusal, signedIn } = await scene().call(BOTH, { cnpj: ENTIDADE.documento, token: TOKEN }, { empresa: '11222333000181' });
  assert.deepEqual([signedIn, refusal?.codigo, refusal?.status], [undefined, 'empresa-desconhecida', 404]);
});

test('who is locked out is refused by the window of the lock, and nothing more is counted', async () => {
  for (const [route, headers] of [
    [TSS, { authorization: basic('c:certo') }],
    [BOTH, { cnpj: ENTIDADE.documento, token: TOKEN }],
  ] as const) {
    const { call, failures, counted } = scene({ locked: true });
    assert.deepEqual(await call(route, headers), { window: LOCK });
    assert.deepEqual([failures, counted], [[], []]);
  }
});

test('a route for everybody needs nobody, and is counted', async () => {
  const { call, arrivals } = scene();
  const { signedIn, refusal } = await call({ access: 'none', limit: 'session' }, { 'x-auth-token': SESSION });
  assert.deepEqual([signedIn, refusal], [undefined, undefined]);
  assert.deepEqual(arrivals, [{ origin: '192.0.2.1', limit: 'session' }]);
});
