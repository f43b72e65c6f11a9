import type { Layout } from '../emission/identity.ts';
import type { Fault } from '../fault.ts';
import { MODELOS } from '../model/modelo.ts';
import { fieldEdit } from '../xml/field-edit.ts';
import { normalize } from '../xml/normalize.ts';
import { child, type XmlDocument } from '../xml/parse.ts';
import { splice } from '../xml/splice.ts';
import { inutilizacaoFault } from './fault-codes.ts';
import { INUTILIZACAO_NAMESPACE, locateInutilizacao, type PedidoInutilizacao, readInutilizacao } from './read-inutilizacao.ts';

/** `xml` starts with `<inutNFe`: official namespace, no prefixes, nothing between tags, ready to be signed (element infInut). */
export type PrepareInutilizacaoResult = { ok: true; xml: string; versao: string } | { ok: false; faults: Fault[] };

type Range = Pick<PedidoInutilizacao, 'cUF' | 'ano' | 'emitente' | 'modelo' | 'serie' | 'numeroInicial' | 'numeroFinal'>;

/** Id of infInut: `ID`, cUF, ano, CNPJ, mod, serie (3), nNFIni (9), nNFFin (9): 43 characters. */
export function inutilizacaoId({ cUF, ano, emitente, modelo, serie, numeroInicial, numeroFinal }: Range): string {
  const digits = (n: number, width: number) => String(n).padStart(width, '0');
  return `ID${cUF}${ano}${emitente}${modelo}${digits(serie, 3)}${digits(numeroInicial, 9)}${digits(numeroFinal, 9)}`;
}

/** Completes an unsigned inutNFe: Id, versao, xServ. Everything else stays byte for byte. Never throws for a bad request. */
export function prepareInutilizacao({ doc, layout }: { doc: XmlDocument; layout: Layout }): PrepareInutilizacaoResult {
  const located = locateInutilizacao(doc, layout);
  const read = readInutilizacao(doc, layout);
  if (Array.isArray(located)) return { ok: false, faults: located };
  if (!read.ok) return read;
  const { inut, inf } = located;
  const { versao } = MODELOS['55'];
  const faults: Fault[] = [];
  if (child(inut, 'Signature')) {
    const message = 'O pedido já está assinado. Envie-o sem Signature: a assinatura é feita aqui.';
    faults.push(inutilizacaoFault('INU-020', 'inutNFe/Signature', message));
  }
  const Id = inutilizacaoId(read.pedido);
  const id = inf.attributes.get('Id') ?? '';
  if (id !== '' && id !== Id) {
    const message = `O Id "${id.slice(0, 60)}" não corresponde aos campos, que dão ${Id}. Corrija-o ou retire-o: ele é montado aqui.`;
    faults.push(inutilizacaoFault('INU-021', 'infInut/@Id', message));
  }
  const given = inut.attributes.get('versao');
  if (given !== undefined && given !== versao) {
    faults.push(inutilizacaoFault('INU-022', '@versao', `A versão do leiaute é ${versao}; o pedido diz "${given.slice(0, 10)}".`));
  }
  const service = fieldEdit(inf, 'xServ', 'INUTILIZAR', ['tpAmb', 'xServ']);
  const normal = normalize(
    doc,
    { message: inut, signed: inf, namespace: INUTILIZACAO_NAMESPACE },
    {
      replaced: new Set(service?.replaced ? [service.replaced] : []),
      attributes: new Map<typeof inut, Record<string, string>>([
        [inut, { versao }],
        [inf, { Id }],
      ]),
      fault: (rule, path, message) => inutilizacaoFault(rule === 'namespace' ? 'INU-002' : 'INU-006', path, message),
    },
  );
  faults.push(...normal.faults);
  if (faults.length > 0) return { ok: false, faults };
  return { ok: true, xml: splice(doc.text, [...(service ? [service.edit] : []), ...normal.edits]), versao };
}
