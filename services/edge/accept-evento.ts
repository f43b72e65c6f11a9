import { parseChave } from '@malote/fiscal/chave/chave-acesso';
import { eventoXmlFromJson } from '@malote/fiscal/evento/json-evento';
import { type EventoKind, eventoKind } from '@malote/fiscal/evento/kinds';
import { type PedidoEvento, readEvento } from '@malote/fiscal/evento/read-evento';
import type { Fault } from '@malote/fiscal/fault';
import type { Modelo } from '@malote/fiscal/model/modelo';
import type { Documento } from '@malote/store/documento';
import type { Evento, Eventos } from '@malote/store/evento';
import { unknownEmpresa } from './accept-document.ts';
import { checkEmitente, type IsBlocked } from './check-emitente.ts';
import { bodyOf, contaOf, type Exchange, sessionOf } from './exchange.ts';
import { faultsProblem } from './faults-problem.ts';
import { type FindDeps, locateOwn, refOf } from './find-document.ts';
import { idempotencyKey } from './idempotency.ts';
import type { Layout } from './layout-query.ts';
import { hasProc, locationOf, statusOf, tpAmbOf } from './present-document.ts';
import { descricaoOf, eventoLocation, presentEvento, procEventoOf, statusOfEvento } from './present-evento.ts';
import { isSettledRegistro } from './present-registro.ts';
import { Problem, type ProblemCode } from './problems.ts';
import { readJson } from './read-json.ts';
import { readMadeXml, readXml } from './read-xml.ts';
import { type ReceiveDeps, receive } from './receive.ts';
import { escoposOfEvento, requireEscopo } from './route-escopos.ts';
import type { Params } from './routing.ts';

export interface AcceptEventoDeps extends ReceiveDeps, FindDeps {
  findEmpresa(query: { conta: string; documento: string }): Promise<{ _id: string; ie?: string } | undefined>;
  isBlocked: IsBlocked;
  eventos: Pick<Eventos, 'accept' | 'findById' | 'listOf'>;
  bodyLimitBytes: number;
}

/** Models whose events are sent. */
const SENT = new Set(['55', '65']);

/** What a body asks for, whose document it is about, and the XML that is stored. */
interface Asked {
  pedido: PedidoEvento;
  kind: EventoKind;
  documento: Documento;
  layout: Layout;
  entrada: Buffer;
}

/** POST of an event: what can be told from the request and its document is answered here; the rest is decided when it is signed. */
export function createAcceptEvento(deps: AcceptEventoDeps): (exchange: Exchange) => Promise<void> {
  return async (exchange) => {
    const { req, params } = exchange;
    const conta = contaOf(exchange);
    const key = idempotencyKey(req.get('idempotency-key'));
    const { codModelo = '', empresa = '' } = params;
    if (!SENT.has(codModelo)) {
      const detail = `Os eventos do modelo ${codModelo} ainda não estão disponíveis nesta versão; só os dos modelos 55 e 65.`;
      throw new Problem('modelo-nao-suportado', detail);
    }
    const cadastro = await deps.findEmpresa({ conta, documento: empresa });
    if (!cadastro) throw unknownEmpresa(params);
    const { bytes, type } = bodyOf(exchange);
    const { documento, pedido, kind, layout, entrada } = await (type === 'json' ? askedByJson : askedByXml)(deps, exchange);
    requireEscopo(sessionOf(exchange), escoposOfEvento(pedido.tpEvento));
    // Documents of before this was stored have no IE.
    const { emitente, uf, ie = cadastro.ie ?? '' } = documento;
    await checkEmitente(deps.isBlocked, sessionOf(exchange), { conta, documento: emitente, uf, ie });
    if (!hasProc(documento)) throw notAuthorized(documento);

    const novo = { conta, documento, pedido, kind, layout, entrada, traceparent: exchange.trace.traceparent };
    const { fingerprint, tpEvento } = pedido;
    await receive<Evento>(deps, exchange, {
      ...{ key, target: `${documento._id}.${tpEvento}`, fingerprint, bytes: bytes.length },
      earlier: async () => madeBy(await deps.eventos.listOf({ conta, documentoId: documento._id }), pedido),
      async accept(responderAte) {
        const { outcome, registro, message } = await deps.eventos.accept(responderAte ? { ...novo, responderAte } : novo);
        return { outcome, record: registro, message };
      },
      conflict: (evento) => conflict(evento, conta),
      read: deps.eventos.findById,
      isFinal: isSettledRegistro,
      tagsOf: ({ _id }) => ({ evento: _id }),
      locationOf: eventoLocation,
      present: async (evento) => presentEvento(evento, await procEventoOf(evento, deps.readConteudo)),
    });
  };
}

/** The document is the key in the body; the path is only compared with it, and serves without one. */
async function askedByXml(deps: AcceptEventoDeps, exchange: Exchange): Promise<Asked> {
  const { params } = exchange;
  const { bytes } = bodyOf(exchange);
  const layout = exchange.query.layout as Layout;
  const pedido = pedidoOf(readEvento(readXml(bytes, deps.bodyLimitBytes), layout));
  // Before anything is compared or looked for: a manifestação is about somebody else's document.
  const kind = kindOf(pedido, params);
  if (pedido.chave !== undefined) checkChave(pedido.chave, params);
  checkPath(pedido, params);
  const modelo = params.codModelo ?? '';
  const ref = pedido.chave === undefined ? refOf(params) : { chave: pedido.chave };
  return { pedido, kind, layout, entrada: bytes, documento: await locateOwn(deps, exchange, { modelo, ...ref }) };
}

/** The document is that of the path. */
async function askedByJson(deps: AcceptEventoDeps, exchange: Exchange): Promise<Asked> {
  const { params } = exchange;
  const modelo = params.codModelo as Modelo;
  const body = readJson(bodyOf(exchange).bytes);
  const documento = await locateOwn(deps, exchange, { modelo, ...refOf(params) });
  if (!documento.chave) throw notAuthorized(documento);
  const made = eventoXmlFromJson(body, { modelo, chave: documento.chave });
  if (!made.ok) throw invalid(made.faults);
  const { doc, entrada } = readMadeXml(made.xml, deps.bodyLimitBytes, 'evento-invalido');
  const pedido = pedidoOf(readEvento(doc, 'sefaz'));
  if (pedido.chave !== undefined) checkChave(pedido.chave, params);
  return { pedido, kind: kindOf(pedido, params), layout: 'sefaz', entrada, documento };
}

function pedidoOf(read: ReturnType<typeof readEvento>): PedidoEvento {
  if (!read.ok) throw invalid(read.faults);
  if (read.pedido.assinado) {
    throw new Problem('conteudo-assinado', 'O evento já está assinado. Envie-o sem Signature: a assinatura é feita aqui.');
  }
  return read.pedido;
}

/** Problem codes of the faults that are no matter of one field. */
const PROBLEM_OF_FAULT: Record<string, ProblemCode> = {
  'EVT-001': 'raiz-invalida',
  'EVT-002': 'namespace-invalido',
  'EVT-003': 'namespace-invalido',
  'EVT-004': 'lote-invalido',
};

function invalid(faults: Fault[]): Problem {
  return faultsProblem(faults, { codigo: 'evento-invalido', codigos: PROBLEM_OF_FAULT, detail: 'O evento não pôde ser lido.' });
}

function kindOf({ tpEvento }: PedidoEvento, { codModelo = '' }: Params): EventoKind {
  const kind = eventoKind(codModelo, tpEvento);
  const refused = (why: string) => new Problem('evento-nao-suportado', `O evento ${tpEvento}${why}`);
  if (!kind) throw refused(` não existe para o modelo ${codModelo}.`);
  if (!kind.enviavel) throw refused(` (${kind.descEvento}) não pode ser enviado por uma empresa: ou é do fisco, ou a norma o retirou.`);
  if (kind.previo) throw refused(` (${kind.descEvento}) é registrado pelo próprio hub quando a nota é emitida em contingência.`);
  if (!kind.suportado) throw refused(` (${kind.descEvento}) ainda não está disponível nesta versão do Malote.`);
  return kind;
}

/** A key in the body has to be that of the path; the number forms of it are compared part by part. */
function checkChave(chave: string, { codModelo, chaveAcesso, ano = '', serie, numero }: Params): void {
  const parts = parseChave(chave);
  const same = chaveAcesso
    ? chave === chaveAcesso
    : Number(parts?.serie) === Number(serie) && Number(parts?.numero) === Number(numero) && parts?.aamm.slice(0, 2) === ano.slice(-2);
  if (same && parts?.modelo === codModelo) return;
  throw new Problem('chave-divergente', `O evento é da chave ${chave}, que não é a do caminho da requisição.`);
}

/** Ambiente and author in the body, where they are given, have to be those of the path. */
function checkPath({ tpAmb, autor }: PedidoEvento, params: Params): void {
  const expected = tpAmbOf(params);
  if (tpAmb !== undefined && tpAmb !== expected) {
    throw new Problem('ambiente-divergente', `O evento tem tpAmb ${tpAmb}, mas o caminho diz "${params.ambiente}" (tpAmb ${expected}).`);
  }
  if (autor !== undefined && autor !== params.empresa) {
    throw new Problem('empresa-divergente', `O autor do evento é ${autor}, mas o caminho diz ${params.empresa}.`);
  }
}

/** What the first use of a key made: it must not be made again, whatever was asked for since. */
function madeBy(eventos: readonly Evento[], { tpEvento, fingerprint }: PedidoEvento): Evento | undefined {
  return eventos.findLast(
    (evento) =>
      evento.tpEvento === tpEvento && [evento.fingerprint, ...evento.rodadas.map((rodada) => rodada.fingerprint)].includes(fingerprint),
  );
}

function notAuthorized(documento: Documento): Problem {
  const detail = `O documento está com status "${statusOf(documento)}"; um evento só pode ser pedido depois da autorização.`;
  return new Problem('documento-nao-autorizado', detail, { headers: { Location: locationOf(documento) } });
}

function conflict(evento: Evento, conta: string): Problem {
  if (evento.conta !== conta) return new Problem('evento-em-conflito', 'Este evento não pode ser usado por esta conta.');
  const which = `${descricaoOf(evento)} (${evento.tpEvento}) número ${evento.nSeqEvento}`;
  return new Problem(
    'evento-em-conflito',
    `Já existe o evento ${which} deste documento com outro conteúdo, com status "${statusOfEvento(evento)}", que não admite novo pedido.`,
    {
      headers: { Location: eventoLocation(evento) },
      ...(evento.retorno ? { cStat: evento.retorno.cStat, xMotivo: evento.retorno.xMotivo } : {}),
    },
  );
}
