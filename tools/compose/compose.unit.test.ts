import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { describeCatalogue } from '@malote/runtime/config';
import { isOneShot, readComposeFile, secretNames } from './compose-file.ts';
import { loadComposeSchema } from './compose-schema.ts';

const root = join(import.meta.dirname, '../..');
const compose = readComposeFile(root);
const services = Object.entries(compose.services);

test('docker-compose.yml is valid against the published Compose schema', () => {
  assert.deepEqual(loadComposeSchema()(compose), []);
});

test('the Compose schema refuses a misspelt key, a wrong type and a wrong port', () => {
  const errors = loadComposeSchema();
  const changed = (change: object): unknown => ({
    ...compose,
    services: { ...compose.services, edge: { ...compose.services.edge, ...change } },
  });
  assert.notDeepEqual(errors(changed({ enviroment: {} })), []);
  assert.notDeepEqual(errors(changed({ command: 7 })), []);
  assert.notDeepEqual(errors(changed({ ports: ['http'] })), []);
});

test('every service that keeps running has a health check and starts again by itself', () => {
  const running = services.filter(([, service]) => !isOneShot(service));
  assert.deepEqual(running.map(([name]) => name).sort(), [
    'contingency',
    'edge',
    'emission',
    'entity-block',
    'mongo',
    'rabbitmq',
    'redis',
    'simulator',
  ]);
  for (const [name, service] of running) {
    assert.ok((service.healthcheck?.test?.length ?? 0) >= 2, `${name} has no health check`);
    assert.equal(service.restart, 'unless-stopped', name);
  }
});

test('every MALOTE_ name is in the configuration catalogue and every secret comes by file', () => {
  const catalogue = describeCatalogue();
  const known = new Set(catalogue.flatMap(({ name, secret }) => (secret ? [`${name}_FILE`] : [name])));
  const used = services.flatMap(([service, { environment = {} }]) => Object.keys(environment).map((name) => ({ service, name })));
  const ours = used.filter(({ name }) => name.startsWith('MALOTE_'));
  assert.ok(ours.length > 10);
  assert.deepEqual(
    ours.filter(({ name }) => !known.has(name)),
    [],
  );
});

test('every value under /run/secrets is a secret that the service is given', () => {
  for (const [name, service] of services) {
    const text = JSON.stringify([service.environment, service.command, service.healthcheck]);
    const wanted = [...text.matchAll(/\/run\/secrets\/(\w+)/g)].map((match) => match[1] as string);
    assert.deepEqual(
      wanted.filter((secret) => !secretNames(service).includes(secret)),
      [],
      name,
    );
    assert.deepEqual(
      secretNames(service).filter((secret) => compose.secrets[secret] === undefined),
      [],
      name,
    );
  }
});

test('every secret file is one that make-secrets.sh makes, or the certificates the operator brings', () => {
  const script = readFileSync(join(root, 'deploy/make-secrets.sh'), 'utf8');
  for (const { file } of Object.values(compose.secrets)) {
    const name = file.replace('./deploy/secrets/', '');
    const made = name.replace(/^simulator-server(-key)?\.pem$/, 'simulator-server');
    assert.ok(script.includes(made), name);
  }
});

test('every program and file a service names is in the working copy', () => {
  for (const [name, service] of services) {
    const words = [...(service.command ?? []), ...(service.entrypoint ?? [])];
    for (const word of words.filter((argument) => /^(?:services|packages)\/.*\.ts$/.test(argument))) {
      assert.ok(existsSync(join(root, word)), `${name}: ${word}`);
    }
    if (service.build?.dockerfile !== undefined) assert.ok(existsSync(join(root, service.build.dockerfile)), name);
  }
});

test('each service folder has its service, and the simulator and the command line are behind profiles', () => {
  for (const name of ['edge', 'emission', 'entity-block', 'contingency']) assert.ok(compose.services[name] !== undefined, name);
  assert.deepEqual(compose.services.simulator?.profiles, ['simulator']);
  assert.deepEqual(compose.services.cli?.profiles, ['cli']);
  const always = services.filter(([, { profiles }]) => profiles === undefined).map(([name]) => name);
  assert.deepEqual(always.sort(), ['contingency', 'edge', 'emission', 'entity-block', 'migrate', 'mongo', 'rabbitmq', 'redis']);
});
