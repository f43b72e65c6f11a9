import type { Fault } from '@malote/fiscal/fault';
import { inutilizacaoXmlFromJson } from '@malote/fiscal/inutilizacao/json-inutilizacao';
import { type PedidoInutilizacao, readInutilizacao } from '@malote/fiscal/inutilizacao/read-inutilizacao';
import { type Inutilizacao, type Inutilizacoes, inutilizacaoId } from '@malote/store/inutilizacao';
import { unknownEmpresa } from './accept-document.ts';
import { bodyOf, contaOf, type Exchange } from './exchange.ts';
import { faultsProblem } from './faults-problem.ts';
import { idempotencyKey } from './idempotency.ts';
import type { Layout } from './layout-query.ts';
import { tpAmbOf } from './present-document.ts';
import { inutilizacaoLocation, presentInutilizacao, procInutOf, statusOfInutilizacao } from './present-inutilizacao.ts';
import { isSettledRegistro } from './present-registro.ts';
import { Problem, type ProblemCode } from './problems.ts';
import { readJson } from './read-json.ts';
import { readMadeXml, readXml } from './read-xml.ts';
import { type ReceiveDeps, receive } from './receive.ts';
import type { Params } from './routing.ts';

export interface AcceptInutilizacaoDeps extends ReceiveDeps {
  findEmpresa(query: { conta: string; documento: string }): Promise<{ _id: string } | undefined>;
  inutilizacoes: Pick<Inutilizacoes, 'accept' | 'findById'>;
  readConteudo(ref: string): Promise<Buffer | undefined>;
  bodyLimitBytes: number;
}

/** POST of a range of numbers to be declared void. */
export function createAcceptInutilizacao(deps: AcceptInutilizacaoDeps): (exchange: Exchange) => Promise<void> {
  return async (exchange) => {
    const { req, params } = exchange;
    const conta = contaOf(exchange);
    const key = idempotencyKey(req.get('idempotency-key'));
    const { codModelo = '', empresa = '' } = params;
    checkHasInutilizacao(codModelo);
    if (!(await deps.findEmpresa({ conta, documento: empresa }))) throw unknownEmpresa(params);
    const { pedido, layout, entrada } = readPedido(exchange, deps.bodyLimitBytes);
    checkPath(pedido, params);

    const nova = { conta, empresa, pedido, layout, entrada, traceparent: exchange.trace.traceparent };
    const id = inutilizacaoId(pedido);
    const { fingerprint } = pedido;
    await receive<Inutilizacao>(deps, exchange, {
      ...{ key, id, target: id, fingerprint, bytes: entrada.length },
      earlier: () => madeBefore(deps, { id, conta, fingerprint }),
      async accept(responderAte) {
        const { outcome, registro, message } = await deps.inutilizacoes.accept(responderAte ? { ...nova, responderAte } : nova);
        return { outcome, record: registro, message };
      },
      conflict: (inutilizacao) => conflict(inutilizacao, conta),
      read: deps.inutilizacoes.findById,
      isFinal: isSettledRegistro,
      tagsOf: ({ _id }) => ({ inutilizacao: _id }),
      locationOf: inutilizacaoLocation,
      present: async (inutilizacao) => presentInutilizacao(inutilizacao, await procInutOf(inutilizacao, deps.readConteudo)),
    });
  };
}

/** Throws for a model that has no inutilização. */
export function checkHasInutilizacao(codModelo: string): void {
  if (codModelo === '55' || codModelo === '65') return;
  throw new Problem('modelo-sem-inutilizacao', `O modelo ${codModelo} não tem inutilização de números; só os modelos 55 e 65 têm.`);
}

interface Asked {
  pedido: PedidoInutilizacao;
  layout: Layout;
  /** The XML that is stored. */
  entrada: Buffer;
}

function readPedido(exchange: Exchange, maxBytes: number): Asked {
  const { params, query } = exchange;
  const { bytes, type } = bodyOf(exchange);
  if (type === 'xml') {
    const layout = query.layout as Layout;
    return { pedido: pedidoOf(readInutilizacao(readXml(bytes, maxBytes), layout)), layout, entrada: bytes };
  }
  const { empresa = '', codModelo = '' } = params;
  const made = inutilizacaoXmlFromJson(readJson(bytes), { emitente: empresa, tpAmb: tpAmbOf(params), modelo: codModelo });
  if (!made.ok) throw invalid(made.faults);
  const { doc, entrada } = readMadeXml(made.xml, maxBytes, 'inutilizacao-invalida');
  return { pedido: pedidoOf(readInutilizacao(doc)), layout: 'sefaz', entrada };
}

function pedidoOf(read: ReturnType<typeof readInutilizacao>): PedidoInutilizacao {
  if (!read.ok) throw invalid(read.faults);
  if (read.assinado) {
    throw new Problem('conteudo-assinado', 'O pedido já está assinado. Envie-o sem Signature: a assinatura é feita aqui.');
  }
  return read.pedido;
}

/** Problem codes of the faults that are no matter of one field. */
const PROBLEM_OF_FAULT: Record<string, ProblemCode> = {
  'INU-001': 'raiz-invalida',
  'INU-002': 'namespace-invalido',
  'INU-003': 'namespace-invalido',
};

function invalid(faults: Fault[]): Problem {
  return faultsProblem(faults, { codigo: 'inutilizacao-invalida', codigos: PROBLEM_OF_FAULT, detail: 'O pedido não pôde ser lido.' });
}

function checkPath({ emitente, tpAmb, modelo }: PedidoInutilizacao, params: Params): void {
  const { empresa, ambiente, codModelo } = params;
  if (modelo !== codModelo) throw new Problem('modelo-divergente', `O pedido é do modelo ${modelo}, mas o caminho diz ${codModelo}.`);
  if (emitente !== empresa) throw new Problem('empresa-divergente', `O emitente do pedido é ${emitente}, mas o caminho diz ${empresa}.`);
  const expected = tpAmbOf(params);
  if (tpAmb !== expected) {
    throw new Problem('ambiente-divergente', `O pedido tem tpAmb ${tpAmb}, mas o caminho diz "${ambiente}" (tpAmb ${expected}).`);
  }
}

/** What the first use of a key made, refused or not: repeating it must not ask again. */
async function madeBefore(
  { inutilizacoes }: AcceptInutilizacaoDeps,
  { id, conta, fingerprint }: { id: string; conta: string; fingerprint: string },
): Promise<Inutilizacao | undefined> {
  const present = await inutilizacoes.findById(id);
  const made = [present?.fingerprint, ...(present?.rodadas.map((rodada) => rodada.fingerprint) ?? [])];
  return present?.conta === conta && made.includes(fingerprint) ? present : undefined;
}

function conflict(inutilizacao: Inutilizacao, conta: string): Problem {
  if (inutilizacao.conta !== conta) return new Problem('inutilizacao-em-conflito', 'Esta faixa não pode ser inutilizada por esta conta.');
  const { numeroInicial, numeroFinal, serie, retorno } = inutilizacao;
  return new Problem(
    'inutilizacao-em-conflito',
    `A inutilização dos números ${numeroInicial} a ${numeroFinal} da série ${serie} já foi pedida com outro conteúdo e está com status "${statusOfInutilizacao(inutilizacao)}".`,
    {
      headers: { Location: inutilizacaoLocation(inutilizacao) },
      ...(retorno ? { cStat: retorno.cStat, xMotivo: retorno.xMotivo } : {}),
    },
  );
}
