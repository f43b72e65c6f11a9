import { signXml } from '@malote/fiscal/xml/sign';
import type { Group } from '../group.ts';
import { bestPeer } from '../peers/measure-peers.ts';
import { cpuNote, rateOf } from '../rate.ts';
import { ITEMS, preparedNote, signingKit } from '../sample.ts';

/** XML signatures per second of one thread: parse, canonical form, digest, RSA, splice. */
export const sign: Group = async ({ rate, peers, rsaLimit, log }) => {
  const kit = signingKit();
  const measured = ITEMS.map((items) => {
    const xml = preparedNote(items);
    log(`sign, ${items} items`);
    return { items, rate: rateOf(() => signXml(xml, { element: 'infNFe' }, kit), rate) };
  });
  const limit = rsaLimit();
  const others = await peers();
  return measured.map(({ items, rate: own }) => ({
    group: 'sign',
    name: `${items} ${items === 1 ? 'item' : 'items'}`,
    value: own.perSecond,
    unit: '/s',
    target: { atLeast: 900 },
    ...bestPeer(others, 'sign', items),
    ...(limit === undefined ? {} : { limit: { name: 'openssl RSA', value: limit } }),
    note: cpuNote(own),
  }));
};
