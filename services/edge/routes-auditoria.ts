import { conditionally } from './conditional-route.ts';
import { AUDITORIA_EXAMPLE } from './examples/answers.data.ts';
import { type AuditoriaDeps, auditoriaSchema, createListAuditoria } from './list-auditoria.ts';
import { pageQuery, pageSchema } from './pages.ts';
import type { Route } from './routing.ts';

/** Who did what on the account. */
export function auditoriaRoutes(deps: AuditoriaDeps): Route[] {
  return [
    {
      ...{ method: 'GET', path: '/api/conta/auditoria', sample: '/api/conta/auditoria' },
      ...{ tag: 'Conta', access: 'session', body: 'none', id: 'listarAuditoria', summary: 'Lista a trilha de auditoria da conta' },
      description:
        'Quem (credencial, IP) fez o quê, quando e com que resultado, do mais novo para o mais antigo. Cada registro traz o hash do anterior: ' +
        'o que for mudado, retirado ou inserido aparece em `malote audit verify`.',
      escopos: ['administracao'],
      query: pageQuery,
      ...conditionally({
        description: 'Uma página.',
        schema: pageSchema(auditoriaSchema).meta({ component: 'Auditoria' }).example(AUDITORIA_EXAMPLE),
      }),
      problems: [],
      handler: createListAuditoria(deps),
    },
  ];
}
