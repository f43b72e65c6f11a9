import {
  type CertificadoDescrito,
  type CertificadoEnviado,
  type CertificadoMostrado,
  type CertificadosDeps,
  checkCertificado,
  describeCertificado,
  putCertificado,
  simularCertificado,
} from '@malote/administration/certificados';
import { Refused } from '@malote/administration/refused';
import { autorizadoresDaEmpresa, pedirTestes, type TestarDeps, type TestePedido } from '@malote/administration/testar-certificado';
import type { NudgeSubscriber } from '@malote/redis/nudges';
import type { Clock } from '@malote/runtime/clock';
import type { Store } from '@malote/store/connect';
import { unknownEmpresa } from './accept-document.ts';
import { contaOf, type Exchange, quemOf } from './exchange.ts';
import { type OpeningBudget, OpeningsSpent } from './opening-budget.ts';
import { refuseByRate } from './rate-limit.ts';
import { readCertificado } from './read-certificado.ts';

export interface CertificadoDeps extends Omit<CertificadosDeps, 'store' | 'clock'>, Omit<TestarDeps, 'store' | 'clock'> {
  store: Pick<Store, 'certificados' | 'empresas' | 'auditoria'>;
  clock: Clock;
  nudges: Pick<NudgeSubscriber, 'subscribe'>;
  openings: OpeningBudget;
}

/** How long a caller waits for what the authorisers say. */
const TEST_WAIT_MS = 10_000;
/** Looked at this often while no nudge comes. */
const LOOK_EVERY_MS = 500;

type Handler = (exchange: Exchange) => Promise<void>;

/** PUT and POST: checks the certificate, and installs it unless it is only to be checked. */
export function createPutCertificado(deps: CertificadoDeps): Handler {
  return async (exchange) => {
    const { params, query, res } = exchange;
    const conta = contaOf(exchange);
    const empresa = params.empresa ?? '';
    // Before the body is opened: another account's company costs nothing and tells nothing.
    if (!(await deps.store.empresas.find({ conta, documento: empresa }))) throw unknownEmpresa(params);
    const spent = deps.openings.spent(conta);
    if (spent) return refuseByRate(res, spent);
    const { pfx, senha, campo } = await readCertificado(exchange);
    const given: CertificadoEnviado = { empresa, pfx, senha, ambiente: query.ambiente as 'hom' | 'prod' };
    const metered = <T>(work: () => Promise<T>) => deps.openings.run(conta, work);
    const check: typeof checkCertificado = (sent, facts) => checkCertificado(sent, { ...facts, metered });
    let shown: CertificadoMostrado;
    try {
      shown = await asCalled(campo, () =>
        query.simular === true
          ? simularCertificado(given, { now: deps.clock.now(), raizes: deps.raizes, metered })
          : putCertificado({ ...deps, check }, { ...given, conta, quem: quemOf(exchange) }),
      );
    } catch (error) {
      if (!(error instanceof OpeningsSpent)) throw error;
      return refuseByRate(res, error.window);
    }
    exchange.log.info({ simular: query.simular, certificado: shown.impressaoSha256, cadeia: shown.cadeia }, 'certificate accepted');
    res.json(shown);
  };
}

/** A refusal names the file as the body did. */
async function asCalled<T>(campo: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Refused) || error.campo !== 'arquivo') throw error;
    throw new Refused(error.codigo, error.message, campo);
  }
}

/** GET: everything that may be told of the certificate, after a test at each authoriser where that is asked for. */
export function createShowCertificado(deps: CertificadoDeps): Handler {
  return async (exchange) => {
    const { params, query, res, trace } = exchange;
    const conta = contaOf(exchange);
    const empresa = params.empresa ?? '';
    const found = await deps.store.empresas.find({ conta, documento: empresa });
    if (!found) throw unknownEmpresa(params);
    const where = { conta, empresa };
    let shown = await describeCertificado(deps, where);
    if (query.testar === true) {
      const ambiente = (query.ambiente as 'hom' | 'prod' | undefined) ?? shown.ambientes[0] ?? 'hom';
      const tpAmb = ambiente === 'prod' ? '1' : '2';
      const subscribed = deps.nudges.subscribe(`${empresa}.${shown.impressaoSha256}`);
      try {
        const { pedidos } = await pedirTestes(deps, { ...where, tpAmb, traceparent: trace.traceparent });
        await untilTested(pedidos, subscribed, { deps, where, res });
      } finally {
        subscribed.close();
      }
      shown = await describeCertificado(deps, where);
    }
    res.json({ ...shown, testes: testesOf(shown, found) });
  };
}

/** Until every test that was asked for is done, the caller has gone, or the time is over: what is known then is the answer. */
async function untilTested(
  pedidos: readonly TestePedido[],
  nudge: ReturnType<NudgeSubscriber['subscribe']>,
  { deps, where, res }: { deps: CertificadoDeps; where: { conta: string; empresa: string }; res: Exchange['res'] },
): Promise<void> {
  const { clock, store } = deps;
  const gone = new AbortController();
  const abort = () => gone.abort();
  res.once('close', abort);
  const deadline = clock.monotonic() + TEST_WAIT_MS;
  try {
    for (let left = TEST_WAIT_MS; left > 0 && !gone.signal.aborted; left = deadline - clock.monotonic()) {
      const done = (await store.certificados.history(where)).flatMap(({ testesFeitos = [] }) => testesFeitos);
      if (pedidos.every(({ pedido }) => done.includes(pedido))) return;
      await nudge.wait(Math.min(LOOK_EVERY_MS, left), gone.signal);
    }
  } finally {
    res.off('close', abort);
  }
}

/** Every authoriser of the company in both ambientes, tested or not; those it used to have go last. */
function testesOf(
  { testes, ambientes }: CertificadoDescrito,
  empresa: Parameters<typeof autorizadoresDaEmpresa>[0],
): CertificadoDescrito['testes'] {
  const untested = { resultado: 'nao-testado', codigoStatus: null, motivo: null, em: null, duracaoMs: null, proximoEm: null } as const;
  const used = ambientes.flatMap((ambiente) => autorizadoresDaEmpresa(empresa).map(({ alvo: autorizador }) => ({ autorizador, ambiente })));
  const isOf = (a: { autorizador: string; ambiente: string }) => (b: { autorizador: string; ambiente: string }) =>
    a.autorizador === b.autorizador && a.ambiente === b.ambiente;
  return [...used.map((each) => testes.find(isOf(each)) ?? { ...each, ...untested }), ...testes.filter((teste) => !used.some(isOf(teste)))];
}
