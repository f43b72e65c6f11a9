import { printEvento } from '@malote/danfe/print-evento';
import { type Evento, type Eventos, eventoId } from '@malote/store/evento';
import { answerPrint } from './answer-print.ts';
import { answerXml, saidOf } from './answer-xml.ts';
import { answeredUnchanged, answerList } from './conditional.ts';
import { contaOf, type Exchange } from './exchange.ts';
import { type FindDeps, locateByChave } from './find-document.ts';
import { xmlOf } from './present-document.ts';
import { descricaoOf, hasProcEvento, presentEvento, procEventoOf, statusOfEvento } from './present-evento.ts';
import type { PrintDeps } from './print-document.ts';
import { Problem } from './problems.ts';

export type FindEventoDeps = Pick<FindDeps, 'findByChave' | 'readConteudo'> &
  PrintDeps & {
    eventos: Pick<Eventos, 'findById' | 'listOf'>;
  };

type Handler = (exchange: Exchange) => Promise<void>;

/** GET of a document's events, in the order in which they came. */
export function createListEventos(deps: FindEventoDeps): Handler {
  return async (exchange) => {
    const documento = await locateByChave(deps, exchange);
    const eventos = await deps.eventos.listOf({ conta: contaOf(exchange), documentoId: documento._id });
    const shown = await Promise.all(eventos.map(async (evento) => presentEvento(evento, await procEventoOf(evento, deps.readConteudo))));
    answerList(exchange, shown);
  };
}

/** GET of one event. */
export function createShowEvento(deps: FindEventoDeps): Handler {
  return async (exchange) => {
    const evento = await locateEvento(deps, exchange);
    if (answeredUnchanged(exchange, evento, 'json')) return;
    exchange.res.json(presentEvento(evento, await procEventoOf(evento, deps.readConteudo)));
  };
}

/** GET of the procEventoNFe. */
export function createShowEventoXml(deps: FindEventoDeps): Handler {
  return async (exchange) => {
    const evento = await locateEvento(deps, exchange);
    await answerXml(exchange, evento, {
      unavailable: hasProcEvento(evento) ? undefined : `O evento não tem XML processado: o status é "${statusOfEvento(evento)}".`,
      compose: () => procEventoOf(evento, deps.readConteudo),
    });
  };
}

/** Events that people print: carta de correção and the cancellations. */
const PRINTED: ReadonlySet<string> = new Set(['110110', '110111', '110112']);

/** GET of the sheet of a registered carta de correção or cancellation. */
export function createShowEventoPdf(deps: FindEventoDeps): Handler {
  return async (exchange) => {
    const evento = await locateEvento(deps, exchange);
    if (!PRINTED.has(evento.tpEvento)) {
      throw new Problem(
        'impressao-indisponivel',
        `O evento ${evento.tpEvento} (${descricaoOf(evento)}) não tem folha impressa; só a carta de correção e os cancelamentos têm.`,
      );
    }
    if (!hasProcEvento(evento)) {
      throw new Problem(
        'impressao-indisponivel',
        `O evento não pode ser impresso: o status é "${statusOfEvento(evento)}".`,
        saidOf(evento),
      );
    }
    const { logo } = (await deps.findEmpresa({ conta: evento.conta, documento: evento.empresa })) ?? {};
    await answerPrint(exchange, {
      of: [evento._id, evento.version, logo],
      fileName: `evento-${evento.chave}-${evento.tpEvento}-${evento.nSeqEvento}.pdf`,
      async print() {
        const documento = await locateByChave(deps, exchange);
        const { readConteudo } = deps;
        const parts = [procEventoOf(evento, readConteudo), xmlOf(documento, readConteudo), deps.logos(logo)] as const;
        const [xml, nota, picture] = await Promise.all(parts);
        return printEvento(xml ?? '', { nota, logo: picture });
      },
    });
  };
}

/** The event of a path. What does not exist and what is of another account answer alike. */
async function locateEvento(deps: FindEventoDeps, exchange: Exchange): Promise<Evento> {
  const documento = await locateByChave(deps, exchange);
  const { tpEvento = '', nSeqEvento = '' } = exchange.params;
  const evento = await deps.eventos.findById(eventoId({ documentoId: documento._id, tpEvento, nSeqEvento: Number(nSeqEvento) }));
  if (evento?.conta !== contaOf(exchange)) {
    throw new Problem('evento-desconhecido', `O documento não tem o evento ${tpEvento} número ${Number(nSeqEvento)}.`);
  }
  exchange.tag({ evento: evento._id });
  return evento;
}
