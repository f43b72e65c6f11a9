import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openCatalog } from '@malote/schemas/catalog';
import { createValidator } from '@malote/schemas/validator';
import { newCustomer } from './customer.ts';
import { askEvento, cancelamento, untilEvento } from './evento-customer.ts';
import { startHub } from './hub.ts';
import { xmlsecVerifies } from './xmlsec.ts';

const hub = await startHub();
after(() => hub.close());
const validator = createValidator(openCatalog(String(hub.env.MALOTE_SCHEMAS_DIR)));
const customer = await newCustomer(hub, { cnpj: '11222333000181' });

test('a cancelamento is registered, its note is Cancelada, and what is served is signed, valid and SEFAZ’s', async () => {
  await customer.emit({ numero: 1 });
  const note = await customer.untilStatus(1, 'Autorizada');
  const asked = await askEvento(customer, note, cancelamento);
  assert.ok([200, 202].includes(asked.status), JSON.stringify(asked.view));
  const evento = await untilEvento(customer, { chaveAcesso: String(note.chaveAcesso), tpEvento: '110111' }, 'Registrado');
  assert.equal(evento.codigoStatus, '135');
  assert.match(String(evento.protocolo), /^\d{15}$/);
  assert.equal(evento.dataEvento.slice(-6), note.dataEmissao.slice(-6), 'dated in the zone of the note');
  const cancelled = await customer.untilStatus(1, 'Cancelada');
  assert.equal(cancelled.protocolo, note.protocolo);
  const xml = String(evento.conteudo);
  xmlsecVerifies(xml, hub.ca);
  const date = hub.now();
  assert.deepEqual(
    validator.validate(xml, { familia: 'nfe', root: 'procEventoNFe', versao: '1.00', ambiente: '2', date, tpEvento: '110111' }),
    [],
  );
  assert.equal((await askEvento(customer, note, cancelamento)).status, 200);
});
