import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { eventScene } from './event-scene.ts';
import { signedInutNFe } from './signed-inutilizacao.ts';
import { consStatServ, enviNFe, signedNfe } from './signed-nfe.ts';
import { CNPJ, type Stage, startStage } from './stage.ts';

let stage: Stage;
before(async () => {
  stage = await startStage();
});
after(() => stage.close());
afterEach(() => stage.admin('DELETE', '/faults'));

const page = async () => (await fetch(stage.simulator.adminUrl)).text();
const submit = (action: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
  fetch(`${stage.simulator.adminUrl}/form/${action}`, { method: 'POST', body: new URLSearchParams(fields), headers, redirect: 'manual' });

test('the page shows calls, documents and doubled numbers', async () => {
  const contingencia = { dhCont: '2026-01-01T10:00:00-03:00', xJust: 'Falha na conexao com a SEFAZ' };
  assert.doesNotMatch(await page(), /Números dobrados/);
  const { xml, chave } = signedNfe({ cnpj: CNPJ, numero: 31, signer: stage.company });
  await stage.call('NFeAutorizacao4', enviNFe(xml));
  const again = signedNfe({ cnpj: CNPJ, numero: 31, signer: stage.company, tpEmis: '6', contingencia });
  await stage.call('NFeAutorizacao4', enviNFe(again.xml), { autorizador: 'SVC-AN' });
  const html = await page();
  assert.match(html, /<h2>Números dobrados<\/h2>/);
  for (const text of [chave, again.chave, '1/31', 'SVC-AN', 'NFeAutorizacao4', '100 Autorizado']) assert.ok(html.includes(text), text);
  assert.equal(html.match(/<h1>/g)?.length, 1);
});

test('a form adds a fault with its match, and another takes it away', async () => {
  const answer = await submit('add', { fault: 'cstat-109', 'match.service': 'NFeStatusServico4', times: '2', cStat: '', chance: '' });
  assert.deepEqual([answer.status, answer.headers.get('location')], [303, '/']);
  assert.deepEqual((await stage.call('NFeStatusServico4', consStatServ('35'))).all('cStat'), ['109']);
  assert.match(await page(), /cstat-109.*mais 1×.*pegou 1/s);
  const [fault] = await stage.admin<{ id: string }[]>('GET', '/faults');
  await submit('remove', { id: fault?.id ?? '' });
  assert.deepEqual(await stage.admin('GET', '/faults'), []);
});

test('the form knows delays by percentiles, and scenarios', async () => {
  await submit('add', { fault: 'slow', 'delay.p50Ms': '5', 'delay.p99Ms': '9' });
  assert.match(await page(), /p50 5 ms, p99 9 ms/);
  await submit('scenario', { name: 'fora-do-ar' });
  const html = await page();
  assert.match(html, /Cenário <b>fora-do-ar<\/b>/);
  assert.match(html, /espera, pegou 0/);
  await submit('remove', {});
  assert.match(await page(), /Nenhum cenário/);
});

test('what is wrong in a form is told on the page, and what came from outside is never markup', async () => {
  const answer = await submit('add', { fault: 'slow' });
  assert.equal(answer.status, 400);
  assert.match(await answer.text(), /role="alert".*needs delayMs or delay/s);
  await stage.admin('POST', '/faults', {
    fault: 'answer',
    cStat: '539',
    xMotivo: '<script>alert(1)</script>',
    match: { autorizador: '"><img>' },
  });
  await stage.admin('POST', '/scenario', { name: 'x', description: '<b>bold</b>' });
  await stage.admin('POST', '/faults', {
    fault: 'answer',
    cStat: '539',
    xMotivo: '<script>alert(1)</script>',
    match: { autorizador: '"><img>' },
  });
  const html = await page();
  assert.doesNotMatch(html, /<script|<img|<b>bold/);
  assert.match(html, /&lt;script&gt;/);
});

test('a page of another origin cannot command the simulator', async () => {
  const answer = await submit('add', { fault: 'hang' }, { origin: 'https://evil.example' });
  assert.equal(answer.status, 403);
  assert.deepEqual(await stage.admin('GET', '/faults'), []);
  assert.equal((await submit('add', { fault: 'hang' }, { origin: stage.simulator.adminUrl })).status, 303);
});

test('the page tells which event a call is about, and which range it voids', async () => {
  const { authorised, cancel, send } = eventScene(() => stage);
  const note = await authorised({ numero: 41 });
  await send(cancel(note));
  await stage.call('NFeInutilizacao4', signedInutNFe(50, 59, { signer: stage.company }));
  const html = await page();
  for (const text of ['<h2>Eventos</h2>', '110111 Cancelamento', '1/41', '<h2>Numeração inutilizada</h2>', '1/50 a 59', '101 '])
    assert.ok(html.includes(text), text);
  assert.match(html, /NFeRecepcaoEvento4 SP\/55.*135 Evento registrado/s);
});
