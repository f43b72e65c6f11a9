import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { Ajv2020, type AnySchema } from 'ajv/dist/2020.js';
import Joi from 'joi';
import { problemsOf } from './implied-problems.ts';
import { describeApi } from './openapi.ts';
import { PROBLEMS } from './problems.ts';
import type { Route } from './routing.ts';
import { emptyTable } from './test/empty-table.ts';

interface Operation {
  operationId: string;
  summary: string;
  responses: Record<string, { content?: Record<string, { schema: AnySchema; example?: unknown }> }>;
}

interface Description {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, AnySchema> };
}

const routes = emptyTable();
const describe = (table: readonly Route[]) =>
  describeApi({ routes: table, version: '1.0.0', parameters: {}, xml: '<NFe/>' }) as unknown as Description;
const description = describe(routes);
const operations = Object.entries(description.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ key: `${method.toUpperCase()} ${path}`, ...operation })),
);

test('every row of the routing table is described, and nothing else', () => {
  const rows = routes.map(({ method, path, id }) => [`${method} ${path.replace(/:([A-Za-z]+)/g, '{$1}')}`, id]);
  assert.deepEqual(operations.map(({ key, operationId }) => [key, operationId]).sort(), rows.sort());
  assert.equal(new Set(operations.map(({ operationId }) => operationId)).size, rows.length);
});

test('every row says what it answers, and every problem of its kind', () => {
  for (const route of routes) {
    const { responses } = operations.find(({ operationId }) => operationId === route.id) ?? assert.fail(route.id);
    const statuses = new Set([...Object.keys(route.answers), ...problemsOf(route).map((codigo) => String(PROBLEMS[codigo].status))]);
    statuses.add('429');
    assert.deepEqual(Object.keys(responses).sort(), [...statuses].sort(), route.id);
    assert.ok(Object.keys(route.answers).length > 0, route.id);
  }
});

test('every example is valid against its schema, and every JSON answer has one', () => {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema({ $id: 'api', components: description.components });
  let checked = 0;
  for (const { key, responses } of operations) {
    for (const [status, { content = {} }] of Object.entries(responses)) {
      for (const [type, { schema, example }] of Object.entries(content)) {
        if (!/json$/.test(type)) continue;
        const validate = ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('#/components', 'api#/components')));
        assert.ok(validate(example), `${key} ${status} ${type}: ${JSON.stringify(validate.errors)}`);
        checked += 1;
      }
    }
  }
  assert.ok(checked > routes.length, String(checked));
});

test('the linter has nothing to say, errors or warnings', async () => {
  assert.deepEqual(await lint(description), []);
});

test('the linter would say it: an operation without a summary, a path parameter that is not declared', async () => {
  const [route] = routes;
  assert.ok(route);
  const broken = describe([{ ...route, summary: '' }]);
  Object.assign(broken.paths, { '/x/{y}': broken.paths[route.path] });
  const rules = (await lint(broken)).map(({ rule }) => rule);
  assert.ok(rules.includes('operation-summary') && rules.includes('path-parameters-defined'), String(rules));
});

test('a list of values that may be null has null in its list', () => {
  const schema = Joi.object({ modo: Joi.string().valid('a', 'b').allow(null).required() });
  const route: Route = { ...(routes[0] as Route), answers: { 200: { description: 'x', schema } } };
  const { content } = describe([route]).paths[route.path]?.post?.responses['200'] ?? assert.fail();
  const validate = new Ajv2020({ strict: false }).compile(content?.['application/json']?.schema ?? false);
  assert.deepEqual([validate({ modo: null }), validate({ modo: 'a' }), validate({ modo: 'c' })], [true, true, false]);
});

/** Redocly's recommended rules, warnings included. */
async function lint(document: object): Promise<{ rule: string; message: string; at: string | undefined }[]> {
  // The paths of the contract differ in their patterns, which this rule does not look at; that each has one owner is proven by routing.unit.test.ts.
  const config = await createConfig({ extends: ['recommended-strict'], rules: { 'no-ambiguous-paths': 'off' } });
  const problems = await lintFromString({ source: JSON.stringify(document), absoluteRef: 'openapi.json', config });
  return problems.map(({ ruleId, message, location }) => ({ rule: ruleId, message, at: location[0]?.pointer }));
}
