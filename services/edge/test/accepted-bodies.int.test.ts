import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { buildChave } from '@malote/fiscal/chave/chave-acesso';
import { sampleCnpj } from '@malote/testkit/sample-cnpj';
import { sampleNfce } from '@malote/testkit/sample-nfce';
import { sampleNfe } from '@malote/testkit/sample-nfe';
import { postXml, problemOf, type RunningEdge, runEdge } from './running-edge.ts';

const CNPJ = sampleCnpj(81);
const DH_EMI = '2026-11-21T10:00:00-03:00';
const NAMESPACES = { sefaz: 'http://www.portalfiscal.inf.br/nfe', oobj: 'http://www.oobj.com.br/nfe' };
const LAYOUTS = ['sefaz', 'oobj'] as const;
const MODELOS = { '55': sampleNfe, '65': sampleNfce };

let edge: RunningEdge;
let session: string;
const docs = (modelo: string) => `${edge.url}/api/empresas/${CNPJ}/docs/hom/${modelo}`;

before(async () => {
  edge = await runEdge('accepted');
  session = await edge.signIn(await edge.account(CNPJ));
});
after(() => edge.stop());

const PREFIXED = 'enviNFe with a prefix';
/** What an ERP may wrap around a note. */
const FORMS: Record<string, (note: string, namespace: string) => string> = {
  NFe: (note) => note,
  'NFe with declaration': (note) => `<?xml version="1.0" encoding="UTF-8"?>\n${note}`,
  'NFe after a byte order mark': (note) => `\uFEFF${note}`,
  enviNFe: (note, ns) => `<enviNFe xmlns="${ns}" versao="4.00"><idLote>1</idLote><indSinc>1</indSinc>${note}</enviNFe>`,
  'enviNFe whose note has no namespace of its own': (note, ns) =>
    `<enviNFe xmlns="${ns}" versao="4.00"><idLote>000000000000001</idLote>${note.replace(` xmlns="${ns}"`, '')}</enviNFe>`,
  [PREFIXED]: (note, ns) => `<n:enviNFe xmlns:n="${ns}" versao="4.00"><n:idLote>1</n:idLote>${note}</n:enviNFe>`,
};

const SERIE = '7';
let next = 0;

test('every root of a model that is emitted is taken in both namespaces, and found in every form of its path', async () => {
  for (const [modelo, sample] of Object.entries(MODELOS)) {
    for (const layout of LAYOUTS) {
      for (const [form, wrap] of Object.entries(FORMS)) {
        next += 1;
        const name = `${modelo} ${layout} ${form}`;
        const namespace = NAMESPACES[layout];
        const note = sample({ cnpj: CNPJ, numero: next, serie: 7, dhEmi: DH_EMI }).replace(NAMESPACES.sefaz, namespace);
        const answer = await postXml(`${docs(modelo)}?layout=${layout}`, session, wrap(note, namespace));
        assert.equal(answer.status, 202, `${name}: ${await answer.clone().text()}`);
        assert.equal(answer.headers.get('location'), `/api/empresas/${CNPJ}/docs/hom/${modelo}/2026/7/${next}`);
        const posted = await answer.json();
        const numero = String(next).padStart(9, '0');
        const id = `${CNPJ}.2.${modelo}.35.007.${numero}`;
        const stored = await edge.store.documentos.findById(id);
        assert.deepEqual([stored?.layout, stored?.modelo], [layout, modelo], name);
        for (const ano of ['2026', '26']) {
          for (const serie of ['7', '07', '007']) {
            for (const padded of [String(next), `0${next}`, numero]) {
              const found = await fetch(`${docs(modelo)}/${ano}/${serie}/${padded}`, { headers: { 'x-auth-token': session } });
              assert.deepEqual(await found.json(), posted, `${name} ${ano}/${serie}/${padded}`);
            }
          }
        }
      }
    }
  }
});

test('the same note in another wrapping is the same content', async () => {
  const note = sampleNfe({ cnpj: CNPJ, numero: 900, dhEmi: DH_EMI });
  for (const [form, wrap] of Object.entries(FORMS)) {
    // A prefix that is declared around the note is part of its canonical form, used or not (C14N 1.0), so of its content.
    if (form === PREFIXED) continue;
    assert.equal((await postXml(docs('55'), session, wrap(note, NAMESPACES.sefaz))).status, 202, form);
  }
  assert.equal((await edge.store.documentos.findById(`${CNPJ}.2.55.35.001.000000900`))?.version, 1);
});

test('a note with a key is found by it, in either model, and only in its own', async () => {
  for (const modelo of ['55', '65'] as const) {
    const numero = 950;
    const note = MODELOS[modelo]({ cnpj: CNPJ, numero, serie: 7, dhEmi: DH_EMI });
    assert.equal((await postXml(docs(modelo), session, note)).status, 202);
    const stored = await edge.store.documentos.findById(`${CNPJ}.2.${modelo}.35.007.000000950`);
    assert.ok(stored);
    const parts = {
      cUF: '35',
      aamm: '2611',
      documento: CNPJ,
      modelo,
      serie: SERIE,
      numero: String(numero),
      tpEmis: '1',
      cNF: '00000042',
    } as const;
    const chave = buildChave(parts);
    await edge.store.documentos.transition(stored, { chave });
    const get = (path: string) => fetch(path, { headers: { 'x-auth-token': session } });
    const expected = await (await get(`${docs(modelo)}/2026/7/950`)).json();
    for (const path of [`${docs(modelo)}/${chave}`, `${docs(modelo)}/${chave}/`])
      assert.deepEqual(await (await get(path)).json(), expected);
    const elsewhere = await problemOf(await get(`${docs(modelo === '55' ? '65' : '55')}/${chave}`));
    assert.equal(elsewhere.codigo, 'documento-desconhecido');
  }
});

/** Roots of the models that are not emitted yet, each with its namespace. */
const LATER: [modelo: string, root: string, namespace: string][] = [
  ['57', 'CTe', 'cte'],
  ['57', 'enviCTe', 'cte'],
  ['57', 'CTeSimp', 'cte'],
  ['67', 'CTeOS', 'cte'],
  ['58', 'MDFe', 'mdfe'],
  ['58', 'enviMDFe', 'mdfe'],
];

test('every root of a model that is not emitted yet is told so plainly, in both namespaces', async () => {
  for (const [modelo, root, familia] of LATER) {
    for (const layout of LAYOUTS) {
      const namespace = layout === 'sefaz' ? `http://www.portalfiscal.inf.br/${familia}` : NAMESPACES.oobj;
      const problem = await problemOf(
        await postXml(`${docs(modelo)}?layout=${layout}`, session, `<${root} xmlns="${namespace}" versao="4.00"/>`),
      );
      assert.deepEqual([problem.status, problem.codigo], [400, 'modelo-nao-suportado'], `${root} ${layout}`);
      assert.match(problem.detail, new RegExp(modelo));
    }
  }
});
