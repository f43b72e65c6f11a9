import { readFileSync } from 'node:fs';
import { CATALOGUE, type Config, type ConfigKey, type Setting, variableName } from './config-catalogue.ts';
import { errorCode } from './errors.ts';
import { MASK } from './redact.ts';

export type { Config, ConfigKey, RespTec } from './config-catalogue.ts';

/** Everything wrong with the environment at once, one line (Portuguese) per variable; never holds the value of a secret. */
export class ConfigError extends Error {
  override name = 'ConfigError';
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(`configuração inválida:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.problems = problems;
  }
}

type Env = Readonly<Record<string, string | undefined>>;

const KEYS = Object.keys(CATALOGUE) as ConfigKey[];
/** A name read by a later release only, or misspelt? The more edits, the less it is a slip. */
const MAX_EDITS = 6;

/**
 * The part of the configuration a service asks for, typed, with defaults. An empty variable counts as absent. A secret may come
 * as `<NAME>_FILE` (one final line break is cut). Throws ConfigError for wrong or missing values of the asked part, for
 * `MALOTE_` names in no part of the catalogue, for a test clock in production, for a test switch outside tests, for TLS verification
 * switched off; variables of other services are ignored.
 */
export function loadConfig<const K extends ConfigKey>(keys: readonly K[], env: Env = process.env): Pick<Config, K> {
  const problems = unknownNames(env);
  const result: Partial<Record<ConfigKey, unknown>> = {};
  for (const key of new Set<ConfigKey>(['mode', ...keys])) {
    const outcome = readSetting(key, env);
    if ('problem' in outcome) problems.push(outcome.problem);
    else result[key] = outcome.value;
  }
  if (result.mode === 'production' && given(env, variableName('testClockFile'))) {
    problems.push(`${variableName('testClockFile')} não é aceita em produção; defina MALOTE_MODE=test ou retire a variável`);
  }
  if (given(env, 'NODE_TLS_REJECT_UNAUTHORIZED') === '0') {
    problems.push('NODE_TLS_REJECT_UNAUTHORIZED=0 desliga a verificação do TLS; retire a variável e informe a autoridade certificadora');
  }
  if (result.mode !== 'test' && given(env, variableName('testWithout'))) {
    problems.push(`${variableName('testWithout')} só é aceita com MALOTE_MODE=test; retire a variável`);
  }
  if (problems.length > 0) throw new ConfigError(problems);
  if (!(keys as readonly ConfigKey[]).includes('mode')) delete result.mode;
  return result as Pick<Config, K>;
}

/** The environment of a command that is run for somebody: this process's own, with `added`. */
export function environmentWith(added: Readonly<Record<string, string>>): Record<string, string | undefined> {
  return { ...process.env, ...added };
}

/** A copy fit to print: secrets masked, the rest as it is used. */
export function redactedConfig(config: Partial<Config>): Record<string, unknown> {
  const shown = Object.entries(config).map(([key, value]) => {
    const setting: Setting<unknown> | undefined = CATALOGUE[key as ConfigKey];
    return [key, (!setting || setting.secret === true) && value !== undefined ? MASK : value];
  });
  return Object.fromEntries(shown);
}

export interface CatalogueRow {
  key: ConfigKey;
  name: string;
  description: string;
  example: string;
  default: unknown;
  required: boolean;
  secret: boolean;
}

/** Every variable in the catalogue's order, for docs and `--help`. */
export function describeCatalogue(): CatalogueRow[] {
  return KEYS.map((key) => {
    const setting: Setting<unknown> = CATALOGUE[key];
    return {
      key,
      name: variableName(key),
      description: setting.description,
      example: setting.example,
      default: setting.default,
      required: setting.default === undefined && !setting.optional,
      secret: setting.secret === true,
    };
  });
}

function readSetting(key: ConfigKey, env: Env): { value: unknown } | { problem: string } {
  const setting: Setting<unknown> = CATALOGUE[key];
  const name = variableName(key);
  const advice = `deve ser ${setting.rule} (exemplo: ${setting.example})`;
  const text = readText(name, setting, env);
  if (typeof text === 'object') return text;
  if (text === undefined) {
    if (setting.default !== undefined || setting.optional) return { value: setting.default };
    return { problem: `${name} não foi definida; ${advice}` };
  }
  const { value, error } = setting.schema.validate(text, { convert: true, abortEarly: false });
  if (!error) return { value };
  return { problem: setting.secret ? `${name} ${advice}` : `${name}=${text}: ${advice}` };
}

function readText(name: string, setting: Setting<unknown>, env: Env): string | undefined | { problem: string } {
  const direct = given(env, name);
  if (!setting.secret) return direct;
  const path = given(env, `${name}_FILE`);
  if (path === undefined) return direct;
  if (direct !== undefined) return { problem: `${name} e ${name}_FILE foram definidas; use só uma das duas` };
  try {
    const text = readFileSync(path, 'utf8').replace(/\r?\n$/, '');
    return text === '' ? { problem: `${name}_FILE=${path}: o arquivo está vazio` } : text;
  } catch (thrown) {
    return { problem: `${name}_FILE=${path}: o arquivo não pôde ser lido (${errorCode(thrown) ?? 'erro'})` };
  }
}

function given(env: Env, name: string): string | undefined {
  const value = env[name];
  return value === undefined || value === '' || isInjected(name, value) ? undefined : value;
}

function unknownNames(env: Env): string[] {
  const known = new Set<string>();
  for (const key of KEYS) {
    known.add(variableName(key));
    if ((CATALOGUE[key] as Setting<unknown>).secret) known.add(`${variableName(key)}_FILE`);
  }
  return Object.entries(env)
    .filter(
      ([name, value]) =>
        name.startsWith('MALOTE_') && !name.startsWith('MALOTE_TEST_') && !known.has(name) && !isInjected(name, value ?? ''),
    )
    .map(([name]) => {
      const [nearest] = [...known].map((other) => ({ other, edits: distance(name, other) })).sort((a, b) => a.edits - b.edits);
      return `${name} não existe${nearest && nearest.edits <= MAX_EDITS ? `; seria ${nearest.other}?` : ''}`;
    })
    .sort();
}

/** Kubernetes sets variables for each Service of the namespace, so a Service called `malote-http` makes MALOTE_HTTP_PORT. */
function isInjected(name: string, value: string): boolean {
  if (/_SERVICE_(?:HOST|PORT)(?:_[A-Z0-9_]+)?$/.test(name)) return true;
  if (/_PORT_\d+_(?:TCP|UDP|SCTP)_(?:PROTO|PORT|ADDR)$/.test(name)) return true;
  return /_PORT(?:_\d+_(?:TCP|UDP|SCTP))?$/.test(name) && /^(?:tcp|udp|sctp):\/\//.test(value);
}

/** Levenshtein's distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
