import { parseXml } from '@malote/fiscal/xml/parse';
import { signXml } from '@malote/fiscal/xml/sign';
import type { Group } from '../group.ts';
import { bestPeer } from '../peers/measure-peers.ts';
import { cpuNote, rateOf } from '../rate.ts';
import { ITEMS, preparedNote, signingKit } from '../sample.ts';

/** XML signatures per second of one thread, from text (as emission signs: hardened reading is most of it in a long note) and from a read document. */
export const sign: Group = async ({ rate, peers, rsaLimit, log }) => {
  const kit = signingKit();
  const measured = ITEMS.flatMap((items) => {
    const text = preparedNote(items);
    const inputs = { 'from text': text, 'read before': parseXml(text) };
    log(`sign, ${items} items`);
    return Object.entries(inputs).map(([how, xml]) => ({ items, how, rate: rateOf(() => signXml(xml, { element: 'infNFe' }, kit), rate) }));
  });
  const limit = rsaLimit();
  const others = await peers();
  return measured.map(({ items, how, rate: own }) => ({
    group: 'sign',
    name: `${items} ${items === 1 ? 'item' : 'items'}, ${how}`,
    value: own.perSecond,
    unit: '/s',
    target: { atLeast: 900 },
    ...bestPeer(others, 'sign', items),
    ...(limit === undefined ? {} : { limit: { name: 'openssl RSA', value: limit } }),
    note: cpuNote(own),
  }));
};
