import { systemClock } from '@malote/runtime/clock';
import type { Store } from '@malote/store/connect';
import { openingBudget } from '../opening-budget.ts';
import { type RouteDeps, routeTable } from '../routes.ts';
import type { Route } from '../routing.ts';

const nothing = async () => {};
const openings = openingBudget(systemClock);
const notCalled = () => Promise.reject(new Error('not called'));

const waits = {
  begin: () => undefined,
  hold: () => {
    throw new Error('not called');
  },
  end: () => {},
};

const documents = {
  findEmpresa: async () => undefined,
  isBlocked: async () => undefined,
  accept: notCalled,
  publish: nothing,
  readConteudo: async () => undefined,
  findById: async () => undefined,
  waits,
  keys: { claim: async () => 'new', release: nothing },
  eventos: { accept: notCalled, findById: async () => undefined, listOf: async () => [] },
  inutilizacoes: {
    accept: notCalled,
    findById: async () => undefined,
    findCovering: async () => undefined,
    list: async () => ({ total: 0, inutilizacoes: [] }),
    overlapping: async () => [],
  },
  inRange: async () => [],
  lastNumber: async () => undefined,
  findByNumero: async () => undefined,
  findByChave: async () => undefined,
  recovering: async () => ({ total: 0, documentos: [] }),
  listAuditoria: async () => ({ total: 0, registros: [] }),
  listDocuments: async () => ({ total: 0, documentos: [] }),
  bodyLimitBytes: 1,
  now: systemClock.now,
  logos: async () => undefined,
  checkSerie: nothing,
  correct: notCalled,
  pendentes: async () => ({ total: 0, documentos: [] }),
  readQuadro: async () => undefined,
} satisfies RouteDeps['documents'] & RouteDeps['contingencia']['pendentes'];

/** The routing table over an account that has nothing, for tests of the table itself. */
export function emptyTable({ operator }: Pick<RouteDeps, 'operator'> = {}): Route[] {
  return routeTable({
    session: { open: nothing, show: nothing, renew: nothing, end: nothing },
    documents,
    certificados: {
      store: {
        empresas: { find: async () => undefined },
        certificados: { history: async () => [] },
        auditoria: { append: notCalled },
      } as unknown as RouteDeps['certificados']['store'],
      nudges: { subscribe: () => ({ wait: async () => 'timeout' as const, close: () => {} }) },
      ...{ clock: systemClock, raizes: [], publish: nothing, openings },
    },
    empresas: { store: {} as never, publish: nothing },
    contingencia: {
      politicas: { store: {} as never },
      modos: {
        contingencias: { find: async () => undefined, list: async () => [] },
        ...{
          auditoria: { append: notCalled },
          politicas: { store: {} as never },
          publish: nothing,
          waits,
          clock: systemClock,
          runs: async () => false,
        },
        ...{ drillDocuments: async () => [], listEmpresas: async () => [] },
      },
      pendentes: documents,
    },
    tss: {
      bloqueios: { insert: notCalled, findById: async () => undefined },
      entidades: {
        list: async () => ({ total: 0, entidades: [] }),
        find: async () => undefined,
        findById: async () => undefined,
        findByKey: async () => [],
        openToken: () => undefined,
      },
      auditoria: { append: notCalled },
      publish: nothing,
      waits,
      tssWaitS: 0,
      now: systemClock.now,
      administration: { store: {} as Store, clock: systemClock, raizes: [] },
      openings,
    },
    clock: systemClock,
    operator,
  });
}
