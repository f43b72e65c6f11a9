import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { parseXml, textAt } from '@malote/fiscal/xml/parse';
import { openCatalog } from '@malote/schemas/catalog';
import { createValidator } from '@malote/schemas/validator';
import { newCustomer } from './customer.ts';
import { startHub } from './hub.ts';
import { xmlsecVerifies } from './xmlsec.ts';

const hub = await startHub();
after(() => hub.close());
const validator = createValidator(openCatalog(String(hub.env.MALOTE_SCHEMAS_DIR)));

for (const [label, cnpj, ie] of [
  ['a numeric CNPJ', '11222333000181', '110042490114'],
  ['an alphanumeric CNPJ', '12ABC34501DE35', '110042490114'],
] as const) {
  test(`a note of ${label} is authorised, and xmlsec1, libxml2 and the digest agree with what is served`, async () => {
    const customer = await newCustomer(hub, { cnpj, ie });
    const accepted = await customer.emit({ numero: 1, itens: 3, nastyText: true });
    assert.ok(['Em processamento', 'Autorizada'].includes(accepted.status));
    const view = await customer.untilStatus(1, 'Autorizada');
    assert.equal(view.codigoStatus, '100');
    assert.match(String(view.protocolo), /^\d{15}$/);
    assert.equal(view.chaveAcesso?.slice(6, 20), cnpj);

    const answer = await customer.get(`${customer.path}/${view.chaveAcesso}.xml`);
    assert.equal(answer.status, 200);
    assert.match(String(answer.headers.get('content-type')), /^application\/xml/);
    const xml = await answer.text();
    assert.equal(view.conteudo, xml);
    xmlsecVerifies(xml, hub.ca);
    const valid = validator.validate(xml, { familia: 'nfe', root: 'nfeProc', versao: '4.00', ambiente: '2', date: hub.now() });
    assert.deepEqual(valid, []);
    const { root } = parseXml(xml);
    assert.equal(
      textAt(root, 'NFe/Signature/SignedInfo/Reference/DigestValue'),
      textAt(root, 'protNFe/infProt/digVal'),
      'the digest SEFAZ computed is the one we signed',
    );
    assert.equal(textAt(root, 'protNFe/infProt/nProt'), view.protocolo);
    assert.equal(await hub.simulator.doubled(), 0);
  });
}
