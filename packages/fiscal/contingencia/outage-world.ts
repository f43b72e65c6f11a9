import { decide } from '../emission/lifecycle.ts';
import {
  type Action,
  type Fact,
  isSettled,
  type Lifecycle,
  maySignAgain,
  openAttempt,
  type SignedContent,
} from '../emission/lifecycle-state.ts';
import { type DecisionProtections, PROTECTED } from '../emission/protections.ts';
import type { Autorizador } from '../model/autorizador.ts';
import { escolheDescarga, modoParaDescarga, type Pendente, situacaoNaDescarga } from './descarga.ts';
import { emContingencia, escolheModo, type FatosDaNota, permiteOffline } from './modo-da-nota.ts';
import { modeWorker } from './outage-mode.ts';
import { type Bytes, type Outages, type Reply, virtualSefaz } from './outage-sefaz.ts';
import { efetiva } from './politica.ts';
import { prazoTransmissao } from './prazo.ts';
import { decideSubstituicao } from './substituicao.ts';

export interface Venda {
  modelo: '55' | '65';
  /** when the ERP posts it, seconds from the beginning */
  second: number;
  /** a till waits 5 s for the answer */
  till: boolean;
  /** the company has a reserved série for substitutes */
  serie: boolean;
}

export interface Script {
  vendas: readonly Venda[];
  outages: Outages;
  chances: readonly number[];
  protections?: Partial<DecisionProtections>;
}

export interface Nota {
  id: string;
  venda: number;
  numero: string;
  serie: number;
  modelo: '55' | '65';
  dhEmi: string;
  document: Lifecycle;
  /** Transmissions and EPECs that may have arrived. */
  sent: { at: number; chave: string }[];
  /** A worker died with it. */
  killed: boolean;
  busy: boolean;
}

const SECOND = 1_000;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** A Tuesday, 19:00 in SP: what goes off line now must be there by the end of Wednesday. */
const T0 = Date.parse('2026-11-24T22:00:00Z');
const WAIT_MS = 5 * SECOND;
const TIMEOUT_MS = 45 * SECOND;
const POLITICA = efetiva({});
/** Longer than the law's longest deadline: what has not ended by then never does. */
const HORIZON_MS = 30 * 24 * HOUR;
const MAX_STEPS = 20_000;
const KILLED_OF_1000 = 25;

/** A hub, its ERPs and SEFAZ on a virtual clock. `untilSettled` throws when something does not come to an end; `broken` is what must never be. */
export function outageWorld({ vendas, outages, chances, protections = {} }: Script) {
  let t = 0;
  let drawn = 0;
  let numbers = 0;
  let nextTick = MINUTE;
  const queue: { at: number; run: () => void }[] = [];
  const notas = new Map<string, Nota>();
  const broken: string[] = [];
  const now = () => new Date(T0 + t);
  const later = (ms: number, run: () => void) => void queue.push({ at: t + Math.max(1, ms), run });
  const troubled = Math.max(
    ...Object.values(outages).map((segments) => segments.reduce((sum, { minutes }) => sum + minutes * MINUTE, 0)),
    HOUR,
  );
  const chance = () => (t > troubled ? 500 : ((chances[drawn % chances.length] ?? 0) + 389 * drawn++) % 1000);
  const sefaz = virtualSefaz({ outages, now: () => t, chance, later });
  const worker = modeWorker(now, sefaz);
  for (const [index, venda] of vendas.entries()) later(venda.second * SECOND, () => post(index, venda));

  function post(index: number, { modelo, till }: Venda, substitui?: Nota): Nota {
    const dhEmi = `${new Date(T0 + t - 3 * HOUR).toISOString().slice(0, 19)}-03:00`;
    const document: Lifecycle = {
      ...{ state: 'received', attempts: [], faults: [], avisos: [], rodadas: [], consultas: 0, nextAt: new Date(T0 + t + 120_000) },
      ...{ nextAction: 'document.emit', ...(till && !substitui ? { responderAte: new Date(T0 + t + WAIT_MS) } : {}) },
      ...(modelo === '65' ? { enviarAte: new Date(Math.floor((T0 + t) / 1000) * 1000 + 5 * MINUTE) } : {}),
      ...(substitui ? { substitui: { documentoId: substitui.id } } : {}),
    };
    const numero = String(++numbers);
    const nota: Nota = {
      id: `n${numero}`,
      venda: index,
      numero,
      serie: substitui ? 900 : 1,
      modelo,
      dhEmi,
      document,
      sent: [],
      killed: false,
      busy: false,
    };
    notas.set(nota.id, nota);
    if (till && !substitui) later(WAIT_MS, () => checkTill(nota));
    run(nota);
    return nota;
  }

  function apply(nota: Nota, fact: Fact): Action {
    const before = nota.document;
    const { change, action } = decide(before, fact, now(), { ...PROTECTED, ...protections });
    if (change) nota.document = { ...before, ...change };
    if (
      isSettled(before.state) &&
      nota.document.state !== before.state &&
      !(before.state === 'authorized' && nota.document.state === 'cancelled')
    ) {
      broken.push(`${nota.id} left ${before.state} for ${nota.document.state}`);
    }
    return action;
  }

  function killed(nota: Nota): boolean {
    const dies = chance() < KILLED_OF_1000;
    nota.killed ||= dies;
    return dies;
  }

  function run(nota: Nota, first: Action = apply(nota, { kind: 'due' })): void {
    let action = first;
    for (let step = 0; action.do !== 'nothing' && action.do !== 'wait'; step++) {
      if (step > 20) throw new Error(`the worker never comes to rest: ${action.do} ${nota.document.state}`);
      if (killed(nota)) return;
      action = carryOut(nota, action);
    }
    repairSubstitute(nota);
  }

  function carryOut(nota: Nota, action: Action): Action {
    switch (action.do) {
      case 'prepare':
        return prepare(nota);
      case 'prepare-offline':
        return apply(nota, { kind: 'issued', content: contentOf(nota, emContingencia(fatosOf(nota), 'OFFLINE', now(), POLITICA)) });
      case 'send': {
        const { document } = nota;
        const other = document.chave && maySignAgain(document) ? choose(nota) : undefined;
        if (other && tpEmisOf(other) !== document.tpEmis && tpEmisOf(other)) return sign(nota, other);
        if (other?.modo === 'AGUARDAR') return apply(nota, { kind: 'held', until: other.ate });
        return call(nota, 'authorize');
      }
      case 'consult':
        return call(nota, 'consult');
      case 'register-epec':
        return registerEpec(nota);
      case 'substitute': {
        if (!vendas[nota.venda]?.serie) {
          // Some time later the ERP does as it was told.
          later(3 * SECOND, () => post(nota.venda, vendas[nota.venda] as Venda, nota));
          return apply(nota, { kind: 'no-substitute' });
        }
        return apply(nota, {
          kind: 'substituted',
          por: { documentoId: `n${numbers + 1}` },
          substituicao: { situacao: 'aguarda', desde: now() },
        });
      }
      default:
        throw new Error(`not an action to carry out: ${action.do}`);
    }
  }

  /** The first names its substitute before that exists: whoever works on it next makes it. */
  function repairSubstitute(nota: Nota): void {
    const { substituidaPor } = nota.document;
    if (!substituidaPor || notas.has(substituidaPor.documentoId) || killed(nota)) return;
    const made = post(nota.venda, vendas[nota.venda] as Venda, nota);
    nota.document = { ...nota.document, substituidaPor: { documentoId: made.id } };
  }

  function prepare(nota: Nota): Action {
    const { document } = nota;
    if (document.pendenteDesde && document.contingencia) {
      const { chave = '', tpEmis = '', digest } = document;
      const content = { tpEmis, autorizador: 'SP' as const, cNF: '1', chave, digest: `${digest}'`, conteudo: 'c' };
      return apply(nota, { kind: 'corrected', content });
    }
    const first = notas.get(document.substitui?.documentoId ?? '');
    if (first && first.document.substituidaPor?.documentoId !== nota.id) {
      if (first.document.state === 'authorized') return apply(nota, { kind: 'refused', as: 'rejected', faults: [] });
      apply(first, { kind: 'substituted', por: { documentoId: nota.id }, substituicao: { situacao: 'aguarda', desde: now() } });
      const marked = first.document.substituidaPor?.documentoId === nota.id || isSettled(first.document.state);
      if (!marked) return apply(nota, { kind: 'held', until: new Date(T0 + t + 2 * SECOND) });
      if (killed(nota)) return { do: 'nothing' };
    }
    const late = document.enviarAte !== undefined && document.enviarAte < now();
    if (first || (late && permiteOffline(fatosOf(nota), POLITICA))) {
      return sign(nota, emContingencia(fatosOf(nota), 'OFFLINE', now(), POLITICA));
    }
    return sign(nota, choose(nota));
  }

  function choose(nota: Nota) {
    return escolheModo(fatosOf(nota), worker.vistos(nota.modelo), POLITICA, now());
  }

  function sign(nota: Nota, choice: ReturnType<typeof choose>): Action {
    if (choice.modo === 'AGUARDAR') return apply(nota, { kind: 'held', until: choice.ate });
    if (choice.modo === 'RECUSADA') throw new Error('no ERP chooses here');
    const content = contentOf(nota, choice);
    if (choice.modo === 'EPEC') return apply(nota, { kind: 'epec', content });
    return choice.modo === 'OFFLINE' ? apply(nota, { kind: 'issued', content }) : call(nota, 'authorize', content);
  }

  function contentOf(nota: Nota, choice: { modo: 'NORMAL' } | ReturnType<typeof emContingencia>): SignedContent {
    const tpEmis = tpEmisOf(choice) as string;
    const autorizador: Autorizador = tpEmis === '6' ? 'SVC-AN' : 'SP';
    const bytes = { tpEmis, autorizador, cNF: '1', chave: `${nota.numero}/${tpEmis}`, digest: `${nota.numero}/${tpEmis}`, conteudo: 'c' };
    if (choice.modo !== 'NORMAL') {
      const prazo = prazoTransmissao({ modelo: nota.modelo, tpEmis, dhEmi: nota.dhEmi, uf: 'SP' });
      const { modo, desde } = choice;
      return { ...bytes, contingencia: { modo, desde, ...(prazo ? { prazoAte: prazo.ate, alvoAte: prazo.alvo } : {}) } };
    }
    const { responderAte, enviarAte } = nota.document;
    if (!enviarAte || !permiteOffline(fatosOf(nota), POLITICA)) return bytes;
    const waits = responderAte ? responderAte.getTime() - 1500 : enviarAte.getTime();
    return { ...bytes, offlineApos: new Date(Math.min(waits, enviarAte.getTime())) };
  }

  function tpEmisOf(choice: ReturnType<typeof choose>): string | undefined {
    return choice.modo === 'NORMAL' ? '1' : 'tpEmis' in choice ? choice.tpEmis : undefined;
  }

  function fatosOf({ modelo, dhEmi, serie, document }: Nota): FatosDaNota {
    const facts = { modelo, uf: 'SP', ambiente: 'prod', tpEmisInformado: '1', semIe: false, serie, dhEmi } as const;
    return { ...facts, limite: document.responderAte };
  }

  function call(nota: Nota, kind: 'authorize' | 'consult', content?: SignedContent): Action {
    const offlineApos = content ? content.offlineApos : nota.document.offlineApos;
    const timeout = offlineApos && offlineApos > now() ? Math.min(TIMEOUT_MS, offlineApos.getTime() - T0 - t) : TIMEOUT_MS;
    const autorizador = content?.autorizador ?? nota.document.autorizador ?? 'SP';
    const attempt = { kind, autorizador, service: kind, until: new Date(T0 + t + timeout + 10_000), trace: '' };
    const action = apply(nota, content ? { kind: 'signed', content, attempt } : { kind: 'opened', attempt });
    const { n } = openAttempt(nota.document) ?? {};
    if (n === undefined || openAttempt(nota.document)?.sentAt.getTime() !== T0 + t) return action;
    const target = autorizador === 'SVC-AN' ? 'SVC-AN' : 'SP';
    const { chave = '', digest = '', tpEmis = '', substituidaPor } = nota.document;
    const bytes: Bytes = { numero: nota.numero, chave, digest, tpEmis, modelo: nota.modelo, dhEmi: Date.parse(nota.dhEmi) - T0 };
    const reply = kind === 'authorize' ? sefaz.authorize(target, bytes, timeout) : sefaz.consult(target, chave);
    if (kind === 'authorize') {
      if (substituidaPor) broken.push(`${nota.id} was sent although ${substituidaPor.documentoId} takes its place`);
      mayArrive(nota, chave, reply);
    }
    if (killed(nota)) return { do: 'nothing' };
    nota.busy = true;
    const durationMs = reply.fate === 'unknown' ? timeout : reply.fate === 'answered' ? 300 : 50;
    later(durationMs, () => {
      nota.busy = false;
      if (target === 'SP') worker.observe(nota.modelo, nota.id, endOf(reply));
      const failure = reply.fate === 'answered' ? undefined : reply.fate;
      run(
        nota,
        apply(
          nota,
          failure
            ? { kind: 'failed', n, failure, reason: failure, durationMs }
            : { kind: 'answered', n, retorno: (reply as Extract<Reply, { fate: 'answered' }>).retorno, durationMs },
        ),
      );
    });
    return { do: 'nothing' };
  }

  function endOf(reply: Reply): 'answered' | 'failures' | 'paused' {
    if (reply.fate !== 'answered') return 'failures';
    return reply.retorno.kind === 'document' && reply.retorno.cStat === '108' ? 'paused' : 'answered';
  }

  /** What may be at an authoriser, or waits for it there, under this key: any other key of the number is forbidden from now on. */
  function mayArrive(nota: Nota, chave: string, reply?: Reply): void {
    const notProcessed =
      reply?.fate === 'not-sent' || (reply?.fate === 'answered' && reply.retorno.kind === 'document' && reply.retorno.cStat === '108');
    const other = nota.sent.find((one) => one.chave !== chave);
    if (other) broken.push(`${nota.id} went out as ${chave} after ${other.chave}`);
    if (!notProcessed) nota.sent.push({ at: t, chave });
  }

  function registerEpec(nota: Nota): Action {
    const { chave = '', contingencia } = nota.document;
    const other = nota.sent.length > 0 ? undefined : choose(nota);
    if (contingencia?.epecRetirado && other) return sign(nota, other);
    if (other && (tpEmisOf(other) ?? '4') !== '4') return apply(nota, { kind: 'epec-withdrawal', begun: true });
    const end = sefaz.epec(chave);
    if (end !== 'not-sent') mayArrive(nota, chave);
    if (killed(nota)) return { do: 'nothing' };
    if (end === 'registered') return apply(nota, { kind: 'epec-registered', epec: { nProt: '1', dhRegistro: '' } });
    return apply(nota, { kind: 'held', until: new Date(T0 + t + 30 * SECOND) });
  }

  function tick(): void {
    worker.clock();
    const pendentes = [...notas.values()].flatMap((nota): Pendente[] => {
      const { contingencia, autorizador = 'SP' } = nota.document;
      const situacao = situacaoNaDescarga(nota.document);
      if (!situacao || !contingencia?.emitidaEm) return [];
      if (situacao === 'recusada' && nota.document.state === 'rejected') later(10 * MINUTE, () => correct(nota));
      const { id, modelo, serie, numero } = nota;
      const where = { id, empresa: 'e', tpAmb: '1', modelo, uf: 'SP', serie, numero: Number(numero), autorizador } as const;
      return [{ ...where, emitidaEm: contingencia.emitidaEm, prazoAte: contingencia.prazoAte, situacao }];
    });
    const modoOf = (one: Pendente) => modoParaDescarga(one, worker.vistos(one.modelo as '55' | '65'), now());
    for (const { id } of escolheDescarga(pendentes, modoOf, now(), { vagas: 5 })) {
      const nota = notas.get(id) as Nota;
      run(nota, apply(nota, { kind: 'transmit' }));
    }
    for (const nota of notas.values()) if (nota.document.substituicao) saga(nota);
    // A redelivery, perhaps beside a call under way.
    const any = [...notas.values()][chance() % Math.max(1, notas.size)];
    if (any) run(any);
  }

  /** The ERP mends what SEFAZ refused. */
  function correct(nota: Nota): void {
    if (nota.document.state !== 'rejected' || !nota.document.pendenteDesde) return;
    nota.document = { ...nota.document, state: 'received', attempts: [], nextAt: now(), nextAction: 'document.emit' };
  }

  function saga(nota: Nota): void {
    const { substituicao, substituidaPor, state, retorno, chave = '' } = nota.document;
    if (!substituicao || killed(nota)) return;
    const asked = notas.get(substituidaPor?.documentoId ?? '')?.document;
    const facts = {
      primeira: { state, substituicao, modelo: nota.modelo, uf: 'SP', ...(retorno ? { retorno } : {}) },
      substituta: asked,
    } as const;
    const passo = decideSubstituicao(facts, now());
    if (passo.do === 'store') nota.document = { ...nota.document, substituicao: passo.substituicao };
    if (passo.do === 'cancel' && sefaz.cancel(chave) === 'registered') nota.document = { ...nota.document, state: 'cancelled' };
    if (passo.do === 'void') {
      const end = sefaz.void(nota.numero);
      if (end === 'refused') broken.push(`${nota.id} is there and was taken for absent`);
      if (end === 'registered')
        nota.document = { ...nota.document, substituicao: { ...substituicao, situacao: 'concluida', por: 'inutilizacao' } };
    }
  }

  /** What the till was promised, unless a worker died meanwhile: a paper, a refusal, or the word to issue another note. */
  function checkTill(nota: Nota): void {
    const { document, killed: died } = nota;
    const substituta = notas.get(document.substituidaPor?.documentoId ?? '');
    if (nota.modelo !== '65' || died || substituta?.killed) return;
    const answered = document.state === 'issued' || isSettled(document.state) || document.pendenteDesde || document.acao;
    if (!answered && !substituta?.document.pendenteDesde) broken.push(`${nota.id} has nothing for its till: ${document.state}`);
  }

  function unsettled(): Nota[] {
    return [...notas.values()].filter(({ document }) => {
      const { state, pendenteDesde, substituicao } = document;
      const open = substituicao && substituicao.situacao !== 'concluida' && substituicao.situacao !== 'manual';
      return !isSettled(state) || pendenteDesde !== undefined || open;
    });
  }

  function told(): string {
    return JSON.stringify(unsettled().map(({ id, document }) => ({ id, ...document, attempts: document.attempts.slice(-3) })));
  }

  function untilSettled(): void {
    for (let steps = 0; queue.length > 0 || unsettled().length > 0; steps++) {
      if (t > HORIZON_MS || steps > MAX_STEPS) throw new Error(`does not end after ${steps} steps, ${t} ms: ${told()}`);
      const woken = unsettled()
        .filter(({ busy, document }) => !busy && document.nextAt !== undefined)
        .sort((a, b) => (a.document.nextAt as Date).getTime() - (b.document.nextAt as Date).getTime())[0];
      queue.sort((a, b) => a.at - b.at);
      const wakeAt = woken?.document.nextAt ? woken.document.nextAt.getTime() - T0 : Number.POSITIVE_INFINITY;
      const tickAt = worker.calm() && unsettled().length === 0 ? Number.POSITIVE_INFINITY : nextTick;
      const queuedAt = queue[0]?.at ?? Number.POSITIVE_INFINITY;
      t = Math.max(t, Math.min(wakeAt, tickAt, queuedAt));
      if (queuedAt <= t) queue.shift()?.run();
      else if (tickAt <= t) {
        nextTick = t + (t < 3 * HOUR ? MINUTE : 5 * MINUTE);
        tick();
      } else if (woken) {
        run(woken);
        // The clockwork sends one message a minute about a document that stays due.
        if (woken.document.nextAt && woken.document.nextAt.getTime() <= T0 + t) later(MINUTE, () => run(woken));
        if (woken.document.nextAt && woken.document.nextAt.getTime() <= T0 + t)
          woken.document = { ...woken.document, nextAt: new Date(T0 + t + MINUTE) };
      }
    }
  }

  return { notas, sefaz, broken, untilSettled, T0 };
}
