import { type Formato, type PaperWidth, printDanfe } from '@malote/danfe/print-danfe';
import type { Layout } from '@malote/fiscal/emission/identity';
import { previewOf } from '@malote/fiscal/emission/preview';
import type Joi from 'joi';
import { type AcceptDeps, checkEmitted, readPosted, unknownEmpresa } from './accept-document.ts';
import { answerPreview } from './answer-print.ts';
import { contaOf, type Exchange } from './exchange.ts';
import { faultsProblem } from './faults-problem.ts';
import { layoutQuery } from './layout-query.ts';
import { checkFormato, danfeQuery, type PrintDeps } from './print-document.ts';
import { Problem } from './problems.ts';

export type PreviewDeps = Pick<AcceptDeps, 'bodyLimitBytes'> & Pick<PrintDeps, 'findEmpresa' | 'logos'> & { now(): Date };

export const previewQuery = (layoutQuery as Joi.ObjectSchema).concat(danfeQuery);

/** POST of a document that is to be seen on paper before it is emitted: nothing is stored, no number is taken. */
export function createPreviewDocument(deps: PreviewDeps): (exchange: Exchange) => Promise<void> {
  return async (exchange) => {
    const { params } = exchange;
    const { layout, formato, largura } = exchange.query as { layout: Layout; formato?: Formato; largura?: PaperWidth };
    checkEmitted(params);
    const empresa = await deps.findEmpresa({ conta: contaOf(exchange), documento: params.empresa ?? '' });
    if (!empresa) throw unknownEmpresa(params);
    const { doc, identity, inf } = readPosted(exchange, deps.bodyLimitBytes);
    if (identity.assinado) throw new Problem('conteudo-assinado', 'A prévia é do documento sem assinatura: envie-o sem Signature.');
    checkFormato(identity, formato);
    const seen = previewOf({ doc, layout, identity, inf, now: deps.now() });
    if (!seen.ok) {
      throw faultsProblem(seen.faults, { codigo: 'conteudo-invalido', detail: 'O documento não pôde ser lido.' });
    }
    await answerPreview(exchange, {
      fileName: `previa-${identity.serie}-${identity.numero}.pdf`,
      print: async () => printDanfe(seen.xml, { ...empresa.danfe, formato, largura, previa: true, logo: await deps.logos(empresa.logo) }),
    });
  };
}
