import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openCatalog } from '@malote/schemas/catalog';
import { createValidator } from '@malote/schemas/validator';
import { eventually } from '@malote/testkit/eventually';
import { dhEmiText } from '@malote/testkit/sample-nfe';
import { newCustomer } from './customer.ts';
import { JUSTIFICATIVA, postJson, untilRegistro } from './evento-customer.ts';
import { startHub } from './hub.ts';
import { xmlsecVerifies } from './xmlsec.ts';

const hub = await startHub();
after(() => hub.close());
const validator = createValidator(openCatalog(String(hub.env.MALOTE_SCHEMAS_DIR)));
const customer = await newCustomer(hub, { cnpj: '11222333000181' });
const INUTILIZAR = 'NFeInutilizacao4';
const AUTHORIZE = 'NFeAutorizacao4';
const CONSULT = 'NFeConsultaProtocolo4';
const ATTEMPT_OVER_MS = 70_000;
const ano = hub.now().getUTCFullYear();

const all = `/api/empresas/${customer.cnpj}/docs/inutilizacoes/hom/55`;
const pathOf = (numero: number) => `${all}/SP/${String(ano).slice(2)}/1/${numero}`;
async function ask(numeroInicial: number, numeroFinal = numeroInicial): Promise<void> {
  const answer = await postJson(customer, all, { uf: 'SP', ano, serie: 1, numeroInicial, numeroFinal, justificativa: JUSTIFICATIVA });
  assert.ok(answer.status < 300, `${answer.status} ${await answer.text()}`);
}
const until = (numero: number, status: string) => untilRegistro(customer, pathOf(numero), status);
const refused = async (numero: number) =>
  (await until(numero, 'Rejeitada')).faults.map(({ code, message }) => `${code} ${message}`).join(' ');
const asked = async (service = INUTILIZAR) => (await hub.simulator.calls({ service })).length;

test('a range is voided once, its procInutNFe is signed and valid, and a note inside it is refused before anything is sent', async () => {
  await ask(1000, 1020);
  const view = await until(1010, 'Inutilizada');
  assert.equal(view.codigoStatus, '102');
  xmlsecVerifies(String(view.conteudo), hub.ca);
  // No public pack has a schema of the proc: what was signed is checked.
  const [signed = ''] = /<inutNFe.*<\/inutNFe>/s.exec(String(view.conteudo)) ?? [];
  const about = { familia: 'nfe', root: 'inutNFe', versao: '4.00', ambiente: '2', date: hub.now() } as const;
  assert.deepEqual(validator.validate(signed, about), []);
  await ask(1000, 1020);
  assert.equal(await asked(), 1);
  await customer.emit({ numero: 1010 });
  const note = await customer.untilStatus(1010, 'Rejeitada');
  assert.equal(note.faults[0]?.code, 'INU-034');
  assert.equal(await asked(AUTHORIZE), 0);
  await ask(1020, 1025);
  assert.match(await refused(1025), /INU-035.*1000 a 1020/);
  const alphanumeric = await newCustomer(hub, { cnpj: '12ABC34501DE35' });
  const path = `/api/empresas/${alphanumeric.cnpj}/docs/inutilizacoes/hom/55`;
  const body = { uf: 'SP', ano, serie: 1, numeroInicial: 1, numeroFinal: 2, justificativa: JUSTIFICATIVA };
  assert.ok((await postJson(alphanumeric, path, body)).status < 300);
  await untilRegistro(alphanumeric, `${path}/SP/${String(ano).slice(2)}/1/1`, 'Inutilizada');
});

test('a range with a note that is authorised, of unknown fate or once signed in contingência is refused here, the numbers named', async () => {
  const before = await asked();
  await customer.emit({ numero: 1 });
  await customer.untilStatus(1, 'Autorizada');
  await hub.simulator.fault({ fault: 'hang', match: { numero: 3 }, times: 1 });
  await customer.emit({ numero: 3 });
  await eventually(async () => (await hub.simulator.calls({ numero: 3 })).length === 1);
  const dhCont = dhEmiText(new Date(hub.now().getTime() - 60_000), 'SP');
  const match = { service: AUTHORIZE, numero: 5 };
  await hub.simulator.fault({ fault: 'answer', match, times: 1, cStat: '610', xMotivo: 'Rejeição: teste' });
  await customer.emit({ numero: 5, tpEmis: '5', contingencia: { dhCont, xJust: 'SEFAZ de origem fora do ar desde as 10h' } });
  await customer.untilStatus(5, 'Rejeitada');
  await ask(1, 9);
  const faults = await refused(2);
  assert.match(faults, /INU-030 Números 1 /);
  assert.match(faults, /INU-031 Números 3 /);
  assert.match(faults, /INU-032 Números 5 /);
  assert.equal(await asked(), before);
});

test('every number that was ever sent is asked for a last time; what SEFAZ knows is not voided, what it does not know is', async () => {
  const reject = (numero: number, fault: string) =>
    hub.simulator.fault({ fault, match: { service: AUTHORIZE, numero }, times: 1, cStat: '610', xMotivo: 'Rejeição: teste' });
  await reject(20, 'answer');
  // Refused in the answer, yet held: what only a last look can tell.
  await reject(22, 'answer-after-authorising');
  for (const numero of [20, 22]) await customer.emit({ numero });
  for (const numero of [20, 22]) await customer.untilStatus(numero, 'Rejeitada');
  await ask(20, 21);
  await until(20, 'Inutilizada');
  assert.equal((await hub.simulator.calls({ service: CONSULT, numero: 20 })).length, 1);
  await ask(22, 24);
  assert.match(await refused(22), /INU-036 Números 22 /);
  await reject(26, 'answer');
  await customer.emit({ numero: 26 });
  await customer.untilStatus(26, 'Rejeitada');
  await hub.simulator.fault({ fault: 'http-500', match: { service: CONSULT, numero: 26 }, times: 1 });
  await ask(26);
  const unanswered = await eventually(async () => {
    const view = await until(26, 'Em processamento');
    return view.avisos.length > 0 ? view : null;
  });
  assert.equal(unanswered.avisos[0]?.cMsg, 'consulta-previa-sem-resposta');
  hub.advance(15 * 60_000);
  await until(26, 'Inutilizada');
});

test('an answer lost after voiding: the same bytes again after 15 s, and 563 is its own registration', async () => {
  const before = await asked();
  await hub.simulator.fault({ fault: 'answer-lost', match: { service: INUTILIZAR }, times: 1 });
  await ask(300, 305);
  await until(300, 'Em recuperação');
  hub.advance(16_000);
  const view = await until(300, 'Inutilizada');
  assert.deepEqual([view.codigoStatus, view.avisos], ['563', []]);
  assert.match(String(view.protocolo), /^\d{15}$/);
  const attempts = (await hub.raw.collection('inutilizacoes').findOne({ numeroInicial: 300 }))?.attempts as { digest: string }[];
  assert.deepEqual([attempts.length, new Set(attempts.map(({ digest }) => digest)).size], [2, 1]);
  assert.equal(await asked(), before + 2);
});

test('emission killed after transmitting: sent again when the attempt is over, and voided once', async () => {
  await hub.simulator.fault({ fault: 'hang-after-authorising', match: { service: INUTILIZAR }, times: 1 });
  const before = await asked();
  await ask(400);
  await eventually(async () => (await asked()) === before + 1);
  await hub.kill('emission');
  await hub.start('emission');
  hub.advance(ATTEMPT_OVER_MS);
  await until(400, 'Em recuperação');
  hub.advance(16_000);
  await until(400, 'Inutilizada');
});
