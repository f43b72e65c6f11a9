import assert from 'node:assert/strict';
import { test } from 'node:test';
import { problemPage } from './problem-page.ts';
import { PROBLEM_TEXTS } from './problem-texts.ts';
import { PROBLEMS } from './problems.ts';
import { shownProblem, shownProblemSchema } from './show-problems.ts';

test('every problem is explained, says what to do, and in words of its own', () => {
  assert.deepEqual(Object.keys(PROBLEM_TEXTS).sort(), Object.keys(PROBLEMS).sort());
  const said = new Map<string, string>();
  for (const [codigo, { explicacao, solucao }] of Object.entries(PROBLEM_TEXTS)) {
    for (const text of [explicacao, solucao]) {
      assert.ok(text.length >= 30 && /^[\p{Lu}"].*[.:]$/su.test(text), `${codigo}: ${text}`);
    }
    assert.equal(said.get(explicacao), undefined, codigo);
    said.set(explicacao, codigo);
    assert.notEqual(explicacao, solucao);
  }
});

test('what is shown of a problem is an answer that could have been given', () => {
  const shown = shownProblem('xml-entidade');
  assert.equal(shownProblemSchema.validate(shown).error, undefined);
  assert.deepEqual([shown.exemplo.type, shown.exemplo.status, shown.exemplo.codigo], ['/problemas/xml-entidade', 400, 'xml-entidade']);
});

test('nothing that is shown can become a part of the page', () => {
  const attack = '<script>alert("x")</script>&\'';
  const html = problemPage({ codigo: 'x', status: 400, titulo: attack, explicacao: attack, solucao: attack, exemplo: { detail: attack } });
  assert.equal(html.includes('<script'), false);
  assert.ok(html.includes('&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&amp;&#39;'));
});
