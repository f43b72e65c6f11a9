import Joi from 'joi';

export type Layout = 'sefaz' | 'oobj';

/** Query of every route that takes a fiscal XML. */
export const layoutQuery = Joi.object<{ layout: Layout }>({
  layout: Joi.string()
    .valid('sefaz', 'oobj')
    .default('sefaz')
    .empty('')
    .description('`sefaz`: namespace oficial; `oobj`: namespace http://www.oobj.com.br/nfe.'),
});
