import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash, createVerify, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { parseXml, textAt } from '@malote/fiscal/xml/parse';
import { openCatalog } from '@malote/schemas/catalog';
import { createValidator } from '@malote/schemas/validator';
import { startChaosProxy } from '@malote/testkit/chaos-proxy';
import { eventually } from '@malote/testkit/eventually';
import { sampleCpf } from '@malote/testkit/sample-cnpj';
import { type Customer, type DocumentView, newCustomer } from './customer.ts';
import { ROOT, startHub } from './hub.ts';
import { xmlsecVerifies } from './xmlsec.ts';

const hub = await startHub();
const dir = mkdtempSync(join(tmpdir(), 'malote-nfce-'));
after(async () => {
  await hub.close();
  rmSync(dir, { recursive: true, force: true });
});
const validator = createValidator(openCatalog(String(hub.env.MALOTE_SCHEMAS_DIR)));

/** Of SP in homologação, as ENCAT lists them. */
const BASE = 'https://www.homologacao.nfce.fazenda.sp.gov.br/NFCeConsultaPublica/Paginas/ConsultaQRCode.aspx';
const URL_CHAVE = 'https://www.homologacao.nfce.fazenda.sp.gov.br/consulta';
const CSC = { id: '000007', codigo: 'CSC-DE-TESTE-0123456789-ABCDEFGHIJKL' };
const AUTHORIZE = 'NFeAutorizacao4';
const CONSULT = 'NFeConsultaProtocolo4';
const MINUTE = 60_000;
const OFFLINE = () => ({ tpEmis: '9', contingencia: { dhCont: isoOf(-60_000), xJust: 'Sem conexao com a internet' } });

/** Now plus so many milliseconds, as SP writes it. */
function isoOf(offsetMs: number): string {
  return `${new Date(hub.now().getTime() + offsetMs - 3 * 60 * MINUTE).toISOString().slice(0, 19)}-03:00`;
}

function malote(customer: Customer, words: string[], ...options: string[]): string {
  const where = ['--conta', customer.conta, '--empresa', customer.cnpj];
  return execFileSync(process.execPath, ['services/cli/main.ts', ...words, ...where, ...options], {
    cwd: ROOT,
    env: hub.env,
    encoding: 'utf8',
    stdio: 'pipe',
  });
}

async function putCsc(customer: Customer, { id, codigo } = CSC): Promise<void> {
  const file = join(dir, 'csc.txt');
  writeFileSync(file, `${codigo}\n`);
  const said = malote(customer, ['csc', 'put'], '--ambiente', 'hom', '--id', id, '--csc-file', file);
  assert.doesNotMatch(said, new RegExp(codigo));
  await hub.simulator.csc({ cnpj: customer.cnpj, uf: 'SP', ambiente: '2', id: String(Number(id)), csc: codigo });
}

/** The authorised XML, after xmlsec1 and the XSD have had their say, and what the QR code is made of. */
async function authorised(customer: Customer, view: DocumentView) {
  const xml = await customer.client.xml({ ...customer.docs, chave: String(view.chaveAcesso) });
  xmlsecVerifies(xml, hub.ca);
  const valid = validator.validate(xml, { familia: 'nfe', root: 'nfeProc', versao: '4.00', ambiente: '2', date: hub.now() });
  assert.deepEqual(valid, []);
  const { root } = parseXml(xml);
  const text = (path: string) => textAt(root, `NFe/${path}`) ?? '';
  assert.equal(text('infNFeSupl/urlChave'), URL_CHAVE);
  return {
    chave: String(view.chaveAcesso),
    qr: text('infNFeSupl/qrCode'),
    digest: text('Signature/SignedInfo/Reference/DigestValue'),
    certificate: text('Signature/KeyInfo/X509Data/X509Certificate'),
    vNF: text('infNFe/total/ICMSTot/vNF'),
    dia: text('infNFe/ide/dhEmi').slice(8, 10),
  };
}

/** A PNG of one point. */
const LOGO = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR42mP4z8AAAAMBAQAY3Y2wAAAAAElFTkSuQmCC';
const textOf = (pdf: Buffer) => execFileSync('pdftotext', ['-raw', '-enc', 'UTF-8', '-', '-'], { input: pdf, encoding: 'utf8' });
const sha1 = (text: string) => createHash('sha1').update(text).digest('hex').toUpperCase();
const sent = async (customer: Customer, numero: number) =>
  (await hub.simulator.calls({ numero, cnpj: customer.cnpj, service: AUTHORIZE })).length;
const nfce = await newCustomer(hub, { cnpj: '11222333000181', modelo: '65' });

test('without a CSC an NFC-e is authorised with QR code 3: the key and nothing else', async () => {
  await nfce.emit({ numero: 1 });
  const note = await authorised(nfce, await nfce.untilStatus(1, 'Autorizada'));
  assert.equal(note.chave.slice(20, 22), '65');
  assert.equal(note.qr, `${BASE}?p=${note.chave}|3|2`);
});

test('its paper, its commands for the till and a preview come over HTTP, with the logo of the company', async () => {
  const logo = join(dir, 'logo.png');
  writeFileSync(logo, Buffer.from(LOGO, 'base64'));
  malote(nfce, ['company', 'set'], '--logo', logo);
  const bytesOf = async (answer: Response) => {
    assert.equal(answer.status, 200, `${answer.url}: ${answer.status}`);
    return Buffer.from(await answer.arrayBuffer());
  };
  const { chaveAcesso, protocolo } = await nfce.view(1);
  const papers = await Promise.all(
    [`/${hub.now().getFullYear()}/1/1`, `/${chaveAcesso}`].map((path) => nfce.get(`${nfce.path}${path}.pdf`)),
  );
  const [byNumber, byKey] = await Promise.all(papers.map(bytesOf));
  assert.ok(byNumber && byKey?.equals(byNumber));
  const text = textOf(byNumber);
  for (const wanted of [String(chaveAcesso).match(/.{4}/g)?.join(' '), protocolo, URL_CHAVE])
    assert.ok(text.includes(String(wanted)), text);
  const images = execFileSync('pdfimages', ['-list', '-'], { input: byNumber, encoding: 'utf8' });
  assert.equal(images.trim().split('\n').length, 3, images);

  const till = (await bytesOf(await nfce.get(`${nfce.path}/${chaveAcesso}.escpos`))).toString('latin1');
  assert.ok(till.includes(`${BASE}?p=${chaveAcesso}|3|2`) && till.includes(String(protocolo)));

  const previewed = await fetch(`${hub.url()}${nfce.path}/previa`, {
    method: 'POST',
    body: nfce.note({ numero: 90 }),
    headers: { 'x-auth-token': nfce.session, 'content-type': 'application/xml' },
  });
  assert.match(textOf(await bytesOf(previewed)), /PRÉVIA - SEM VALOR FISCAL/);
  await assert.rejects(nfce.view(90), { codigo: 'documento-desconhecido' });
});

test('off-line with QR code 3 the parameters are signed by the certificate of the note', async () => {
  const cpf = sampleCpf(5);
  await nfce.emit({ numero: 2, ...OFFLINE(), dest: { cpf } });
  const note = await authorised(nfce, await nfce.untilStatus(2, 'Autorizada'));
  const signed = `${note.chave}|3|2|${note.dia}|${note.vNF}|2|${cpf}`;
  assert.ok(note.qr.startsWith(`${BASE}?p=${signed}|`), note.qr);
  const { publicKey } = new X509Certificate(Buffer.from(note.certificate, 'base64'));
  const signature = note.qr.slice(BASE.length + 3 + signed.length + 1);
  assert.ok(createVerify('sha1').update(signed).verify(publicKey, signature, 'base64'));
});

test('an NF-e with tpImp 6 carries QR code 3 on the addresses of the NFC-e', async () => {
  const nfe = await newCustomer(hub, { cnpj: '45543915000181' });
  await nfe.emit({ numero: 1, tpImp: '6' });
  const note = await authorised(nfe, await nfe.untilStatus(1, 'Autorizada'));
  assert.equal(note.qr, `${BASE}?p=${note.chave}|3|2`);
  await nfe.emit({ numero: 2 });
  const plain = await nfe.untilStatus(2, 'Autorizada');
  assert.doesNotMatch(String(plain.conteudo), /infNFeSupl/);
});

test('with a CSC put by `malote csc put` the QR code is 2, on-line and off-line, and the code is nowhere to be seen', async () => {
  await putCsc(nfce);
  assert.match(malote(nfce, ['csc', 'list'], '--ambiente', 'hom'), /^7\t/);
  await nfce.emit({ numero: 10 });
  const online = await authorised(nfce, await nfce.untilStatus(10, 'Autorizada'));
  const parts = `${online.chave}|2|2|7`;
  assert.equal(online.qr, `${BASE}?p=${parts}|${sha1(parts + CSC.codigo)}`);

  await nfce.emit({ numero: 11, ...OFFLINE() });
  const offline = await authorised(nfce, await nfce.untilStatus(11, 'Autorizada'));
  const hex = [...offline.digest].map((c) => c.charCodeAt(0).toString(16)).join('');
  const more = `${offline.chave}|2|2|${offline.dia}|${offline.vNF}|${hex}|7`;
  assert.equal(offline.qr, `${BASE}?p=${more}|${sha1(more + CSC.codigo)}`);

  const seen = [hub.service('edge'), hub.service('emission')].flatMap(({ lines }) => lines.map((line) => JSON.stringify(line)));
  const stored = JSON.stringify(await Promise.all(['csc', 'documentos'].map((name) => hub.raw.collection(name).find().toArray())));
  assert.equal(seen.join('').includes(CSC.codigo) || stored.includes(CSC.codigo), false);
});

test('the version and the addresses of a company go before the rules', async () => {
  // SEFAZ compares the base without regard to case, so that only ours tells whose it is.
  const own = BASE.replace('www.', 'WWW.');
  malote(nfce, ['company', 'set'], '--qr-version', '3', '--ambiente', 'hom', '--urls', `${own},${URL_CHAVE}`);
  await nfce.emit({ numero: 20 });
  const note = await authorised(nfce, await nfce.untilStatus(20, 'Autorizada'));
  assert.equal(note.qr, `${own}?p=${note.chave}|3|2`);
  malote(nfce, ['company', 'set'], '--qr-version', 'auto', '--ambiente', 'hom', '--urls', 'padrao');
  await nfce.emit({ numero: 21 });
  assert.match((await authorised(nfce, await nfce.untilStatus(21, 'Autorizada'))).qr, /^https:\/\/www\.[^|]*\|2\|2\|7\|/);
});

test('asked for version 2 without a CSC, nothing is sent, the number is free, and the same post succeeds once there is one', async () => {
  const customer = await newCustomer(hub, { cnpj: '12ABC34501DE35', modelo: '65' });
  malote(customer, ['company', 'set'], '--qr-version', '2');
  const xml = customer.note({ numero: 1 });
  await customer.post(xml);
  const refused = await customer.untilStatus(1, 'Rejeitada');
  assert.equal(refused.faults[0]?.code, 'csc-ausente');
  assert.match(String(refused.faults[0]?.message), /malote csc put/);
  assert.equal(await sent(customer, 1), 0);
  await putCsc(customer);
  assert.equal((await customer.post(xml)).status, 202);
  const view = await customer.untilStatus(1, 'Autorizada');
  assert.match((await authorised(customer, view)).qr, new RegExp(`\\?p=${view.chaveAcesso}\\|2\\|2\\|7\\|[0-9A-F]{40}$`));
});

test('one that is too old when it is posted ends Rejeitada, nothing is sent, and its number is authorised with a new dhEmi', async () => {
  await nfce.emit({ numero: 30, dhEmi: isoOf(-5 * MINUTE - 1_000) });
  const view = await nfce.untilStatus(30, 'Rejeitada');
  assert.equal(view.faults[0]?.code, 'nfce-expirada');
  assert.equal(view.tentativas, 0);
  await nfce.emit({ numero: 30 });
  await nfce.untilStatus(30, 'Autorizada');
  assert.equal(await sent(nfce, 30), 1);
});

test('without contingência one that waits too long for a stopped worker, or for a broker that is away, ends the same way', async () => {
  await nfce.client.putContingencia({ modelos: { '65': { modo: 'desligado' } } });
  await hub.stop('emission');
  await nfce.emit({ numero: 31 });
  hub.advance(5 * MINUTE + 1_000);
  await hub.start('emission');
  assert.equal((await nfce.untilStatus(31, 'Rejeitada')).faults[0]?.code, 'nfce-expirada');

  const broker = new URL(String(hub.env.MALOTE_RABBITMQ_URL));
  const proxy = await startChaosProxy({ targetPort: Number(broker.port) });
  after(() => proxy.close());
  broker.port = String(proxy.port);
  await hub.stop('emission');
  await hub.start('emission', { MALOTE_RABBITMQ_URL: broker.href });
  await proxy.setMode('refuse');
  proxy.cut();
  await nfce.emit({ numero: 32 });
  hub.advance(5 * MINUTE + 1_000);
  assert.equal((await nfce.view(32)).status, 'Em processamento');
  await proxy.setMode('pass');
  assert.equal((await nfce.untilStatus(32, 'Rejeitada', 40_000)).faults[0]?.code, 'nfce-expirada');
  for (const numero of [31, 32]) assert.equal(await sent(nfce, numero), 0);
  await nfce.client.removeContingencia({});
  await hub.stop('emission');
  await hub.start('emission');
});

test('one whose fate is unknown past its moment is only asked for, and given up after an hour and two absences; its number is free', async () => {
  await hub.simulator.fault({ fault: 'reset-after-read', match: { service: AUTHORIZE, numero: 40 }, times: 1 });
  await hub.simulator.fault({ fault: 'cstat-999', match: { service: CONSULT, numero: 40 }, times: 1 });
  const begun = hub.now().getTime();
  await nfce.emit({ numero: 40 });
  // The time of each consult is jumped to, once the one before it is stored.
  const resting = async () => {
    const row = await hub.raw.collection('documentos').findOne({ emitente: nfce.cnpj, modelo: '65', numero: 40 });
    const waits = row?.nextAt > hub.now() && row?.attempts.length > 1 && row?.attempts.every(({ endedAt }: { endedAt?: Date }) => endedAt);
    return row && (row.state === 'rejected' || waits) ? row : null;
  };
  for (let row = await eventually(resting); row.state !== 'rejected'; row = await eventually(resting)) {
    assert.equal(row.state, 'uncertain');
    // Past the moment at once: an absence in time would be followed by the same bytes.
    hub.advance(Math.max(row.nextAt - hub.now().getTime(), begun + 5 * MINUTE - hub.now().getTime()) + 1_000);
  }
  assert.ok(hub.now().getTime() - begun >= 60 * MINUTE);
  const absences = (await hub.simulator.calls({ numero: 40, service: CONSULT })).filter(({ cStat }) => cStat === '217');
  assert.ok(absences.length >= 2, `${absences.length} absences`);
  const view = await nfce.untilStatus(40, 'Rejeitada');
  assert.equal(view.faults[0]?.code, 'nfce-expirada');
  assert.equal(await sent(nfce, 40), 1, 'never sent again');
  await nfce.emit({ numero: 40 });
  assert.equal(
    (await nfce.untilStatus(40, 'Autorizada')).chaveAcesso,
    view.chaveAcesso,
    'with the same key: no second note can come of it',
  );
  assert.equal(await hub.simulator.doubled(), 0);
});
