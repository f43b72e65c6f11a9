import { join } from 'node:path';
import { systemClock } from '@malote/runtime/clock';
import { openCatalog } from '@malote/schemas/catalog';
import { createValidator } from '@malote/schemas/validator';
import type { Group } from '../group.ts';
import { xmllintValidations } from '../limits.ts';
import { bestPeer } from '../peers/measure-peers.ts';
import { cpuNote, rateOf } from '../rate.ts';
import { ITEMS, signedNote, signingKit } from '../sample.ts';

const TARGETS: Record<number, number> = { 1: 2_000, 60: 200 };

/** Schema validations per second of one thread, the schema compiled before. */
export const xsd: Group = async ({ rate, peers, schemasDir, dir, log }) => {
  const kit = signingKit();
  const catalog = openCatalog(schemasDir);
  const validator = createValidator(catalog);
  const query = { familia: 'nfe', root: 'NFe', versao: '4.00', ambiente: '2', date: systemClock.now() } as const;
  const file = catalog.find(query);
  if (!file) throw new Error('no schema for NFe 4.00');
  const measured = ITEMS.map((items) => {
    const xml = signedNote(items, kit);
    const faults = validator.validate(xml, query);
    if (faults.length > 0) throw new Error(JSON.stringify(faults));
    log(`xsd, ${items} items`);
    const own = rateOf(() => validator.validate(xml, query), rate);
    return { items, own, limit: xmllintValidations(xml, join(schemasDir, 'packs', file.pack, file.conjunto, file.file), dir) };
  });
  validator.dispose();
  const others = await peers();
  return measured.map(({ items, own, limit }) => ({
    group: 'xsd',
    name: `${items} ${items === 1 ? 'item' : 'items'}`,
    value: own.perSecond,
    unit: '/s',
    target: { atLeast: TARGETS[items] ?? 0 },
    ...bestPeer(others, 'validate', items),
    ...(limit === undefined ? {} : { limit: { name: 'xmllint', value: limit } }),
    note: cpuNote(own),
  }));
};
