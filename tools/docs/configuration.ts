import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeCatalogue } from '@malote/runtime/config';

const FILE = join(import.meta.dirname, '../../docs/configuration.md');

const HEAD = `# Configuration

Every setting is an environment variable. Each process reads its own part and refuses to start, with all faults at once, when a value is wrong, when one it needs is missing, or when a name that begins with \`MALOTE_\` is none of these (the nearest right name is suggested). An empty variable counts as absent. A secret may also be given as a file: \`<NAME>_FILE\`. \`malote config print\` shows what is in use, secrets hidden.

This page is made from the catalogue by \`node tools/docs/configuration.ts\`.

| variable | what it is | default |
| --- | --- | --- |
`;

/** docs/configuration.md as the catalogue of variables has it. */
export function configurationPage(): string {
  const rows = describeCatalogue().map(({ name, description, default: fallback, required, secret, example }) => {
    const value = required ? `required, e.g. \`${example}\`` : fallback === undefined || fallback === '' ? '–' : `\`${fallback}\``;
    return `| \`${name}\`${secret ? ' (secret)' : ''} | ${cell(description)} | ${cell(value)} |`;
  });
  return `${HEAD}${rows.join('\n')}\n`;
}

/** True when the page in the tree is the one the catalogue makes. */
export function configurationIsCurrent(): boolean {
  return readFileSync(FILE, 'utf8') === configurationPage();
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

if (import.meta.main) writeFileSync(FILE, configurationPage());
