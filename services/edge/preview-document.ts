import { type Formato, type PaperWidth, printDanfe } from '@malote/danfe/print-danfe';
import type { Layout } from '@malote/fiscal/emission/identity';
import { previewOf } from '@malote/fiscal/emission/preview';
import type Joi from 'joi';
import { type AcceptDeps, checkEmitted, layoutQuery, readPosted, unknownEmpresa } from './accept-document.ts';
import { answerPreview } from './answer-print.ts';
import { contaOf, type Exchange } from './exchange.ts';
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
    checkFormato(identity, formato);
    const seen = previewOf({ doc, layout, identity, inf, now: deps.now() });
    if (!seen.ok) {
      const [first, ...more] = seen.faults;
      const others = more.length > 0 ? ` (e mais ${more.length}; veja "faults")` : '';
      throw new Problem('conteudo-invalido', `${first?.message}${others}`, { faults: seen.faults });
    }
    await answerPreview(exchange, {
      fileName: `previa-${identity.serie}-${identity.numero}.pdf`,
      print: async () => printDanfe(seen.xml, { formato, largura, previa: true, logo: await deps.logos(empresa.logo) }),
    });
  };
}
