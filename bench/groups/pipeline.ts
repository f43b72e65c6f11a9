import { readIdentity } from '@malote/fiscal/emission/identity';
import { prepare } from '@malote/fiscal/emission/prepare';
import { checkRules } from '@malote/fiscal/emission/rules';
import { decodeXml, parseXml } from '@malote/fiscal/xml/parse';
import { signXml } from '@malote/fiscal/xml/sign';
import { systemClock } from '@malote/runtime/clock';
import { openCatalog } from '@malote/schemas/catalog';
import { createValidator } from '@malote/schemas/validator';
import type { Group } from '../group.ts';
import { cpuNote, rateOf } from '../rate.ts';
import { ITEMS, signingKit, unsignedNote } from '../sample.ts';

/** What an emission worker does with a received note before it sends it, without database and network. */
export const pipeline: Group = async ({ rate, schemasDir, rsaLimit, log }) => {
  const kit = signingKit();
  const certificado = { documento: kit.documento, notBefore: new Date(0), notAfter: new Date(8e15) };
  const validator = createValidator(openCatalog(schemasDir));
  const query = { familia: 'nfe', root: 'NFe', versao: '4.00', ambiente: '2' } as const;

  function once(entrada: Buffer): void {
    const now = systemClock.now();
    const doc = parseXml(decodeXml(entrada));
    const read = readIdentity(doc, 'sefaz');
    if (!read.ok) throw new Error(JSON.stringify(read.faults));
    const broken = checkRules({ doc, identity: read.identity, certificado, now });
    const prepared = prepare({ text: doc, layout: 'sefaz', tpEmis: '1', cNF: '47110815' });
    if (!prepared.ok || broken.length > 0) throw new Error(JSON.stringify(broken));
    const signed = signXml(prepared.xml, { element: 'infNFe' }, kit);
    const faults = validator.validate(signed.xml, { ...query, date: now });
    if (faults.length > 0) throw new Error(JSON.stringify(faults));
  }

  const limit = rsaLimit();
  const rows = ITEMS.map((items) => {
    const entrada = Buffer.from(unsignedNote(items));
    log(`pipeline, ${items} items`);
    const own = rateOf(() => once(entrada), rate);
    return {
      group: 'pipeline',
      name: `prepare + sign + validate, ${items} ${items === 1 ? 'item' : 'items'}`,
      value: own.perSecond,
      unit: '/s',
      ...(items === 1 ? { target: { atLeast: 500 } } : {}),
      ...(limit === undefined ? {} : { limit: { name: 'openssl RSA', value: limit } }),
      note: `${cpuNote(own)}; no peer does it in process`,
    };
  });
  validator.dispose();
  return rows;
};
