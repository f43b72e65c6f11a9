import { buildChave } from '@malote/fiscal/chave/chave-acesso';
import { sampleNfe } from '@malote/testkit/sample-nfe';
import { postXml, type RunningEdge } from './running-edge.ts';

/** Posts an NF-e of SP and makes it what emission would: authorised, with its XML. @returns its key. */
export async function authorizedDocument(
  edge: RunningEdge,
  { cnpj, numero, session }: { cnpj: string; numero: number; session: string },
): Promise<string> {
  const url = `${edge.url}/api/empresas/${cnpj}/docs/hom/55`;
  const posted = await postXml(url, session, sampleNfe({ cnpj, numero, dhEmi: '2026-11-21T10:00:00-03:00' }));
  if (posted.status !== 202) throw new Error(`the note was answered ${posted.status}: ${await posted.text()}`);
  const stored = await edge.store.documentos.findById(`${cnpj}.2.55.35.001.${String(numero).padStart(9, '0')}`);
  if (!stored) throw new Error('the note is not stored');
  const parts = {
    cUF: '35',
    aamm: '2611',
    documento: cnpj,
    modelo: '55',
    serie: '1',
    numero: String(numero),
    tpEmis: '1',
    cNF: '00000042',
  } as const;
  const chave = buildChave(parts);
  const produtos = Array.from(
    { length: 20 },
    (_, i) => `<det nItem="${i + 1}"><prod><xProd>Produto ${i} da nota</xProd></prod></det>`,
  ).join('');
  const infNFe = `<infNFe Id="NFe${chave}" versao="4.00">${produtos}á</infNFe>`;
  const signed = `<NFe xmlns="http://www.portalfiscal.inf.br/nfe">${infNFe}</NFe>`;
  const protocolo = `<protNFe versao="4.00"><infProt><chNFe>${chave}</chNFe><cStat>100</cStat></infProt></protNFe>`;
  const conteudo = await edge.store.conteudos.put(Buffer.from(signed), { emitente: cnpj, aamm: '2611' });
  const retorno = { class: 'authorized', cStat: '100', xMotivo: 'Autorizado o uso da NF-e', nProt: '135260000000001', protocolo } as const;
  await edge.store.documentos.transition(stored, {
    ...{ state: 'authorized', chave, tpEmis: '1', conteudo, nextAt: undefined, nextAction: undefined },
    retorno: { ...retorno, dhRecbto: '2026-11-21T10:00:02-03:00' },
  });
  return chave;
}
