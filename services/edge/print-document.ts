import { printEscpos } from '@malote/danfe/escpos';
import { FORMATOS, type Formato, isForA4Only, LARGURAS, type PaperWidth, printDanfe, SEM_SIMPLIFICADO } from '@malote/danfe/print-danfe';
import type { DocumentState } from '@malote/fiscal/emission/lifecycle-state';
import type { Documento } from '@malote/store/documento';
import type { Empresa } from '@malote/store/empresas';
import { type Eventos, eventoId } from '@malote/store/evento';
import Joi from 'joi';
import { answerPrint, ESCPOS } from './answer-print.ts';
import type { Exchange } from './exchange.ts';
import type { Locate } from './find-document.ts';
import type { Logos } from './logos.ts';
import { composeProc, hasProc, statusOf } from './present-document.ts';
import { procEventoOf } from './present-evento.ts';
import { Problem } from './problems.ts';

const ROLLS = [58, 80] as const;

const widthOf = (widths: readonly number[], description: string) =>
  Joi.number()
    .valid(...widths)
    .empty('')
    .description(description);

/** Query of every PDF of a document; the names are those of `malote danfe`. */
export const danfeQuery = Joi.object<{ formato?: Formato; largura?: PaperWidth }>({
  formato: Joi.string()
    .valid(...FORMATOS)
    .empty('')
    .description('Padrão: o do tpImp do documento. A NFC-e só tem `cupom`; `cupom` de uma NF-e é o DANFE Simplificado Tipo 2.'),
  largura: widthOf(LARGURAS, 'Papel de `cupom`, `simplificado` e `etiqueta`, em mm; 210 é A4. Padrão: 80, da etiqueta 100.'),
});

/** Query of the till's commands. */
export const escposQuery = Joi.object<{ largura?: 58 | 80 }>({
  largura: widthOf(ROLLS, 'Bobina em mm: 80 tem 48 colunas, 58 tem 32. Padrão: 80.'),
});

/** What a company says of its printed documents. */
export type PrintDefaults = Pick<Empresa, 'logo' | 'danfe'>;

export interface PrintDeps {
  findEmpresa(query: { conta: string; documento: string }): Promise<PrintDefaults | undefined>;
  logos: Logos;
  readConteudo(ref: string): Promise<Buffer | undefined>;
  eventos: Pick<Eventos, 'findById'>;
}

/** GET of a document's DANFE. */
export function createShowPdf(deps: PrintDeps, locate: Locate): (exchange: Exchange) => Promise<void> {
  return async (exchange) => {
    const { formato, largura } = exchange.query as { formato?: Formato; largura?: PaperWidth };
    const documento = await locate(exchange);
    checkFormato(documento, formato);
    const version = versionOf(documento);
    const { logo, danfe } = await defaultsOf(documento, deps);
    const cancelada = documento.state === 'cancelled';
    const { epec } = documento.contingencia ?? {};
    await answerPrint(exchange, {
      of: [...version, formato, largura, logo, danfe && JSON.stringify(danfe)],
      fileName: `danfe-${documento.chave}.pdf`,
      print: async () => {
        const parts = [printableXml(documento, deps), cancelamentoOf(documento, deps), deps.logos(logo)] as const;
        const [xml, cancelamento, picture] = await Promise.all(parts);
        return printDanfe(xml, { ...danfe, formato, largura, cancelada, cancelamento, epec, logo: picture });
      },
    });
  };
}

/** GET of the commands that a till sends to its printer. */
export function createShowEscpos(deps: PrintDeps, locate: Locate): (exchange: Exchange) => Promise<void> {
  return async (exchange) => {
    const { largura: asked } = exchange.query as { largura?: 58 | 80 };
    const documento = await locate(exchange);
    const version = versionOf(documento);
    const { danfe = {} } = await defaultsOf(documento, deps);
    const { semItens, vias } = danfe;
    const cancelada = documento.state === 'cancelled';
    const { epec } = documento.contingencia ?? {};
    const largura = asked ?? ROLLS.find((roll) => roll === danfe.larguraCupom);
    await answerPrint(exchange, {
      of: [...version, largura, semItens ? 'sem itens' : undefined, vias],
      fileName: `danfe-${documento.chave}.escpos`,
      type: ESCPOS,
      async print() {
        const [xml, cancelamento] = await Promise.all([printableXml(documento, deps), cancelamentoOf(documento, deps)]);
        return printEscpos(xml, { largura, semItens, vias, cancelada, cancelamento, epec });
      },
    });
  };
}

async function defaultsOf({ conta, empresa }: Documento, { findEmpresa }: PrintDeps): Promise<PrintDefaults> {
  return (await findEmpresa({ conta, documento: empresa })) ?? {};
}

/** The procEventoNFe of what cancelled the document: its protocolo and moment are printed. */
async function cancelamentoOf(documento: Documento, deps: PrintDeps): Promise<string | undefined> {
  if (!documento.cancelamento) return undefined;
  const evento = await deps.eventos.findById(eventoId({ documentoId: documento._id, ...documento.cancelamento }));
  return evento && procEventoOf(evento, deps.readConteudo);
}

/** Throws for what the paper of a model, or of a form of emission, is not. */
export function checkFormato({ modelo, tpEmis }: { modelo: string; tpEmis?: string }, formato: Formato | undefined): void {
  if (formato === 'simplificado' && isForA4Only({ tpEmis: tpEmis ?? '1' })) throw new Problem('parametro-invalido', SEM_SIMPLIFICADO);
  if (modelo !== '65' || formato === undefined || formato === 'cupom') return;
  const detail = `A NFC-e (modelo 65) só tem o formato "cupom"; o pedido foi "${formato}". Para A4 peça largura=210.`;
  throw new Problem('parametro-invalido', detail);
}

/**
 * Contingencies whose paper is handed over before SEFAZ has answered (MOC 7.0 Anexo III, Manual do DANFE NFC-e 6.0). The paper of an EPEC is
 * another one: only once it is registered.
 */
const BEFORE_THE_ANSWER: ReadonlySet<string> = new Set(['2', '5', '9']);
const UNANSWERED: ReadonlySet<DocumentState> = new Set<DocumentState>(['signed', 'issued', 'uncertain']);

/** The proc XML, or the signed XML of a contingency that is still to be transmitted. A document without any is refused before its tag is said. */
async function printableXml(documento: Documento, { readConteudo }: PrintDeps): Promise<string> {
  if (hasProc(documento)) return composeProc(documento, readConteudo);
  const signed = documento.conteudo === undefined ? undefined : await readConteudo(documento.conteudo);
  if (!signed) throw new Error(`content ${documento.conteudo} of ${documento._id} is missing`);
  return signed.toString('utf8');
}

function versionOf(documento: Documento): [string, number] {
  if (!isPrintable(documento)) throw notYet(documento);
  return [documento._id, documento.version];
}

function isPrintable(documento: Documento): boolean {
  if (hasProc(documento)) return true;
  if (documento.conteudo === undefined || !UNANSWERED.has(documento.state)) return false;
  const { tpEmis = '', contingencia } = documento;
  return tpEmis === '4' ? contingencia?.epec !== undefined : BEFORE_THE_ANSWER.has(tpEmis);
}

function notYet(documento: Documento): Problem {
  const { retorno } = documento;
  const rule =
    'o documento auxiliar só pode ser impresso depois da autorização, ou em contingência: off-line, FS-DA ou com o EPEC já registrado';
  const detail = `O documento não pode ser impresso: o status é "${statusOf(documento)}", e ${rule}.`;
  return new Problem('impressao-indisponivel', detail, retorno ? { cStat: retorno.cStat, xMotivo: retorno.xMotivo } : {});
}
