import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dhEventoText } from './dh-evento.ts';

const now = new Date('2026-11-21T12:00:00.900Z');

test('an evento is dated in the zone of its document, whatever zone the hub or SEFAZ is in', () => {
  assert.equal(dhEventoText({ now, dhEmi: '2026-11-21T06:00:00-05:00' }), '2026-11-21T07:00:00-05:00');
  assert.equal(
    dhEventoText({ now, dhEmi: '2026-11-21T06:00:00-02:00', dhRecbto: '2026-11-21T08:59:00-03:00' }),
    '2026-11-21T10:00:00-02:00',
  );
  assert.equal(dhEventoText({ now, dhEmi: '2026-11-21T06:00:00+05:30' }), '2026-11-21T17:30:00+05:30');
});

test('it is never dated before the authorisation', () => {
  const dhRecbto = '2026-11-21T09:00:07-03:00';
  assert.equal(dhEventoText({ now, dhEmi: '2026-11-21T08:59:00-03:00', dhRecbto }), '2026-11-21T09:00:07-03:00');
  assert.equal(dhEventoText({ now, dhEmi: '2026-11-21T07:59:00-04:00', dhRecbto }), '2026-11-21T08:00:07-04:00');
});
