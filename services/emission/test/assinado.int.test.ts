import assert from 'node:assert/strict';
import { test } from 'node:test';
import { prepare } from '@malote/fiscal/emission/prepare';
import { parseXml } from '@malote/fiscal/xml/parse';
import { signXml } from '@malote/fiscal/xml/sign';
import { readPfx } from '@malote/sefaz/pfx';
import { createCa, issueCompanyPfx } from '@malote/testkit/certificates';
import { sampleNfce } from '@malote/testkit/sample-nfce';
import { CNPJ, fakeAutorizador, openNotaScene } from './nota-scene.ts';

const scene = await openNotaScene();
const { clock, store } = scene;
let numero = 0;

/** As a till signs it: with a certificate of its own of the same company. */
function signed({ cnpj = CNPJ, edit = (xml: string) => xml, supl = true } = {}) {
  const dhCont = '2026-01-01T00:00:00-03:00';
  const options = { cnpj: CNPJ, uf: 'SP', ie: '110042490114', numero: ++numero, dhEmi: clock.now(), tpEmis: '9' } as const;
  const text = sampleNfce({ ...options, contingencia: { dhCont, xJust: 'Sem conexao com a internet' } });
  const prepared = prepare({ text, layout: 'sefaz', tpEmis: '9', cNF: '50162840' });
  assert.ok(prepared.ok);
  const { pfx, senha } = issueCompanyPfx(createCa(), { cnpj, razaoSocial: 'CAIXA', senha: 's' });
  const { xml } = signXml(prepared.xml, { element: 'infNFe' }, readPfx(pfx, senha));
  const qr = '<infNFeSupl><qrCode><![CDATA[https://x?p=1]]></qrCode><urlChave>https://x</urlChave></infNFeSupl>';
  return { xml: edit(supl ? xml.replace('</infNFe>', `</infNFe>${qr}`) : xml), chave: prepared.chave };
}

test('signed by a till off line: handed over with its own bytes and key, which are then transmitted', async () => {
  const sefaz = fakeAutorizador(clock);
  const { xml, chave } = signed();
  const issued = await scene.handle(await scene.postXml(`<?xml version="1.0" encoding="UTF-8"?>${xml}`), sefaz);
  assert.deepEqual([issued.state, issued.chave, issued.faults, issued.certificado], ['issued', chave, [], undefined]);
  assert.equal(String(await store.conteudos.get(issued.conteudo ?? '')), xml);
  assert.equal(issued.digest, /<DigestValue>(.*?)<\/DigestValue>/.exec(xml)?.[1]);
});

test('a signed body that is not as SEFAZ takes it is refused by a fault that says what, and nothing of it is kept', async () => {
  const cases: [string, Parameters<typeof signed>[0], string][] = [
    ['changed after it was signed', { edit: (xml) => xml.replace(/<xProd>[^<]*/, '<xProd>OUTRO') }, 'EMI-038'],
    ['signed with the certificate of another company', { cnpj: '99888777000100' }, 'EMI-050'],
    ['without its QR code', { supl: false }, 'EMI-040'],
    ['indented', { edit: (xml) => xml.replace('<infNFeSupl>', '\n<infNFeSupl>') }, 'EMI-039'],
    ['inside a lote that declares the namespace', { edit: inLote }, 'EMI-039'],
  ];
  for (const [name, options, code] of cases) {
    const { xml } = signed(options);
    const refused = await scene.handle(await scene.postXml(xml), fakeAutorizador(clock));
    const codes = refused.faults.map((fault) => fault.code);
    assert.deepEqual([refused.state, codes, refused.conteudo], ['invalid', [code], undefined], name);
  }
});

function inLote(xml: string): string {
  const NS = 'http://www.portalfiscal.inf.br/nfe';
  const lote = `<enviNFe xmlns="${NS}" versao="4.00"><idLote>1</idLote><indSinc>1</indSinc>${xml.replace(` xmlns="${NS}"`, '')}</enviNFe>`;
  assert.equal(parseXml(lote).root.local, 'enviNFe');
  return lote;
}
