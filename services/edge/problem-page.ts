import { type Html, html, styleOnlyPolicy } from './html.ts';

const STYLE = `:root{color-scheme:light dark}
body{font:1rem/1.55 system-ui,sans-serif;max-width:44rem;margin:0 auto;padding:1rem}
h1{font-size:1.5rem;line-height:1.25;margin:.5rem 0}
h2{font-size:1.1rem;margin:1.5rem 0 .25rem}
p,li{overflow-wrap:anywhere}
code,pre{font:.9rem/1.45 ui-monospace,monospace}
pre{padding:.75rem;border:1px solid;border-radius:.4rem;overflow-x:auto}
ul{padding-left:1.1rem}
li{margin:.35rem 0}`;

export const PAGE_POLICY = styleOnlyPolicy(STYLE);

export interface ShownProblem {
  codigo: string;
  status: number;
  titulo: string;
  explicacao: string;
  solucao: string;
  /** A whole answer with this problem. */
  exemplo: Record<string, unknown>;
}

/** The page of one problem. */
export function problemPage({ codigo, status, titulo, explicacao, solucao, exemplo }: ShownProblem): string {
  return page(
    titulo,
    html`<p><a href="/problemas">Todos os problemas</a></p>
<h1>${titulo}</h1>
<p>HTTP ${status} · <code>${codigo}</code></p>
<h2>O que significa</h2>
<p>${explicacao}</p>
<h2>O que fazer</h2>
<p>${solucao}</p>
<h2>Exemplo de resposta</h2>
<pre>${JSON.stringify(exemplo, null, 2)}</pre>`,
  );
}

/** The list of all. */
export function problemsPage(problems: readonly ShownProblem[]): string {
  const byStatus = [...new Set(problems.map(({ status }) => status))].sort((a, b) => a - b);
  const lists = byStatus.map((status) => {
    const rows = problems.filter((problem) => problem.status === status);
    const items = rows.map(({ codigo, titulo }) => html`<li><a href="/problemas/${codigo}">${titulo}</a> <code>${codigo}</code></li>\n`);
    return html`\n<h2>HTTP ${status}</h2>\n<ul>\n${items}</ul>`;
  });
  return page(
    'Problemas',
    html`<h1>Problemas</h1>
<p>Cada resposta de erro traz em <code>type</code> o endereço de uma destas páginas, e em <code>detail</code> o que aconteceu.</p>${lists}`,
  );
}

function page(title: string, body: Html): string {
  const style: Html = { html: STYLE };
  return html`<!doctype html>
<html lang="pt-BR">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Malote: ${title}</title>
<style>${style}</style>
</head>
<body>
${body}
</body>
</html>
`.html;
}
