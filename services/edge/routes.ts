import type { Clock } from '@malote/runtime/clock';
import type { AcceptDeps } from './accept-document.ts';
import type { FindDeps } from './find-document.ts';
import type { RecoveringDeps } from './list-recovering.ts';
import { accountRoutes } from './routes-account.ts';
import { descriptionRoutes } from './routes-description.ts';
import { documentRoutes } from './routes-documents.ts';
import { sessionRoutes } from './routes-session.ts';
import type { Route } from './routing.ts';
import type { SessionHandlers } from './session-routes.ts';

export interface RouteDeps {
  session: SessionHandlers;
  documents: AcceptDeps & FindDeps & RecoveringDeps;
  clock: Clock;
}

/** The routing table: every path the edge answers, and who answers it. */
export function routeTable({ session, documents, clock }: RouteDeps): Route[] {
  const routes = [...sessionRoutes(session), ...documentRoutes(documents), ...accountRoutes(documents)];
  // Described from the whole table, these rows included.
  routes.push(...descriptionRoutes({ routes, clock }));
  return routes;
}
