import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

/** The parts of a Compose file the tests look at. */
export interface ComposeService {
  image?: string;
  build?: { dockerfile?: string };
  command?: string[];
  entrypoint?: string[];
  environment?: Record<string, string | number>;
  healthcheck?: { test?: string[] };
  profiles?: string[];
  restart?: string;
  secrets?: (string | { source: string; target?: string })[];
  depends_on?: Record<string, { condition: string }>;
  volumes?: string[];
}

export interface ComposeFile {
  services: Record<string, ComposeService>;
  secrets: Record<string, { file: string }>;
  volumes: Record<string, unknown>;
}

/** docker-compose.yml with merge keys resolved and every variable at the default it has in the file. */
export function readComposeFile(root: string): ComposeFile {
  const document = parse(readFileSync(join(root, 'docker-compose.yml'), 'utf8'), { merge: true }) as ComposeFile;
  return interpolate(document) as ComposeFile;
}

function interpolate(node: unknown): unknown {
  if (typeof node === 'string')
    return node.replace(/\$(?:\$|\{(\w+):-([^}]*)\})/g, (_, name?: string, fallback = '') => (name ? fallback : '$'));
  if (Array.isArray(node)) return node.map(interpolate);
  if (node === null || typeof node !== 'object') return node;
  return Object.fromEntries(Object.entries(node).map(([name, value]) => [name, interpolate(value)]));
}

/** Runs once and ends (`restart: 'no'`), so that nothing is to be watched. */
export function isOneShot(service: ComposeService): boolean {
  return service.restart === 'no';
}

export function secretNames(service: ComposeService): string[] {
  return (service.secrets ?? []).map((secret) => (typeof secret === 'string' ? secret : secret.source));
}
