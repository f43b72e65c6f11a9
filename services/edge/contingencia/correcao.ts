import { checkCorrecao } from '@malote/fiscal/contingencia/correcao';
import { readIdentity } from '@malote/fiscal/emission/identity';
import { isSettled } from '@malote/fiscal/emission/lifecycle-state';
import { parseXml } from '@malote/fiscal/xml/parse';
import { acceptsCorrection } from '@malote/store/correcao';
import type { Documento } from '@malote/store/documento';
import type { Documentos } from '@malote/store/documentos';
import { bodyOf, contaOf, type Exchange } from '../exchange.ts';
import { faultsProblem } from '../faults-problem.ts';
import type { Locate } from '../find-document.ts';
import { locationOf, presentDocument, statusOf, xmlOf } from '../present-document.ts';
import { Problem, type ProblemCode } from '../problems.ts';
import { readXml } from '../read-xml.ts';
import { type ReceiveDeps, type Received, receive } from '../receive.ts';

export interface CorrecaoDeps extends ReceiveDeps, Pick<Documentos, 'correct' | 'findById'> {
  readConteudo(ref: string): Promise<Buffer | undefined>;
  bodyLimitBytes: number;
}

/** Of faults that say what the body is, not what it changes. */
const STRUCTURE: Record<string, ProblemCode> = {
  'EMI-001': 'raiz-invalida',
  'EMI-002': 'namespace-invalido',
  'EMI-003': 'namespace-invalido',
  'EMI-004': 'lote-invalido',
  'EMI-005': 'identificacao-invalida',
};

/** PUT of the correction of a note that was handed over in contingência and refused on transmission. */
export function createCorrect(deps: CorrecaoDeps, locate: Locate): (exchange: Exchange) => Promise<void> {
  return async (exchange) => {
    const documento = await locate(exchange);
    const { bytes: entrada } = bodyOf(exchange);
    const corrigida = readXml(entrada, deps.bodyLimitBytes);
    const read = readIdentity(corrigida, 'sefaz');
    if (!read.ok) throw faultsProblem(read.faults, { codigo: 'identificacao-invalida', codigos: STRUCTURE, detail: 'Sem identificação.' });
    const { fingerprint } = read;
    const { traceparent } = exchange.trace;

    async function accept(responderAte: Date | undefined): Promise<Received<Documento>> {
      // The same again, also when it has been transmitted meanwhile.
      const repeated = documento.contingencia && documento.fingerprint === fingerprint && documento.rodadas.length > 0;
      if (repeated) return { outcome: 'same', record: documento };
      if (!acceptsCorrection(documento)) return { outcome: 'conflict', record: documento };
      const danfeAlterado = await checkAgainst(documento, corrigida);
      const given = { conta: contaOf(exchange), documentoId: documento._id, fingerprint, entrada, danfeAlterado, traceparent };
      const corrected = await deps.correct(responderAte ? { ...given, responderAte } : given);
      if (!corrected) throw new Error(`documento ${documento._id} vanished`);
      const { outcome, documento: record, message } = corrected;
      return { outcome, record, message };
    }

    async function checkAgainst({ _id, conteudo, modelo }: Documento, body: typeof corrigida): Promise<boolean> {
      const emitida = conteudo === undefined ? undefined : await deps.readConteudo(conteudo);
      if (!emitida) throw new Error(`content ${conteudo} of ${_id} is missing`);
      const checked = checkCorrecao({ emitida: parseXml(emitida.toString('utf8')), corrigida: body, modelo: modelo as '55' | '65' });
      if (checked.ok) return checked.danfeAlterado;
      throw faultsProblem(checked.faults, { codigo: 'correcao-recusada', codigos: STRUCTURE, detail: 'A correção foi recusada.' });
    }

    await receive<Documento>(deps, exchange, {
      ...{ key: undefined, id: documento._id, target: documento._id, fingerprint, bytes: entrada.length },
      ...{ earlier: async () => undefined, accept, conflict, read: deps.findById },
      isFinal: ({ state }) => isSettled(state),
      tagsOf: ({ _id }) => ({ doc: _id }),
      locationOf,
      present: async (record) => presentDocument(record, await xmlOf(record, deps.readConteudo)),
    });
  };
}

function conflict(documento: Documento): Problem {
  const rule = 'só se corrige a nota emitida em contingência que foi recusada na transmissão';
  const detail = `O documento não admite correção: o status é "${statusOf(documento)}", e ${rule}.`;
  return new Problem('correcao-nao-admitida', detail, { headers: { Location: locationOf(documento) } });
}
