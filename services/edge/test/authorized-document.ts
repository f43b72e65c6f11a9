import { buildChave } from '@malote/fiscal/chave/chave-acesso';
import type { DocumentState } from '@malote/fiscal/emission/lifecycle-state';
import type { Documento } from '@malote/store/documento';
import { sampleNfce } from '@malote/testkit/sample-nfce';
import { sampleNfe } from '@malote/testkit/sample-nfe';
import { postXml, type RunningEdge } from './running-edge.ts';

export interface MadeDocument {
  cnpj: string;
  numero: number;
  session: string;
  modelo?: '55' | '65';
  tpEmis?: '1' | '4' | '9';
  contingencia?: Documento['contingencia'];
  /** Where emission left it; default `authorized`. Only what has been answered has a protocol. */
  state?: DocumentState;
  itens?: number;
}

const CNF = '00000042';
const CONTINGENCIA = { dhCont: '2026-11-21T09:00:00-03:00', xJust: 'Sem acesso à internet no caixa' };
const ANSWERED: ReadonlySet<DocumentState> = new Set(['authorized', 'cancelled', 'denied']);

/** Posts a note of SP and makes it what emission would: by default authorised, with its XML. @returns its key. */
export async function authorizedDocument(edge: RunningEdge, made: MadeDocument): Promise<string> {
  const { cnpj, numero, session, modelo = '55', tpEmis = '1', state = 'authorized', itens = 3 } = made;
  const contingencia = tpEmis === '1' ? {} : { contingencia: CONTINGENCIA };
  const sample = { cnpj, numero, dhEmi: '2026-11-21T10:00:00-03:00', itens, ...contingencia };
  const write = modelo === '65' ? sampleNfce : sampleNfe;
  const posted = await postXml(`${edge.url}/api/empresas/${cnpj}/docs/hom/${modelo}`, session, write({ ...sample, tpEmis }));
  if (posted.status !== 202) throw new Error(`the note was answered ${posted.status}: ${await posted.text()}`);
  const stored = await edge.store.documentos.findById(`${cnpj}.2.${modelo}.35.001.${String(numero).padStart(9, '0')}`);
  if (!stored) throw new Error('the note is not stored');
  const parts = { cUF: '35', aamm: '2611', documento: cnpj, modelo, serie: '1', numero: String(numero), tpEmis, cNF: CNF };
  const chave = buildChave(parts);
  const qrCode = `<infNFeSupl><qrCode>https://www.nfce.fazenda.sp.gov.br/qrcode?p=${chave}|3|2</qrCode><urlChave>www.nfce.fazenda.sp.gov.br</urlChave></infNFeSupl>`;
  const signed = write({ ...sample, tpEmis, cNF: CNF })
    .replace('<infNFe ', `<infNFe Id="NFe${chave}" `)
    .replace('</infNFe>', `</infNFe>${modelo === '65' ? qrCode : ''}`);
  const conteudo = await edge.store.conteudos.put(Buffer.from(signed), { emitente: cnpj, aamm: '2611' });
  await edge.store.documentos.transition(stored, {
    ...{ state, chave, tpEmis, conteudo, nextAt: undefined, nextAction: undefined },
    ...(made.contingencia ? { contingencia: made.contingencia } : {}),
    ...(ANSWERED.has(state) ? { retorno: retornoOf(chave, state) } : {}),
  });
  return chave;
}

function retornoOf(chave: string, state: DocumentState) {
  const cStat = state === 'denied' ? '302' : '100';
  const xMotivo = state === 'denied' ? 'Uso Denegado: Irregularidade fiscal do destinatario' : 'Autorizado o uso da NF-e';
  const [nProt, dhRecbto] = ['135260000000001', '2026-11-21T10:00:02-03:00'];
  const protocolo =
    `<protNFe versao="4.00"><infProt><chNFe>${chave}</chNFe><dhRecbto>${dhRecbto}</dhRecbto><nProt>${nProt}</nProt>` +
    `<cStat>${cStat}</cStat><xMotivo>${xMotivo}</xMotivo></infProt></protNFe>`;
  return { class: state === 'denied' ? 'denied' : 'authorized', cStat, xMotivo, nProt, protocolo, dhRecbto } as const;
}
