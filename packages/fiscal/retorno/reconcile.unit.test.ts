import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CStatClass } from './c-stat.ts';
import type { Protocolo, Retorno } from './read-retorno.ts';
import { compareProtocolo, type Reconciliation, reconcile } from './reconcile.ts';

const OURS = { chave: '42220575277525000178550030000292481295366801', digest: 'aWv6LeEM4X6u4+qBI2OYZ8grigw=' };
const SAME: Protocolo = { xml: '', chave: OURS.chave, cStat: '100', xMotivo: '', digVal: OURS.digest, alertas: [] };

function answer(found: CStatClass, protocolo?: Protocolo): Retorno {
  return { kind: 'document', class: found, cStat: '000', xMotivo: '', protocolo, service: { cStat: '000', xMotivo: '' } };
}

describe('reconcile', () => {
  const cases: [string, Retorno, Reconciliation][] = [
    ['adopts an authorisation of our key and digest', answer('authorized', SAME), 'adopt'],
    ['adopts a cancelled note that is ours', answer('cancelled', SAME), 'adopt'],
    ['adopts a denial that is ours', answer('denied', SAME), 'adopt'],
    ['never adopts another digest under our key', answer('authorized', { ...SAME, digVal: 'x' }), 'conflict'],
    ['never adopts our digest under another key', answer('authorized', { ...SAME, chave: 'x' }), 'conflict'],
    ['adopts nothing without a digest', answer('authorized', { ...SAME, digVal: undefined }), 'ambiguous'],
    ['adopts nothing without a protocolo', answer('cancelled'), 'ambiguous'],
    ['stops when the number has another key (561, 562, 613)', answer('duplicate'), 'conflict'],
    ['believes 217', answer('not-found'), 'absent'],
    ['takes a paused service for no answer', answer('unavailable'), 'unanswered'],
    ['takes throttling for no answer', answer('throttled'), 'unanswered'],
    ['takes a refused question for no answer, never for a rejected document', answer('rejected'), 'unanswered'],
    ['concludes nothing from 999', answer('internal'), 'ambiguous'],
    ['concludes nothing from a code of no table', answer('unknown'), 'ambiguous'],
    ['concludes nothing from what cannot be read', { kind: 'unreadable', reason: 'HTML' }, 'ambiguous'],
    ['concludes nothing from a status', { kind: 'status', class: 'service-status', cStat: '107', xMotivo: '' }, 'ambiguous'],
  ];
  for (const [name, retorno, expected] of cases) it(name, () => assert.equal(reconcile(OURS, retorno), expected));

  it('compares key first, then digest', () => {
    assert.equal(compareProtocolo(OURS, SAME), 'same');
    assert.equal(compareProtocolo(OURS, { ...SAME, chave: 'x', digVal: undefined }), 'other');
    assert.equal(compareProtocolo(OURS, { ...SAME, digVal: undefined }), 'unproved');
  });
});
