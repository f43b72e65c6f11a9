import { hash } from 'node:crypto';
import type { Layout } from '../emission/identity.ts';
import type { Fault } from '../fault.ts';
import { MODELOS } from '../model/modelo.ts';
import { type Uf, ufByCodigo } from '../model/uf.ts';
import { child, textAt, type XmlDocument, type XmlElement } from '../xml/parse.ts';
import { MAX_NUMEROS } from './data/limits.data.ts';
import { type InutilizacaoFaultCode, inutilizacaoFault } from './fault-codes.ts';

/** A range of numbers to be declared void. */
export interface PedidoInutilizacao {
  cUF: string;
  uf: Uf;
  /** AA */
  ano: string;
  /** CNPJ */
  emitente: string;
  tpAmb: '1' | '2';
  modelo: '55' | '65';
  serie: number;
  numeroInicial: number;
  numeroFinal: number;
  justificativa: string;
  /** hex SHA-256 of what the request says */
  fingerprint: string;
}

export type ReadInutilizacaoResult = { ok: true; pedido: PedidoInutilizacao; assinado: boolean } | { ok: false; faults: Fault[] };

export interface LocatedInutilizacao {
  inut: XmlElement;
  inf: XmlElement;
}

export const INUTILIZACAO_NAMESPACE = MODELOS['55'].namespace;

/** Finds inutNFe and its infInut. */
export function locateInutilizacao({ root }: XmlDocument, layout: Layout): LocatedInutilizacao | Fault[] {
  const name = root.local.slice(0, 80);
  if (root.local !== 'inutNFe') return [inutilizacaoFault('INU-001', name, `A raiz <${name}> não é de uma inutilização. Envie inutNFe.`)];
  if (root.uri !== INUTILIZACAO_NAMESPACE && !(root.uri === MODELOS['55'].namespaceOobj && layout === 'oobj')) {
    const [code, what] =
      root.uri === MODELOS['55'].namespaceOobj
        ? (['INU-003', 'O namespace é o do layout oobj. Envie com ?layout=oobj ou use'] as const)
        : (['INU-002', `<inutNFe> está no namespace "${root.uri.slice(0, 80)}". Use`] as const);
    return [inutilizacaoFault(code, 'inutNFe', `${what} ${INUTILIZACAO_NAMESPACE}.`)];
  }
  const inf = child(root, 'infInut');
  if (!inf || inf.uri !== root.uri) return [inutilizacaoFault('INU-005', 'inutNFe/infInut', 'Falta o elemento infInut dentro de inutNFe.')];
  return { inut: root, inf };
}

/** Reads an inutNFe. Never throws: every missing or invalid field is a fault of its own. */
export function readInutilizacao(doc: XmlDocument, layout: Layout = 'sefaz'): ReadInutilizacaoResult {
  const located = locateInutilizacao(doc, layout);
  if (Array.isArray(located)) return { ok: false, faults: located };
  const { inut, inf } = located;
  const pedido = pedidoOf(
    (tag) => textAt(inf, tag)?.trim() ?? '',
    (tag) => `infInut/${tag}`,
  );
  if (Array.isArray(pedido)) return { ok: false, faults: pedido };
  return { ok: true, pedido, assinado: child(inut, 'Signature') !== undefined };
}

/** Checks the fields of a request; `path` says where a field stands in what the caller sent. */
export function pedidoOf(value: (tag: string) => string, path: (tag: string) => string): PedidoInutilizacao | Fault[] {
  const faults: Fault[] = [];
  const require = (code: InutilizacaoFaultCode, tag: string, ok: boolean, rule: string) => {
    if (ok) return;
    const text = value(tag);
    const message = text === '' ? `Falta ${path(tag)}: ${rule}.` : `${path(tag)} "${text.slice(0, 60)}" é inválido: ${rule}.`;
    faults.push(inutilizacaoFault(code, path(tag), message));
  };
  const uf = ufByCodigo(value('cUF'));
  require('INU-010', 'cUF', uf !== undefined, 'informe o código IBGE da UF do emitente');
  require('INU-011', 'ano', /^[0-9]{2}$/.test(value('ano')), 'informe o ano com 2 dígitos');
  const cnpjRule = /^[0-9]{11}$/.test(value('CPF') || value('CNPJ'))
    ? 'o leiaute nacional só aceita inutilização de emitente com CNPJ, não com CPF'
    : 'informe as 14 posições do CNPJ do emitente, sem máscara';
  require('INU-012', 'CNPJ', /^[0-9A-Z]{12}[0-9]{2}$/.test(value('CNPJ')), cnpjRule);
  const modelo = value('mod');
  require('INU-013', 'mod', modelo === '55' || modelo === '65', 'só NF-e (55) e NFC-e (65) têm inutilização');
  require('INU-014', 'serie', /^(0|[1-9][0-9]{0,2})$/.test(value('serie')), 'informe a série de 0 a 999, sem zeros à esquerda');
  const NUMERO = /^[1-9][0-9]{0,8}$/;
  for (const tag of ['nNFIni', 'nNFFin']) require('INU-015', tag, NUMERO.test(value(tag)), 'informe um número de 1 a 999999999');
  const justificativa = value('xJust');
  // The XSD counts characters, not UTF-16 units.
  const characters = [...justificativa].length;
  require('INU-018', 'xJust', characters >= 15 && characters <= 255, 'escreva de 15 a 255 caracteres');
  const tpAmb = value('tpAmb');
  require('INU-019', 'tpAmb', tpAmb === '1' || tpAmb === '2', 'use 1 para produção ou 2 para homologação');
  const [numeroInicial, numeroFinal] = [Number(value('nNFIni')), Number(value('nNFFin'))];
  if (faults.length === 0) {
    require('INU-016', 'nNFFin', numeroFinal >= numeroInicial, `o número final vem depois do inicial (${numeroInicial})`);
    const limit = `uma faixa tem no máximo ${MAX_NUMEROS} números; divida-a`;
    require('INU-017', 'nNFFin', numeroFinal - numeroInicial < MAX_NUMEROS, limit);
  }
  if (faults.length > 0 || !uf) return faults;
  const said = ['tpAmb', 'cUF', 'ano', 'CNPJ', 'mod', 'serie', 'nNFIni', 'nNFFin', 'xJust'].map(value);
  return {
    cUF: value('cUF'),
    uf,
    ano: value('ano'),
    emitente: value('CNPJ'),
    tpAmb: tpAmb as '1' | '2',
    modelo: modelo as '55' | '65',
    serie: Number(value('serie')),
    numeroInicial,
    numeroFinal,
    justificativa,
    fingerprint: hash('sha256', said.join('|')),
  };
}
