import type { Fault } from '../fault.ts';
import { codigoUf, isUf } from '../model/uf.ts';
import { escapeText } from '../xml/splice.ts';
import { inutilizacaoFault } from './fault-codes.ts';
import { INUTILIZACAO_NAMESPACE } from './read-inutilizacao.ts';

export type JsonInutilizacaoResult = { ok: true; xml: string } | { ok: false; faults: Fault[] };

/**
 * The unsigned inutNFe of `{uf, ano, serie, numeroInicial, numeroFinal, justificativa}`; `ano` has 2 or 4 digits, numbers may be written as
 * text. The rest comes from the path of the request.
 */
export function inutilizacaoXmlFromJson(
  body: unknown,
  facts: { emitente: string; tpAmb: '1' | '2'; modelo: string },
): JsonInutilizacaoResult {
  const { uf, ano, serie, numeroInicial, numeroFinal, justificativa } = (typeof body === 'object' && body !== null ? body : {}) as Record<
    string,
    unknown
  >;
  const faults: Fault[] = [];
  const given = { uf, ano, serie, numeroInicial, numeroFinal, justificativa };
  for (const [name, value] of Object.entries(given)) {
    if (typeof value === 'string' || typeof value === 'number') continue;
    faults.push(inutilizacaoFault('INU-023', name, `Falta ${name}: informe um texto ou um número.`));
  }
  if (typeof uf === 'string' && !isUf(uf)) faults.push(inutilizacaoFault('INU-010', 'uf', `A UF "${uf.slice(0, 20)}" não existe.`));
  if (faults.length > 0 || typeof uf !== 'string' || !isUf(uf)) return { ok: false, faults };
  const number = (value: unknown) =>
    String(value)
      .trim()
      .replace(/^0+(?=[0-9])/, '');
  const fields: [string, string][] = [
    ['tpAmb', facts.tpAmb],
    ['xServ', 'INUTILIZAR'],
    ['cUF', codigoUf(uf)],
    ['ano', String(ano).trim().padStart(2, '0').slice(-2)],
    ['CNPJ', facts.emitente],
    ['mod', facts.modelo],
    ['serie', number(serie)],
    ['nNFIni', number(numeroInicial)],
    ['nNFFin', number(numeroFinal)],
    ['xJust', String(justificativa).trim()],
  ];
  const inner = fields.map(([tag, text]) => `<${tag}>${escapeText(text)}</${tag}>`).join('');
  return { ok: true, xml: `<inutNFe xmlns="${INUTILIZACAO_NAMESPACE}" versao="4.00"><infInut>${inner}</infInut></inutNFe>` };
}
