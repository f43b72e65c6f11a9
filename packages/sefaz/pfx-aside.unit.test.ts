import assert from 'node:assert/strict';
import { createPublicKey } from 'node:crypto';
import { once } from 'node:events';
import { test } from 'node:test';
import { createCa, issueClientPem, issueCompanyPfx } from '@malote/testkit/certificates';
import { eventually } from '@malote/testkit/eventually';
import { writePfx } from '@malote/testkit/pfx-writer';
import { sampleCnpj } from '@malote/testkit/sample-cnpj';
import { PfxError, type PfxErrorCode, readPfx } from './pfx.ts';
import { createPfxAside, readPfxAside } from './pfx-aside.ts';

const ca = createCa();
const { pfx, senha, keyPem, certPem } = issueCompanyPfx(ca, { cnpj: sampleCnpj(1), razaoSocial: 'Açaí & Cia', senha: 'pão-de-açúcar 1€' });
const withCode = (codigo: PfxErrorCode) => (error: unknown) => error instanceof PfxError && error.codigo === codigo;
const moduleOf = (source: string) => new URL(`data:text/javascript,${encodeURIComponent(source)}`);

test('all of a certificate comes back from the thread as it is read in place', async () => {
  const { key, ...aside } = await readPfxAside(pfx, senha);
  const { key: inPlace, ...rest } = readPfx(pfx, senha);
  assert.deepEqual(aside, rest);
  assert.ok(Buffer.isBuffer(aside.certDer));
  assert.ok(key.equals(inPlace) && createPublicKey(key).equals(createPublicKey(certPem)));
  assert.ok(readPfx(pfx, senha), 'the bytes given stay with the caller');
});

test('the event loop turns while a file that asks for much work is opened', async () => {
  const heavy = writePfx({ keyPem, certPems: [certPem], senha, algorithm: 'aes', saidIterations: 200_000 });
  await readPfxAside(pfx, senha);
  let turns = 0;
  let opening = false;
  const count = () => {
    if (!opening) return;
    turns += 1;
    setImmediate(count);
  };
  const metered = async <T>(work: () => Promise<T>) => {
    opening = true;
    setImmediate(count);
    return work().finally(() => {
      opening = false;
    });
  };
  await assert.rejects(readPfxAside(heavy, senha, metered), withCode('senha-incorreta'));
  assert.ok(turns > 20, `${turns} turns`);
});

test('every code of a refusal survives the thread, and the password stays in it', async () => {
  const written = (over: object) => writePfx({ keyPem, certPems: [certPem], senha, algorithm: 'aes', ...over });
  const foreign = issueClientPem(ca, { cnpj: sampleCnpj(2), razaoSocial: 'Outra' });
  const issued = (over: object) => issueCompanyPfx(ca, { cnpj: sampleCnpj(1), razaoSocial: 'A', senha, ...over }).pfx;
  const unknownMac = written({});
  // The last SHA-1 of the file, as an algorithm that there is not.
  unknownMac[unknownMac.lastIndexOf(Buffer.from('2b0e03021a', 'hex')) + 4] = 0x7f;
  const files: [PfxErrorCode, Uint8Array][] = [
    ['pfx-invalido', Buffer.from('isto não é um PFX')],
    ['cifra-nao-suportada', unknownMac],
    ['pfx-iteracoes', written({ saidIterations: 2 ** 31 - 1 })],
    ['sem-chave', written({ without: 'key' })],
    ['sem-certificado', written({ certPems: [foreign.certPem] })],
    ['chave-nao-suportada', issued({ keyBits: 1024 })],
    ['sem-documento', issued({ withoutDocumento: true })],
  ];
  for (const [codigo, file] of files) await assert.rejects(readPfxAside(file, senha), withCode(codigo), codigo);
  await assert.rejects(readPfxAside(pfx, 'hunter-2-secreta'), (error: Error) => {
    assert.ok(!`${error.stack}${JSON.stringify(error)}${error.cause}`.includes('hunter'));
    return withCode('senha-incorreta')(error);
  });
});

// What it does is said by the password it is given; with any other it answers with it.
const FRAGILE = moduleOf(`
  import { parentPort, threadId } from 'node:worker_threads';
  const works = {
    exit: () => process.exit(3),
    throw: () => { throw new Error('out of order'); },
    hang: () => { for (;;); },
    memory: () => { for (const kept = [];;) kept.push(new Array(10_000).fill(kept.length)); },
  };
  parentPort.on('message', ({ senha }) => {
    works[senha]?.();
    if (senha === 'late') setImmediate(() => process.exit(3));
    parentPort.postMessage({ a1: { subject: senha, serial: threadId, certDer: new Uint8Array() } });
  });
`);

test('a file that the thread does not survive is refused, and the next one is opened', async () => {
  const read = createPfxAside({ module: FRAGILE });
  for (const end of ['exit', 'throw', 'memory']) {
    const [refused, next] = [read(pfx, end), read(pfx, `after ${end}`)];
    await assert.rejects(refused, withCode('pfx-nao-aberto'), end);
    assert.equal((await next).subject, `after ${end}`);
  }
});

test('a thread that ends with no file in hand is replaced', async () => {
  const read = createPfxAside({ module: FRAGILE });
  const ended = once(process, 'worker').then(([worker]) => once(worker, 'exit'));
  assert.equal((await read(pfx, 'late')).subject, 'late');
  await ended;
  assert.equal((await read(pfx, 'next')).subject, 'next');
});

test('a file that takes too long is refused and its thread ended', async () => {
  await assert.rejects(createPfxAside({ module: FRAGILE, boundMs: 500 })(pfx, 'hang'), withCode('pfx-nao-aberto'));
});

test('a thread serves the next file, and is ended when there is none', async () => {
  const kept = createPfxAside({ module: FRAGILE, idleMs: 3_600_000 });
  assert.equal((await kept(pfx, 'one')).serial, (await kept(pfx, 'two')).serial);
  const ended = createPfxAside({ module: FRAGILE, idleMs: 0 });
  const { serial } = await ended(pfx, 'one');
  await eventually(async () => (await ended(pfx, 'two')).serial !== serial);
});

test('files are opened one at a time', async () => {
  let under = 0;
  const metered = async <T>(work: () => Promise<T>) => {
    under += 1;
    assert.equal(under, 1);
    return work().finally(() => {
      under -= 1;
    });
  };
  const files = await Promise.all([1, 2, 3].map(() => readPfxAside(pfx, senha, metered)));
  assert.equal(files.length, 3);
});
