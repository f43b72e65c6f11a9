import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MissingServers, provideBinaries } from './provide-binaries.ts';

/** On an empty path there is no apt-get either, so nothing is installed whoever runs the test. */
const EMPTY_PATH = '/nowhere';
const silent = (): void => {};

test('a missing server that cannot be installed gives one message with the command to run and the variable to set', async () => {
  await assert.rejects(
    provideBinaries({ servers: ['redis'], toolsDir: '/nowhere', path: EMPTY_PATH, log: silent }),
    (error: Error) =>
      error instanceof MissingServers &&
      /^ {2}sudo apt-get update && sudo apt-get install -y --no-install-recommends redis-server$/m.test(error.message) &&
      /^ {2}export MALOTE_REDIS_URL=/m.test(error.message) &&
      !error.message.includes('MALOTE_MONGO_URL'),
  );
});

test('missing programs and servers stand in the same command', async () => {
  const programs = { 'no-such-program': 'some-package', 'no-other-program': 'some-package' };
  await assert.rejects(
    provideBinaries({ servers: ['redis'], programs, toolsDir: '/nowhere', path: EMPTY_PATH, log: silent }),
    /apt-get install -y --no-install-recommends redis-server some-package\n/,
  );
});

test('with nothing of our own to start nothing is asked for', async () => {
  assert.equal((await provideBinaries({ servers: [], toolsDir: '/nowhere', path: EMPTY_PATH, log: silent })).redis, undefined);
});
