import { type Autorizador, autorizadorContingencia, autorizadorNormal } from '../model/autorizador.ts';
import type { AmbienteName, Evidence, FailedSecond, Heard, ObservedCalls, Settings, StatusTarget } from './situacao.ts';

type HeardKey = `${Autorizador}/${AmbienteName}`;

function heardAfter(heard: Evidence['heard'], key: HeardKey, news: Heard): Evidence['heard'] {
  const known = heard[key] ?? {};
  const answeredAt = Math.max(known.answeredAt ?? 0, news.answeredAt ?? 0) || undefined;
  const failedAt = Math.max(known.failedAt ?? 0, news.failedAt ?? 0) || undefined;
  const local = news.failedAt !== undefined && news.failedAt >= (known.failedAt ?? 0) ? news.local === true : known.local === true;
  return { ...heard, [key]: { ...(answeredAt ? { answeredAt } : {}), ...(failedAt ? { failedAt, local } : {}) } };
}

function isOurs(calls: ObservedCalls, { modelo, uf, ambiente }: Settings): boolean {
  const sameKey = calls.modelo === modelo && calls.uf === uf && calls.ambiente === ambiente;
  return sameKey && calls.autorizador === autorizadorNormal(modelo, uf);
}

function withFailures(failed: readonly FailedSecond[], at: number, calls: ObservedCalls, keep: number): FailedSecond[] {
  const failures = calls.failures + calls.local + calls.paused;
  if (failures === 0) return [...failed];
  const same = failed.find((second) => second.at === at);
  const documents = [...new Set([...(same?.documents ?? []), ...calls.documents])].slice(0, keep);
  const merged = { at, failures: failures + (same?.failures ?? 0), documents };
  return [...failed.filter((second) => second !== same), merged].sort((a, b) => a.at - b.at);
}

/** The evidence after one aggregated second of calls. Calls of another model, UF, ambiente or authoriser only tell who was heard. */
export function afterCalls(evidence: Evidence, all: readonly ObservedCalls[], at: number, settings: Settings): Evidence {
  let { failed, heard, status } = evidence;
  for (const calls of all) {
    const { autorizador, ambiente, answered, failures, local, paused } = calls;
    heard = heardAfter(heard, `${autorizador}/${ambiente}`, {
      ...(answered + paused > 0 ? { answeredAt: at } : {}),
      ...(failures + local > 0 ? { failedAt: at, local: failures === 0 } : {}),
    });
    if (!isOurs(calls, settings)) continue;
    failed = withFailures(failed, at, calls, settings.documents);
    const { normal } = status;
    // Good status answers do not stand against traffic that fails: the authoriser is not back yet.
    if (answered === 0 && failures + local + paused > 0 && normal?.answer === '107')
      status = { ...status, normal: { ...normal, inARow: 0 } };
  }
  return { ...evidence, failed, heard, status };
}

/** Whether the status answer lets documents go there. CT-e: 113 is the active SVC with its planned end (MOC CT-e 4.00 §11.3.3). */
export function isGood(target: StatusTarget, answer: string, { modelo }: Pick<Settings, 'modelo'>): boolean {
  return answer === '107' || (target === 'svc' && answer === '113' && (modelo === '57' || modelo === '67'));
}

/** The answers that say something of the service; any other (656, a certificate fault) only proves that somebody answers. */
const STATUS_ANSWERS: Readonly<Record<StatusTarget, readonly string[]>> = {
  normal: ['107', '108', '109', 'none'],
  svc: ['107', '108', '109', '113', '114', 'none'],
  epec: ['107', '108', '109', '113', '114', 'none'],
};

/** The evidence after a status call; an answer not younger than the last one known (delivered twice, overtaken) changes nothing. */
export function afterStatus(evidence: Evidence, target: StatusTarget, answer: string, at: number, settings: Settings): Evidence {
  const last = evidence.status[target];
  if (last && at <= last.at) return evidence;
  const { modelo, uf, ambiente } = settings;
  const asked = target === 'svc' ? autorizadorContingencia(modelo, uf) : autorizadorNormal(modelo, uf);
  const news: Heard = answer === 'none' ? { failedAt: at } : { answeredAt: at };
  const heard = asked && target !== 'epec' ? heardAfter(evidence.heard, `${asked}/${ambiente}`, news) : evidence.heard;
  if (!STATUS_ANSWERS[target].includes(answer)) return { ...evidence, heard };
  const same = last && isGood(target, last.answer, settings) === isGood(target, answer, settings);
  const inARow = same ? last.inARow + 1 : 1;
  return { ...evidence, heard, status: { ...evidence.status, [target]: { answer, at, inARow } } };
}

/** The failures that count now, on how many distinct documents (exact up to the threshold). */
export function countFailures(evidence: Evidence): { failures: number; documents: number; first: number } {
  const { failed } = evidence;
  const documents = new Set(failed.flatMap((second) => second.documents)).size;
  return {
    failures: failed.reduce((sum, second) => sum + second.failures, 0),
    documents,
    first: failed[0]?.at ?? Number.POSITIVE_INFINITY,
  };
}

/**
 * Whether the fault is on our side: every authoriser called lately fails (two at least, or one by DNS or no route), and none has answered
 * since they began to.
 */
export function isOurSide({ heard }: Evidence, now: number, { windowMs, ourSideMs }: Settings): boolean {
  const all = Object.values(heard);
  const silent = all.filter(
    ({ failedAt, answeredAt }) => failedAt !== undefined && failedAt > now - windowMs && failedAt > (answeredAt ?? 0),
  );
  if (silent.length < 2 && !silent.some(({ local }) => local)) return false;
  const began = Math.min(...silent.map(({ failedAt }) => failedAt ?? now));
  return !all.some(({ answeredAt }) => answeredAt !== undefined && answeredAt >= began - ourSideMs);
}

/** Whether the normal authoriser has answered calls since the moment, and failed none after that. */
export function answersSince({ heard }: Evidence, moment: number, { modelo, uf, ambiente }: Settings): boolean {
  const { answeredAt = 0, failedAt = 0 } = heard[`${autorizadorNormal(modelo, uf)}/${ambiente}`] ?? {};
  return answeredAt > moment && answeredAt > failedAt;
}

/** Whether anybody has answered since the moment: without it, silence may be our own network's. */
export function heardSince({ heard }: Evidence, moment: number): boolean {
  return Object.values(heard).some(({ answeredAt }) => answeredAt !== undefined && answeredAt >= moment);
}

/** The evidence without what is too old to count. */
export function pruned(evidence: Evidence, now: number, { windowMs }: Settings): Evidence {
  return { ...evidence, failed: evidence.failed.filter(({ at }) => at > now - windowMs) };
}
