import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { startHub } from '../hub.ts';
import {
  edgeKilledBeforePublishing,
  otherContentUnderOurKey,
  redeliveredWhileWaiting,
  type Scenario,
  twoWorkersOneDocument,
  twoWorkersSweep,
} from './scenarios.ts';

const hub = await startHub();
after(() => hub.close());

/** Each sentence is tested as it stands, and then again with the protection taken out: the same checks must then see the harm. */
const PROTECTED: { sentence: string; scenario: Scenario; without: string; harm: RegExp }[] = [
  {
    sentence: 'a redelivery while the first worker still waits neither consults nor sends',
    scenario: redeliveredWhileWaiting,
    without: 'open-attempt',
    harm: /SEFAZ was called: NFeAutorizacao4 204/,
  },
  {
    sentence: 'other content that SEFAZ holds under our own key is never adopted: the note ends in Conflito',
    scenario: otherContentUnderOurKey,
    without: 'digest',
    harm: /the note ended Autorizada/,
  },
  {
    sentence: 'two emission workers that get one document at the same moment send it once, under one key',
    scenario: twoWorkersOneDocument,
    without: 'version',
    harm: /sent under \d keys/,
  },
  {
    sentence: 'the edge killed between insert and publish: the relay publishes, and every accepted note is authorised',
    scenario: edgeKilledBeforePublishing,
    without: 'outbox',
    harm: /is still Em processamento/,
  },
  {
    sentence: 'two workers that sweep the same outboxes publish each command once',
    scenario: twoWorkersSweep,
    without: 'leased-sweep',
    harm: /12 commands were delivered \d+ times/,
  },
];

for (const { sentence, scenario, without, harm } of PROTECTED) {
  test(sentence, () => scenario(hub, ''));
  test(`… and without the protection "${without}" the same checks fail`, () => assert.rejects(scenario(hub, without), harm));
}
