import type { CscDeps } from '@malote/administration/csc';
import type { Clock } from '@malote/runtime/clock';
import type { AcceptDeps } from './accept-document.ts';
import type { AcceptEventoDeps } from './accept-evento.ts';
import type { AcceptInutilizacaoDeps } from './accept-inutilizacao.ts';
import type { CertificadoDeps } from './certificados.ts';
import { type ContingenciaDeps, contingenciaRoutes } from './contingencia/routes-contingencia.ts';
import type { FindDeps } from './find-document.ts';
import type { FindEventoDeps } from './find-evento.ts';
import type { FindInutilizacaoDeps } from './find-inutilizacao.ts';
import type { AuditoriaDeps } from './list-auditoria.ts';
import type { ListDeps } from './list-documents.ts';
import type { RecoveringDeps } from './list-recovering.ts';
import { type OperatorDeps, operatorRoutes } from './operator/routes.ts';
import type { PreviewDeps } from './preview-document.ts';
import type { PrintDeps } from './print-document.ts';
import type { PutEmpresaDeps } from './put-empresa.ts';
import { accountRoutes } from './routes-account.ts';
import { auditoriaRoutes } from './routes-auditoria.ts';
import { certificadoRoutes } from './routes-certificados.ts';
import { descriptionRoutes } from './routes-description.ts';
import { documentRoutes } from './routes-documents.ts';
import { empresaRoutes } from './routes-empresas.ts';
import { entidadeRoutes } from './routes-entidades.ts';
import { eventoRoutes } from './routes-eventos.ts';
import { inutilizacaoRoutes } from './routes-inutilizacoes.ts';
import { printRoutes } from './routes-prints.ts';
import { problemRoutes } from './routes-problems.ts';
import { sessionRoutes } from './routes-session.ts';
import type { Route } from './routing.ts';
import type { SessionHandlers } from './session-routes.ts';
import type { LacunasDeps } from './show-lacunas.ts';
import { type TssDeps, tssRoutes } from './tss/routes-tss.ts';

export interface RouteDeps {
  session: SessionHandlers;
  documents: AcceptEventoDeps &
    FindEventoDeps &
    AcceptInutilizacaoDeps &
    FindInutilizacaoDeps &
    LacunasDeps &
    AcceptDeps &
    FindDeps &
    ListDeps &
    RecoveringDeps &
    AuditoriaDeps &
    PrintDeps &
    PreviewDeps;
  certificados: CertificadoDeps;
  empresas: PutEmpresaDeps & CscDeps;
  contingencia: ContingenciaDeps;
  tss: TssDeps;
  clock: Clock;
  /** Only of a hub that has an operator's key. */
  operator?: OperatorDeps | undefined;
}

/** The routing table: every path the edge answers, and who answers it. */
export function routeTable({ session, documents, certificados, empresas, contingencia, tss, clock, operator }: RouteDeps): Route[] {
  const routes = [...sessionRoutes(session), ...documentRoutes(documents), ...printRoutes(documents)];
  routes.push(...eventoRoutes(documents), ...inutilizacaoRoutes(documents));
  routes.push(...certificadoRoutes(certificados));
  routes.push(...empresaRoutes(empresas), ...contingenciaRoutes(contingencia));
  routes.push(...accountRoutes(documents), ...auditoriaRoutes(documents), ...entidadeRoutes(tss), ...tssRoutes(tss), ...problemRoutes());
  // Described from the table so far, these rows included. The operator's are no part of what ERPs are told.
  routes.push(...descriptionRoutes({ routes, clock }));
  return operator ? [...routes, ...operatorRoutes(operator)] : routes;
}
