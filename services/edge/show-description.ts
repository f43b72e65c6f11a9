import { buildChave } from '@malote/fiscal/chave/chave-acesso';
import type { Clock } from '@malote/runtime/clock';
import { VERSION } from '@malote/runtime/version';
import Joi from 'joi';
import { answeredKnown } from './conditional.ts';
import { etagOf } from './etag.ts';
import { exampleNfe } from './examples/nfe.ts';
import type { Exchange } from './exchange.ts';
import { describeApi } from './openapi.ts';
import type { Route } from './routing.ts';

/** The examples are shown for this company unless the caller names one. */
const SAMPLE_EMPRESA = '07385111000102';

export const descriptionQuery = Joi.object<{ empresa: string }>({
  empresa: Joi.string()
    .pattern(/^[0-9A-Z]{12}[0-9]{2}$/, 'um CNPJ sem máscara')
    .empty('')
    .default(SAMPLE_EMPRESA)
    .description('CNPJ que os exemplos mostram, para experimentá-los com uma empresa da própria conta.'),
});

const part = Joi.object().unknown(true).required();

export const descriptionSchema = Joi.object({ openapi: Joi.string().valid('3.1.0').required(), info: part, paths: part })
  .unknown(true)
  .example({ openapi: '3.1.0', info: {}, paths: {} });

/** Stand for the values that vary; replaced in the text when it is served. */
const TOKEN = {
  ...{ empresa: '@empresa@', ano: '@ano@', aa: '@aa@', numero: '@numero@', dhEmi: '@dhEmi@', dia: '@dia@' },
  ...{ chaveAcesso: '@chaveAcesso@', chaveNfce: '@chaveNfce@' },
};

const SERIE = '77';
const CNF = '83201946';

/**
 * GET of the description. The document is made once; company, number and instant of the examples are put in when it is served, so that the
 * example of emission can be sent as it stands. Its number is the date: sent twice on one day it is the same content again.
 */
export function createShowDescription(deps: { routes: readonly Route[]; clock: Clock }): (exchange: Exchange) => Promise<void> {
  let template: string | undefined;
  return async (exchange) => {
    template ??= JSON.stringify(
      describeApi({
        routes: deps.routes,
        version: VERSION,
        parameters: { ...TOKEN, serie: SERIE },
        xml: exampleNfe({ cnpj: TOKEN.empresa, serie: SERIE, numero: TOKEN.numero, cNF: CNF, dhEmi: TOKEN.dhEmi }),
      }),
    );
    const values = exampleValues(String(exchange.query.empresa), deps.clock.now());
    const text = template.replace(/@([A-Za-z]+)@/g, (token, name: string) => values[name as keyof typeof values] ?? token);
    if (!answeredKnown(exchange, etagOf(text), 'no-cache')) exchange.res.type('application/json').send(text);
  };
}

/** The example of a day in Brasília: midnight is never in the future and never too old. */
function exampleValues(empresa: string, now: Date): typeof TOKEN {
  const day = new Date(now.getTime() - 3 * 3_600_000).toISOString().slice(0, 10);
  const numero = day.slice(2).replaceAll('-', '');
  const parts = { cUF: '35', aamm: numero.slice(0, 4), documento: empresa, serie: SERIE, numero, tpEmis: '1', cNF: CNF };
  const [chaveAcesso, chaveNfce] = [buildChave({ ...parts, modelo: '55' }), buildChave({ ...parts, modelo: '65' })];
  const dates = { ano: day.slice(0, 4), aa: day.slice(2, 4), dia: day, dhEmi: `${day}T00:00:00-03:00` };
  return { empresa, numero, chaveAcesso, chaveNfce, ...dates };
}
