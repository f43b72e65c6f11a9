import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { issueCompanyPfx } from '@malote/testkit/certificates';
import { eventually } from '@malote/testkit/eventually';
import { sampleNfce } from '@malote/testkit/sample-nfce';
import { describedOperations, type Operation } from './api-description.ts';
import { signIn } from './customer.ts';
import type { Hub } from './hub.ts';
import { malote } from './malote.ts';

const IE = '110042490114';
const WAIT = { prefer: 'wait=30' };

/** An account with all that the hub keeps for one, each secret with a text that is nowhere else. */
export interface FullAccount {
  cnpj: string;
  conta: string;
  token: string;
  session: string;
  operations: Operation[];
  /** Id of a request to block entities. */
  pedido: string;
  /** What no other account may ever read. */
  marks: Record<string, string>;
  /** What nobody may see; `keys` as PKCS#8 DER. */
  secrets: { senha: string; csc: string[]; credenciais: string[]; tokens: string[]; keys: Buffer[]; issuedByOperator: string[] };
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>;
}

const text = (prefix: string) => `${prefix}${randomBytes(12).toString('hex')}`;

/** Uses everything: company, certificate and CSC by HTTP, notes, events, void numbers, entities and their TOKEN, the calls of the TSS. */
export async function fullAccount(hub: Hub, cnpj: string): Promise<FullAccount> {
  const { conta, token, secret } = JSON.parse(await malote(hub, 'account', 'create', '--name', text('Cliente '), '--json'));
  const rotated = await hub.store.credenciais.rotate(token, { anteriorAte: new Date(hub.now().getTime() + 3_600_000) });
  const session = await signIn(hub, token, rotated?.secret ?? '');
  const call: FullAccount['call'] = async (method, path, body, headers = {}) => {
    const json = body !== undefined && typeof body !== 'string' && !(body instanceof FormData);
    const type: Record<string, string> = json ? { 'content-type': 'application/json' } : {};
    const sent = json ? JSON.stringify(body) : (body as string | FormData | undefined);
    return fetch(`${hub.url()}${path}`, {
      method,
      headers: { 'x-auth-token': session, ...type, ...headers },
      ...(sent === undefined ? {} : { body: sent }),
    });
  };
  const good = async (asked: Promise<Response>): Promise<Record<string, unknown>> => {
    const answer = await asked;
    const said = await answer.text();
    assert.ok(answer.ok, `${answer.url} ${answer.status} ${said}`);
    return said.startsWith('{') ? JSON.parse(said) : {};
  };
  const operations = await describedOperations(hub.url(), cnpj);
  const exampleOf = (id: string, type: string) =>
    operations.find((one) => one.id === id)?.bodies.find((body) => body.type === type)?.text ?? assert.fail(`no example of ${id}`);

  const marks = { conta, token, razaoSocial: text('Razão '), contrato: text('C').slice(0, 20) };
  const empresa = `/api/empresas/${cnpj}`;
  const cadastro = {
    ...JSON.parse(exampleOf('gravarEmpresa', 'application/json')),
    razaoSocial: marks.razaoSocial,
    nfce: { qrVersion: '2' },
  };
  await good(call('PUT', empresa, cadastro));

  const senha = text('Senha-çã-');
  const keys: Buffer[] = [];
  const pfxOf = () => {
    const issued = issueCompanyPfx(hub.ca, { cnpj, razaoSocial: 'COMERCIAL EXEMPLO LTDA', senha });
    keys.push(derOf(issued.keyPem));
    return issued.pfx;
  };
  const form = new FormData();
  form.set('arquivo', new Blob([new Uint8Array(pfxOf())]), 'certificado.pfx');
  form.set('senha', senha);
  await good(call('PUT', `${empresa}/certificado`, form));
  await good(call('POST', `${empresa}/certificado?simular=true`, { conteudo: pfxOf().toString('base64'), senha }));
  for (const wrong of [
    { conteudo: pfxOf().toString('base64'), senha: `${senha}x` },
    { conteudo: keys[0]?.toString('base64'), senha },
  ])
    assert.equal((await call('PUT', `${empresa}/certificado`, wrong)).status, 400);

  const csc = [text('CSC-'), text('CSC-')];
  await good(call('POST', `${empresa}/csc`, { ambiente: 'hom', id: '1', codigo: csc[0] }));
  await good(call('PUT', `${empresa}/csc/1?ambiente=hom`, { codigo: csc[1] }));
  await hub.simulator.csc({ cnpj, uf: 'SP', ambiente: '2', id: '1', csc: csc[1] ?? '' });
  await good(call('GET', `${empresa}/certificado?testar=true`));

  const xml = { 'content-type': 'application/xml', ...WAIT };
  const docs = `${empresa}/docs/hom`;
  const note = await good(call('POST', `${docs}/55`, exampleOf('emitirDocumento', 'application/xml'), xml));
  assert.equal(note.status, 'Autorizada', JSON.stringify(note));
  const chave = operations.find(({ id }) => id === 'baixarEscposPorChave')?.parameters.chaveAcesso ?? '';
  const [serie, numero, cNF] = [Number(chave.slice(22, 25)), Number(chave.slice(25, 34)), chave.slice(35, 43)];
  const till = await good(call('POST', `${docs}/65`, sampleNfce({ cnpj, ie: IE, serie, numero, cNF, dhEmi: hub.now() }), xml));
  assert.deepEqual([till.status, till.chaveAcesso], ['Autorizada', chave], JSON.stringify(till));
  const correcao = { tipo: 'carta-correcao', correcao: text('Onde se lê A, leia-se ') };
  const evento = await good(call('POST', `${docs}/55/${note.chaveAcesso}/eventos`, correcao, WAIT));
  assert.equal(evento.status, 'Registrado', JSON.stringify(evento));
  const inutilizacao = exampleOf('inutilizar', 'application/json');
  await good(call('POST', `${empresa}/docs/inutilizacoes/hom/55`, JSON.parse(inutilizacao), WAIT));

  const modo = await hub.store.contingencias.obtain({ conta, modelo: '55', uf: 'SP', ambiente: 'hom' }, '');
  const drill = { id: operations.find(({ id }) => id === 'consultarSimulacao')?.parameters.simulacao ?? '', quem: token };
  await hub.store.contingencias.transition(modo, { simulacoes: [{ ...drill, desde: new Date(0), ate: new Date(1) }] });
  await good(call('PUT', `${empresa}/contingencia`, { justificativa: text('SEFAZ fora do ar ') }));

  const row = { tipopessoa: 2, cnpj, IE, UF: 'SP' };
  const block = (Parametro: 1 | 2) => call('POST', '/rest/RestAtBlqEnt', { contrato: marks.contrato, Empresas: [{ ...row, Parametro }] });
  await eventually(async () => (await hub.store.entidades.findByKey({ conta, documento: cnpj, uf: 'SP', ie: IE })).length > 0);
  const freed = (await good(block(2))) as unknown as { result: { Token?: string }[] };
  const pessoa = { empresa: { cnpj, tipopessoa: 2, ie: IE, uf: 'SP' } };
  const tokens = [freed.result[0]?.Token ?? assert.fail(JSON.stringify(freed))];
  for (const path of ['/rest/RestGetToken', '/rest/RestNewToken']) tokens.push(String((await good(call('POST', path, pessoa))).Token));
  const byEntity = await fetch(`${hub.url()}${docs}/55/${note.chaveAcesso}`, { headers: { CNPJ: cnpj, TOKEN: tokens[2] ?? '' } });
  assert.equal(byEntity.status, 200);
  assert.equal((await fetch(byEntity.url, { headers: { CNPJ: cnpj, TOKEN: tokens[0] ?? '' } })).status, 401);
  const setup = { registrationType: 1, registrationNumber: cnpj, ie: IE, uf: 'SP', companyName: marks.razaoSocial, countyCode: '3550308' };
  const a1 = { digitalCertificate: pfxOf().toString('base64'), password: senha, typeCert: 'A1' };
  await good(call('POST', '/rest/WSTSSSETUP/v1', { ...setup, branchName: 'Filial', ...a1, url: '' }));
  await good(block(1));
  const pedidos = await hub.raw.collection('bloqueios').find({ conta, kind: 'bloqueio' }).toArray();

  return {
    ...{ cnpj, conta, token, session, operations, marks, call },
    pedido: String(pedidos[0]?._id).slice(conta.length + 1),
    secrets: {
      senha: senha.slice('Senha-çã-'.length),
      csc,
      credenciais: [secret, rotated?.secret ?? ''],
      tokens: [...new Set(tokens)],
      keys,
      issuedByOperator: [],
    },
  };
}

function derOf(pem: string): Buffer {
  return Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64');
}
