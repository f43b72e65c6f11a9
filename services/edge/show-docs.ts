import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { answeredKnown } from './conditional.ts';
import { etagOf } from './etag.ts';
import type { Exchange } from './exchange.ts';

interface DocsFile {
  type: string;
  body: Buffer;
  gzipped: Buffer;
  etag: string;
}

const OWN = join(import.meta.dirname, 'docs');

/** The parts of the page: name → folder. */
const FILES: Record<string, () => string> = {
  'docs.css': () => OWN,
  'docs.js': () => OWN,
  'swagger-ui.css': swaggerUi,
  'swagger-ui-bundle.js': swaggerUi,
};

/** Everything from this host; no inline script or style. Swagger UI's icons are data: images. */
const POLICY = [
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'",
  "base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
].join('; ');

const read = new Map<string, Promise<DocsFile>>();

/** GET of the page. Its parts are asked for under the hash of their content, so they can be kept for ever. */
export function createShowDocs(): (exchange: Exchange) => Promise<void> {
  return async ({ res }) => {
    const urls = await Promise.all(Object.keys(FILES).map(async (name) => [name, `/docs/${name}?v=${versionOf(await fileOf(name))}`]));
    res.set({ 'Content-Security-Policy': POLICY, 'Cache-Control': 'no-cache' });
    res.type('html').send(page(Object.fromEntries(urls)));
  };
}

/** GET of one part, compressed for who takes it. */
export function createShowDocsFile(): (exchange: Exchange) => Promise<void> {
  return async (exchange) => {
    const { req, res, params } = exchange;
    const file = await fileOf(params.arquivo ?? '');
    const asked = new URLSearchParams(req.url.split('?')[1]).get('v');
    const cacheControl = asked === versionOf(file) ? 'public, max-age=31536000, immutable' : 'no-cache';
    res.set({ Vary: 'Accept-Encoding', 'Content-Type': file.type });
    if (answeredKnown(exchange, file.etag, cacheControl)) return;
    const compressed = req.acceptsEncodings('gzip') === 'gzip';
    if (compressed) res.set('Content-Encoding', 'gzip');
    res.send(compressed ? file.gzipped : file.body);
  };
}

function fileOf(name: string): Promise<DocsFile> {
  const known = read.get(name) ?? load(name);
  read.set(name, known);
  return known;
}

async function load(name: string): Promise<DocsFile> {
  const body = await readFile(join(FILES[name]?.() ?? OWN, name));
  const type = name.endsWith('.css') ? 'text/css; charset=utf-8' : 'text/javascript; charset=utf-8';
  return { type, body, gzipped: await promisify(gzip)(body), etag: etagOf(body) };
}

const versionOf = ({ etag }: DocsFile) => etag.slice(1, 13);

function swaggerUi(): string {
  return join(fileURLToPath(import.meta.resolve('swagger-ui-dist/package.json')), '..');
}

function page(urls: Record<string, string>): string {
  return `<!doctype html>
<html lang="pt-BR">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Malote: API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${urls['swagger-ui.css']}">
<link rel="stylesheet" href="${urls['docs.css']}">
</head>
<body>
<header>
<form id="entrar">
<label>Token <input name="token" autocomplete="username" required spellcheck="false"></label>
<label>Secret <input name="secret" type="password" autocomplete="current-password" required></label>
<button>Entrar</button>
</form>
<p id="situacao" role="status">Entre para experimentar as chamadas com a sua conta.</p>
</header>
<main id="api"></main>
<script src="${urls['swagger-ui-bundle.js']}"></script>
<script src="${urls['docs.js']}"></script>
</body>
</html>
`;
}
