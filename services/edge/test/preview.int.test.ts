import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { systemClock } from '@malote/runtime/clock';
import { sampleCnpj } from '@malote/testkit/sample-cnpj';
import { sampleNfce } from '@malote/testkit/sample-nfce';
import { type SampleNfeOptions, sampleNfe } from '@malote/testkit/sample-nfe';
import { postXml, problemOf, type RunningEdge, runEdge } from './running-edge.ts';

const CNPJ = sampleCnpj(91);
let edge: RunningEdge;
let session: string;

before(async () => {
  edge = await runEdge('preview');
  session = await edge.signIn(await edge.account(CNPJ));
});
after(() => edge.stop());

const sample = (options: Partial<SampleNfeOptions> = {}) => sampleNfe({ cnpj: CNPJ, numero: 4711, dhEmi: systemClock.now(), ...options });
const preview = (path: string, xml: string) => postXml(`${edge.url}/api/empresas/${CNPJ}/docs/hom/${path}`, session, xml);

async function textOf(answer: Response): Promise<string> {
  const bytes = Buffer.from(await answer.arrayBuffer());
  assert.equal(answer.status, 200, bytes.toString('latin1').slice(0, 500));
  return execFileSync('pdftotext', ['-raw', '-enc', 'UTF-8', '-', '-'], { input: bytes, encoding: 'utf8' });
}

test('an NF-e is seen as its DANFE, marked, and nothing is stored', async () => {
  const answer = await preview('55/previa', sample({ itens: 3 }));
  assert.deepEqual(
    ['content-type', 'content-disposition', 'cache-control', 'etag'].map((name) => answer.headers.get(name)),
    ['application/pdf', 'inline; filename="previa-1-4711.pdf"', 'no-store', null],
  );
  const text = await textOf(answer);
  for (const wanted of [/PRÉVIA DE DOCUMENTO AINDA NÃO EMITIDO - SEM VALOR FISCAL/, /000\.004\.711/, /FOLHA 1\/1/])
    assert.match(text, wanted);
  assert.doesNotMatch(text, /\d{4} \d{4} \d{4} \d{4}/, 'a key that nobody has');
  const list = await fetch(`${edge.url}/api/empresas/${CNPJ}/docs/hom/55`, { headers: { 'x-auth-token': session } });
  assert.equal(((await list.json()) as { totalElementos: number }).totalElementos, 0);
  assert.equal(await edge.store.oldestOutboxAge(), 0);
});

test('an NFC-e is seen as its roll, without a place for the key it does not have', async () => {
  const nfce = sampleNfce({ cnpj: CNPJ, numero: 1, dhEmi: systemClock.now(), itens: 2 });
  const text = await textOf(await preview('65/previa', nfce));
  assert.match(text, /PRÉVIA - SEM VALOR FISCAL/);
  assert.doesNotMatch(text, /Consulte pela Chave/);
});

test('the form and the layout may be chosen, as at the emission and at the PDF', async () => {
  assert.match(await textOf(await preview('55/previa?formato=etiqueta&layout=oobj', sample({ namespace: 'oobj' }))), /Etiqueta/);
  assert.equal((await problemOf(await preview('65/previa?formato=paisagem', sample()))).codigo, 'modelo-divergente');
});

test('what emission would refuse is a list of faults', async () => {
  const problem = await problemOf(await preview('55/previa', sample({ dhEmi: '2026-01-02T10:00:00-03:00', serie: 900 })));
  assert.deepEqual([problem.status, problem.codigo], [400, 'conteudo-invalido']);
  assert.deepEqual(
    (problem.faults as { code: string }[]).map(({ code }) => code),
    ['EMI-054', 'EMI-061'],
  );
  assert.match(problem.detail, /e mais 1; veja "faults"/);
});

test('what the path does not say, and what is no note, is refused as at the emission', async () => {
  const refused: [string, string, string][] = [
    ['55/previa', '<a/>', 'raiz-invalida'],
    ['55/previa', sample({ cnpj: sampleCnpj(92) }), 'empresa-divergente'],
    ['65/previa', sample(), 'modelo-divergente'],
    ['57/previa', sample(), 'modelo-nao-suportado'],
    ['55/previa?largura=1', sample(), 'parametro-invalido'],
  ];
  for (const [path, xml, codigo] of refused) assert.equal((await problemOf(await preview(path, xml))).codigo, codigo);
  const stranger = await edge.signIn(await edge.account(sampleCnpj(93)));
  const theirs = await postXml(`${edge.url}/api/empresas/${CNPJ}/docs/hom/55/previa`, stranger, sample());
  assert.equal((await problemOf(theirs)).codigo, 'empresa-desconhecida');
});

test('a note of which only the identity is written is drawn with what it has', async () => {
  const bare = sample()
    .replace(/<dest>.*<\/transp>/s, '')
    .replace(/<pag>.*<\/infNFe>/s, '</infNFe>')
    .replace(/<enderEmit>.*<\/enderEmit>/s, '');
  for (const formato of ['retrato', 'paisagem', 'simplificado', 'etiqueta', 'cupom']) {
    const text = await textOf(await preview(`55/previa?formato=${formato}`, bare));
    assert.match(text, /SEM\s+VALOR FISCAL/);
  }
});
