import { decide } from '@malote/fiscal/emission/lifecycle';
import { type Fact, isSettled, openAttempt } from '@malote/fiscal/emission/lifecycle-state';
import type { DecisionProtections } from '@malote/fiscal/emission/protections';
import type { Fault } from '@malote/fiscal/fault';
import type { Clock } from '@malote/runtime/clock';
import type { Store } from '@malote/store/connect';
import type { Documento } from '@malote/store/documento';

interface MarcarDeps {
  store: Pick<Store, 'documentos'>;
  clock: Clock;
  protections: DecisionProtections;
}

/** A transmission of the first note is under way: what comes of it is waited for. A consult changes nothing that may not change later. */
const LOOK_AGAIN_MS = 2_000;

/**
 * Says in the first note that this one takes its place, before this one is signed: from then on the first is never transmitted again. Undefined:
 * this one may be issued. Otherwise why not: it is held, or refused with its number free, since the first turned out to be authorised, say.
 */
export async function marcarSubstituida(documento: Documento, { store, clock, protections }: MarcarDeps): Promise<Fact | undefined> {
  const { substitui, _id, conta } = documento;
  if (!substitui) return undefined;
  for (;;) {
    const primeira = await store.documentos.findById(substitui.documentoId);
    if (!primeira || primeira.conta !== conta) return refused(DESCONHECIDA);
    const ours = primeira.substituidaPor?.documentoId === _id;
    if (HAS_NOTE.has(primeira.state)) {
      // Nothing was handed over in its place: the first alone remains.
      if (ours && !(await store.documentos.transition(primeira, { substituidaPor: undefined, substituicao: undefined }))) continue;
      return refused(desnecessaria(primeira));
    }
    if (ours) return undefined;
    if (primeira.substituidaPor) return refused(jaSubstituida(primeira));
    // Refused by SEFAZ, or never sent: this is simply another note.
    if (isSettled(primeira.state) && primeira.state !== 'conflict') return undefined;
    if (openAttempt(primeira)?.kind === 'authorize') return { kind: 'held', until: new Date(clock.now().getTime() + LOOK_AGAIN_MS) };
    const substituicao = { situacao: 'aguarda', desde: clock.now() } as const;
    const { change } = decide(primeira, { kind: 'substituted', por: { documentoId: _id }, substituicao }, clock.now(), protections);
    if (change?.substituidaPor?.documentoId !== _id) return refused(semDuvida(primeira));
    if (await store.documentos.transition(primeira, change)) return undefined;
  }
}

const HAS_NOTE: ReadonlySet<Documento['state']> = new Set(['authorized', 'cancelled', 'denied']);

function refused(fault: Fault): Fact {
  return { kind: 'refused', as: 'rejected', faults: [fault] };
}

const NORM = 'MOC 7.0 Anexo III 2.3.3; Ajuste SINIEF 19/16, cl. 11';
const LIVRE = 'Esta nota não foi emitida e o número está livre.';

const DESCONHECIDA: Fault = {
  code: 'substituida-desconhecida',
  path: '',
  message: `A nota a substituir não existe nesta conta. ${LIVRE} Confira a chave em ?substitui=.`,
  norm: NORM,
};

function desnecessaria({ chave = '' }: Documento): Fault {
  return {
    code: 'substituicao-desnecessaria',
    path: '',
    message: `A SEFAZ respondeu enquanto isso: a nota ${chave}, que esta substituiria, está na SEFAZ e é a nota da venda. ${LIVRE} Imprima a primeira.`,
    norm: NORM,
  };
}

function jaSubstituida({ chave = '', substituidaPor }: Documento): Fault {
  const other = substituidaPor?.chave ? ` (${substituidaPor.chave})` : '';
  return {
    code: 'substituicao-existente',
    path: '',
    message: `A nota ${chave} já tem uma substituta${other}: uma segunda nota da mesma venda não é emitida. ${LIVRE} Use a que existe.`,
    norm: NORM,
  };
}

function semDuvida({ chave = '' }: Documento): Fault {
  return {
    code: 'substituicao-sem-duvida',
    path: '',
    message:
      `A nota ${chave} não está em recuperação: só uma nota cuja transmissão ficou sem resposta é substituída. ${LIVRE} Consulte a primeira e ` +
      'espere o resultado dela.',
    norm: NORM,
  };
}
