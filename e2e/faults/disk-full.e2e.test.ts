import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, rmSync, statfsSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { startDevstack, testStack } from '@malote/devstack/devstack';
import { eventually } from '@malote/testkit/eventually';
import { sampleCnpj } from '@malote/testkit/sample-cnpj';
import { newCustomer } from '../customer.ts';
import { startHub } from '../hub.ts';
import { assertAllAuthorized, audit, type NoteId } from './audit.ts';
import { createErp } from './erp.ts';
import { untilFinal } from './until-final.ts';

/** A disk of its own for MongoDB, small enough to be filled. */
function mountSmallDisk(): string {
  const dir = mkdtempSync(join(tmpdir(), 'malote-small-disk-'));
  if (process.getuid?.() !== 0) {
    rmSync(dir, { recursive: true });
    throw new Error('this test mounts a tmpfs, which only root may do: run it with `sudo npm test -- --only e2e disk-full`');
  }
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=400m,mode=0700', 'malote-small-disk', dir]);
  return dir;
}

const disk = mountSmallDisk();
const own = await startDevstack({ dir: disk, servers: ['mongo'], log: () => {}, env: { PATH: process.env.PATH } });
const hub = await startHub({ stack: { ...(await testStack()), mongoUrl: own.mongoUrl } });
after(async () => {
  rmSync(join(disk, 'ballast'), { force: true });
  await own.mongo.start();
  await hub.close();
  await own.stop();
  execFileSync('umount', [disk]);
  rmSync(disk, { recursive: true, force: true });
});

/** Leaves less than `bytes` free. */
function fillDisk(bytes: number): void {
  const file = openSync(join(disk, 'ballast'), 'a');
  const block = Buffer.alloc(64 * 1024, 1);
  try {
    for (let stat = statfsSync(disk); stat.bavail * stat.bsize > bytes; stat = statfsSync(disk)) writeSync(file, block);
  } finally {
    closeSync(file);
  }
}

test('a full disk at MongoDB: posts are answered 503, what was accepted before is kept, and with room again all go on', async () => {
  const customer = await newCustomer(hub, { cnpj: sampleCnpj(1) });
  const erp = createErp(hub);
  const accepted: NoteId[] = [];
  let last = '';
  // Text that does not compress fills the disk with fewer notes.
  const infCpl = () => randomBytes(2_400).toString('hex');
  const post = async (numero: number, xml = customer.note({ numero, infCpl: infCpl() })): Promise<number> => {
    last = xml;
    const { status } = await customer.post(xml);
    if (status === 202) accepted.push({ cnpj: customer.cnpj, serie: 1, numero });
    return status;
  };
  assert.equal(await post(1), 202);
  await customer.untilStatus(1, 'Autorizada');

  fillDisk(64 * 1024);
  let numero = 1;
  const full = await eventually(
    async () => {
      numero += 1;
      const status = await post(numero);
      return status === 202 ? null : status;
    },
    { timeoutMs: 60_000, everyMs: 1 },
  );
  assert.equal(full, 503);
  await eventually(async () => (await fetch(`${hub.url()}/health/ready`)).status === 503);
  unlinkSync(join(disk, 'ballast'));
  // mongod ends itself when it cannot write its journal; whoever supervises it starts it again.
  await own.mongo.start();
  await erp.submit(customer, last);
  accepted.push({ cnpj: customer.cnpj, serie: 1, numero });
  assert.equal(await untilFinal(hub, { timeoutMs: 90_000 }), 0);
  assertAllAuthorized(await audit(hub, accepted));
});
