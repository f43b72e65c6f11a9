import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AnyEnvelope } from '@malote/messages/envelope';
import { eventually } from '@malote/testkit/eventually';
import type { EmissionDeps } from '../handle-message.ts';
import { type FakeSefaz, fakeSefaz } from './fake-sefaz.ts';
import { openScene, type Scene } from './registro-scene.ts';

const scene = await openScene();

/** The first worker's call hangs; a second worker gets the same message meanwhile. */
async function redeliveredWhileWaiting(of: Scene): Promise<void> {
  const sefaz = fakeSefaz();
  const evento = await of.evento();
  const [called, answer] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const slow = Object.create(sefaz.client, {
    registerEvento: {
      value: async (...args: Parameters<FakeSefaz['client']['registerEvento']>) => {
        called.resolve();
        await answer.promise;
        return sefaz.client.registerEvento(...args);
      },
    },
  });
  const first = of.handle(evento, sefaz, { sefaz: slow });
  await called.promise;
  await of.handle(evento, sefaz);
  const beside = [...sefaz.calls];
  answer.resolve();
  await first;
  assert.deepEqual(beside, [], `SEFAZ was called beside an open attempt: ${beside}`);
}

/** Two workers have read the evento before either has written. */
async function twoWorkersOneEvento(of: Scene): Promise<void> {
  const sefaz = fakeSefaz();
  const evento = await of.evento();
  let waiting = 0;
  const both = Promise.withResolvers<void>();
  const findById = async (id: string) => {
    const found = await of.store.eventos.findById(id);
    if (++waiting === 2) both.resolve();
    if (waiting <= 2) await both.promise;
    return found;
  };
  const over: Partial<EmissionDeps> = { store: { ...of.store, eventos: { ...of.store.eventos, findById } } };
  await Promise.all([of.handle(evento, sefaz, over), of.handle(evento, sefaz, over)]);
  const sent = sefaz.calls.filter((call) => call.startsWith('register'));
  assert.equal(sent.length, 1, `sent ${sent.length} times`);
}

/** SEFAZ holds another text of the same author under the number of ours. */
async function otherContentUnderOurNumber(of: Scene): Promise<void> {
  const sefaz = fakeSefaz();
  const evento = await of.evento();
  const { chave, tpEvento, nSeqEvento, autor } = evento;
  const foreign =
    `<evento><infEvento><CNPJ>${autor}</CNPJ><tpEvento>${tpEvento}</tpEvento><nSeqEvento>${nSeqEvento}</nSeqEvento></infEvento>` +
    '<Signature><SignedInfo><Reference><DigestValue>other</DigestValue></Reference></SignedInfo></Signature></evento>';
  sefaz.held.set(`${chave}.${tpEvento}.${nSeqEvento}`, { signedXml: foreign, nProt: '135260000000999' });
  await of.handle(evento, sefaz);
  const stored = await of.store.eventos.findById(evento._id);
  assert.equal(stored?.state, 'registered');
  assert.ok((await of.store.conteudos.get(String(stored.adotado)))?.toString().includes('>other<'), 'SEFAZ’s content is kept');
  const told = stored.avisos.map(({ codigo }) => codigo);
  assert.deepEqual(told, ['evento-de-outra-origem'], `the ERP is told ${JSON.stringify(told)}`);
}

/** The edge dies between the insert and the publish. */
async function edgeKilledBeforePublishing(of: Scene): Promise<void> {
  const [evento, range] = [await of.evento(), await of.inutilizacao()];
  // Of a protected process, and written later: once they are published, so is everything that could be.
  const sentinels = [await scene.evento(), await scene.inutilizacao()];
  of.clock.advance(5_001);
  const seen = new Set<string>();
  const publish = async (message: AnyEnvelope) => {
    if ('registroId' in message.payload) seen.add(message.payload.registroId);
    return 'confirmed' as const;
  };
  const sweepers = of.store.startSweepers({ publish, everyMs: 20 });
  await eventually(() => sentinels.every(({ _id }) => seen.has(_id)));
  await Promise.all(sweepers.map((sweeper) => sweeper.stop()));
  const found = [evento, range].filter(({ _id }) => seen.has(_id)).length;
  assert.equal(found, 2, `${found} of 2 commands were published`);
}

/** Each sentence is tested as it stands, and then again with the protection taken out: the same checks must then see the harm. */
const PROTECTED: { sentence: string; scenario: (of: Scene) => Promise<void>; without: string; harm: RegExp }[] = [
  {
    sentence: 'a redelivery while the first worker still waits for SEFAZ neither consults nor sends',
    scenario: redeliveredWhileWaiting,
    without: 'open-attempt',
    harm: /beside an open attempt: register/,
  },
  {
    sentence: 'two workers that get one evento at the same moment send it once',
    scenario: twoWorkersOneEvento,
    without: 'version',
    harm: /sent 2 times/,
  },
  {
    sentence: 'an evento that SEFAZ holds with other content is adopted as SEFAZ holds it, and the ERP is told',
    scenario: otherContentUnderOurNumber,
    without: 'digest',
    harm: /the ERP is told \[\]/,
  },
  {
    sentence: 'the edge killed between insert and publish: the relay publishes the commands of eventos and inutilizações',
    scenario: edgeKilledBeforePublishing,
    without: 'outbox',
    harm: /0 of 2 commands/,
  },
];

for (const { sentence, scenario, without, harm } of PROTECTED) {
  test(sentence, () => scenario(scene));
  test(`… and without the protection "${without}" the same checks fail`, async () => {
    const less = await scene.without(without);
    await assert.rejects(scenario(less), harm);
  });
}
