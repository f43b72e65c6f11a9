import assert from 'node:assert/strict';
import { test } from 'node:test';
import { html } from '../html.ts';
import { duration, localTime } from './words.ts';

test('every value is escaped, in texts and attributes, but for HTML made here', () => {
  const evil = `<script>"'&`;
  const inner = html`<b title="${evil}">${evil}</b>`;
  assert.equal(inner.html, '<b title="&lt;script&gt;&quot;&#39;&amp;">&lt;script&gt;&quot;&#39;&amp;</b>');
  assert.equal(html`<p>${inner}${undefined}${7}${['<', html`<i>`]}</p>`.html, `<p>${inner.html}7&lt;<i></p>`);
});

test('durations are read at a glance', () => {
  const read = [0, 850, 12_400, 99_400, 100_000, 61 * 60_000, 2 * 3_600_000, 7_500_000, 49 * 3_600_000].map(duration);
  assert.deepEqual(read, ['0 ms', '850 ms', '12 s', '99 s', '2 min', '61 min', '2 h', '2 h 5 min', '2 dias']);
});

test('instants are shown in Brasília’s time, whatever the zone of the machine', () => {
  assert.equal(localTime('2026-11-21T02:04:05Z'), '20/11 23:04:05');
});
