import Joi from 'joi';
import { networksOf } from './networks.ts';
import { PROTECTION_NAMES, protectionsWithout } from './protections.ts';
import { parseMasterKey } from './secret-box.ts';
import { checkMongoUrl, checkRedisUrl } from './server-urls.ts';

/** One `MALOTE_` variable. */
export interface Setting<T> {
  /** For docs, English, one line. */
  description: string;
  /** What a value must be, Portuguese, completing "MALOTE_X deve ser …". */
  rule: string;
  example: string;
  schema: Joi.Schema<T>;
  /** Used when the variable is absent or empty; without it the variable is required, unless `optional`. */
  default?: T;
  optional?: boolean;
  /** Never shown, and may be given as a file by `<NAME>_FILE`. */
  secret?: boolean;
  /** When the name does not follow from the key. */
  name?: string;
}

/** The technical contact written into `infRespTec` of the documents. */
export interface RespTec {
  cnpj: string;
  xContato: string;
  email: string;
  fone: string;
  idCSRT?: string;
  csrt?: string;
}

type Mode = 'development' | 'test' | 'production';

const set = <T>(setting: Setting<T> & { default: T }): Setting<T> => setting;
const required = <T>(setting: Setting<T>): Setting<T> => setting;
const optional = <T>(setting: Setting<T>): Setting<T | undefined> => ({ ...setting, optional: true }) as Setting<T | undefined>;

const integer = (min: number, max: number) => Joi.number().integer().min(min).max(max);
const oneOf = <T extends string>(...values: T[]) => Joi.string<T>().valid(...values);
const text = () => Joi.string<string>();
const url = (...schemes: string[]) => text().pattern(new RegExp(`^(?:${schemes.join('|')})://\\S+$`));

function whole(fallback: number, min: number, max: number, description: string, unit = ''): Setting<number> {
  return set({
    description,
    rule: `um número inteiro de ${min} a ${max}${unit}`,
    example: String(fallback),
    schema: integer(min, max),
    default: fallback,
  });
}

/** A JSON text whose content follows `content`; the setting's value is the parsed content. */
const json = <T>(content: Joi.ObjectSchema<T>) =>
  text().custom((value: string) => Joi.attempt(JSON.parse(value), content)) as unknown as Joi.Schema<T>;

const RESP_TEC = Joi.object<RespTec>({
  cnpj: Joi.string()
    .pattern(/^[0-9A-Z]{12}\d{2}$/)
    .required(),
  xContato: Joi.string().min(2).max(60).required(),
  email: Joi.string().email({ tlds: false }).max(60).required(),
  fone: Joi.string()
    .pattern(/^\d{6,14}$/)
    .required(),
  idCSRT: Joi.string().pattern(/^\d{2}$/),
  csrt: Joi.string().min(16).max(36),
}).and('idCSRT', 'csrt');

const DAY_MS = 86_400_000;

/** Every `MALOTE_` variable of every service; the key `mongoUrl` is the variable `MALOTE_MONGO_URL`. */
export const CATALOGUE = {
  mode: set<Mode>({
    description: 'What this process runs for; only production refuses the test clock.',
    rule: 'development, test ou production',
    example: 'production',
    schema: oneOf('development', 'test', 'production'),
    default: 'production',
  }),
  mongoUrl: required({
    description: 'MongoDB connection string; a replica set is required. With TLS: `&tls=true&tlsCAFile=/path/ca.pem`.',
    rule: 'um endereço mongodb:// ou mongodb+srv://, sem opção que desligue a verificação do TLS',
    example: 'mongodb://usuario:senha@mongo:27017/?replicaSet=rs0',
    schema: url('mongodb', 'mongodb\\+srv').custom(checkMongoUrl),
    secret: true,
  }),
  mongoDatabase: set({
    description: 'Name of the MongoDB database.',
    rule: 'um nome de 1 a 38 letras, dígitos, _ ou -',
    example: 'malote',
    schema: text().pattern(/^[\w-]{1,38}$/),
    default: 'malote',
  }),
  rabbitmqUrl: required({
    description: 'RabbitMQ address, virtual host in the path.',
    rule: 'um endereço amqp:// ou amqps://',
    example: 'amqp://usuario:senha@rabbitmq:5672/malote',
    schema: url('amqps?'),
    secret: true,
  }),
  redisUrl: required({
    description: 'Redis or Valkey address. With TLS: `rediss://…?tlsCAFile=/path/ca.pem`.',
    rule: 'um endereço redis:// ou rediss://, com tlsCAFile e family como únicos parâmetros',
    example: 'redis://:senha@redis:6379/0',
    schema: url('rediss?').custom(checkRedisUrl),
    secret: true,
  }),
  redisPrefix: set({
    description: 'Prefix of every Redis key and channel.',
    rule: 'um texto de até 64 caracteres sem espaços',
    example: 'malote:',
    schema: text().pattern(/^\S{1,64}$/),
    default: 'malote:',
  }),
  rabbitmqManagementUrl: optional({
    description: "Address of RabbitMQ's management page as the operator's browser reaches it; the operator page links to it.",
    rule: 'um endereço http:// ou https:// sem usuário e senha',
    example: 'https://rabbitmq.exemplo.com.br',
    schema: text().pattern(/^https?:\/\/[^\s@]+$/),
  }),
  operatorKey: optional({
    description: 'Key of the operator page `/` and of /api/admin; without it both answer 404.',
    rule: 'um texto de 16 a 200 caracteres ASCII sem espaços',
    example: 'saida-de-openssl-rand-hex-24',
    schema: text().pattern(/^[!-~]{16,200}$/),
    secret: true,
  }),
  operatorFrom: set({
    description:
      'Addresses and networks from which the operator page and /api/admin may be asked; to all others they answer 404, key or not.',
    rule: 'uma lista de IPs ou redes, ou loopback, linklocal, uniquelocal',
    example: 'loopback, 10.20.0.0/16',
    schema: text().custom((value: string) => {
      networksOf(value);
      return value;
    }),
    default: 'loopback',
  }),
  masterKey: required({
    description: 'Keys that encrypt the secrets at rest; the first one seals, the others still open.',
    rule: 'kid:chave em base64 de 32 bytes, várias separadas por vírgula',
    example: '2026a:<saída de "openssl rand -base64 32">',
    schema: text().custom((value: string) => {
      parseMasterKey(value);
      return value;
    }),
    secret: true,
  }),
  httpHost: set({
    description: 'Address the public HTTP port listens on.',
    rule: 'um endereço IP ou nome',
    example: '0.0.0.0',
    schema: text().pattern(/^[\w.:-]+$/),
    default: '127.0.0.1',
  }),
  httpPort: whole(8080, 0, 65535, 'Public HTTP port; 0 takes any free one.'),
  healthHost: set({
    description: 'Address the health and metrics port listens on; not to be public.',
    rule: 'um endereço IP ou nome',
    example: '0.0.0.0',
    schema: text().pattern(/^[\w.:-]+$/),
    default: '127.0.0.1',
  }),
  healthPort: whole(0, 0, 65535, 'Port of /health and /metrics; 0 takes any free one.'),
  trustProxy: set({
    description: "Addresses of the proxies whose X-Forwarded-For is believed (express 'trust proxy'); empty trusts none.",
    rule: 'uma lista de IPs ou redes, ou loopback, linklocal, uniquelocal',
    example: 'loopback, 10.0.0.0/8',
    schema: text()
      .allow('')
      .pattern(/^[\w.:/ ,]*$/),
    default: '',
  }),
  logLevel: set({
    description: 'Least important level that is logged.',
    rule: 'fatal, error, warn, info, debug, trace ou silent',
    example: 'info',
    schema: oneOf('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'),
    default: 'info',
  }),
  sefazUrlOverride: optional({
    description: 'Sends every SEFAZ call to this base address instead (simulator, gateway).',
    rule: 'um endereço https://',
    example: 'https://127.0.0.1:9443',
    schema: url('https'),
  }),
  sefazEndpointsFile: optional({
    description: 'File with SEFAZ addresses that replace those shipped.',
    rule: 'o caminho de um arquivo',
    example: '/etc/malote/endpoints.tsv',
    schema: text(),
  }),
  sefazCaFile: optional({
    description:
      'PEM file with the authorities trusted for SEFAZ hosts, besides the system ones; company certificates are held against them too.',
    rule: 'o caminho de um arquivo PEM',
    example: '/etc/malote/icp-brasil.pem',
    schema: text(),
  }),
  sefazTimeoutMs: whole(45_000, 1000, 120_000, 'Longest wait for a SEFAZ answer, in milliseconds.', ' (milissegundos)'),
  sefazConnectTimeoutMs: whole(
    10_000,
    100,
    60_000,
    'Longest wait for a SEFAZ connection, TLS included, in milliseconds.',
    ' (milissegundos)',
  ),
  sefazRate: set({
    description: 'SEFAZ calls per second for each autorizador and process; 0 does not pace.',
    rule: 'um número de 0 a 10000',
    example: '50',
    schema: Joi.number().min(0).max(10_000),
    default: 50,
  }),
  breakerFailures: whole(
    10,
    1,
    10_000,
    'Least number of calls in the window before the circuit of a service opens; it opens when more than half of them failed in transport.',
  ),
  breakerWindowMs: whole(60_000, 100, DAY_MS, 'Window in which failures are counted, in milliseconds.', ' (milissegundos)'),
  breakerResetMs: whole(
    30_000,
    100,
    DAY_MS,
    'How long an open circuit waits before it lets a call try, in milliseconds.',
    ' (milissegundos)',
  ),
  schemasDir: required({
    description: 'Folder with the installed XSD packs.',
    rule: 'o caminho de uma pasta',
    example: '/var/lib/malote/schemas',
    schema: text(),
  }),
  prefetch: whole(16, 1, 1000, 'Messages of one queue in work at a time in one process.'),
  waitMaxS: whole(60, 1, 300, 'Longest wait for the final state that a caller may ask for (`Prefer: wait`), in seconds.', ' (segundos)'),
  shutdownMs: whole(60_000, 100, 600_000, 'Bound of an orderly shutdown, in milliseconds.', ' (milissegundos)'),
  sessionTtlS: whole(1800, 1, 86_400, 'Life of a session token, in seconds.', ' (segundos)'),
  sessionRateLimit: whole(100, 1, 1_000_000, 'Calls of the session routes for each origin address in five minutes.'),
  rateLimitIp: whole(60_000, 1, 100_000_000, 'Calls of all other routes for each origin address (IPv6: each /64) in five minutes.'),
  rateLimitConta: whole(60_000, 1, 100_000_000, 'Calls for each account, whatever its sessions and addresses, in five minutes.'),
  lockoutToken: whole(5, 1, 1_000_000, 'Failed sign-ins in a row after which a token has to wait, from 1 minute doubling to 15.'),
  lockoutIp: whole(20, 1, 1_000_000, 'Failed sign-ins after which an origin address has to wait, from 1 minute doubling to 15.'),
  corsOrigins: set({
    description: 'Origins whose pages may call the API from a browser, separated by commas; empty allows none.',
    rule: 'uma lista de origens exatas (esquema, nome e porta), separadas por vírgula',
    example: 'https://erp.exemplo.com.br,https://erp.exemplo.com.br:8443',
    // As a browser writes them: lower case, no path, and no default port, or they would never be equal.
    schema: text()
      .allow('')
      .custom((value: string) => {
        for (const origin of value.split(',').map((part) => part.trim())) {
          if (!/^https?:\/\/[a-z0-9.:[\]-]+$/.test(origin) || new URL(origin).origin !== origin) throw new Error();
        }
        return value;
      }),
    default: '',
  }),
  bodyLimitBytes: whole(500_000, 1000, 20_000_000, 'Largest request body, in bytes.', ' (bytes)'),
  outboxLeaseMs: whole(
    5000,
    100,
    600_000,
    'How long an outbox entry belongs to its writer before the sweep publishes it, in milliseconds.',
    ' (milissegundos)',
  ),
  descargaRate: whole(
    5,
    1,
    1000,
    'Notes issued in contingência that are transmitted in a second to one authoriser and ambiente, once it is back.',
  ),
  sweepMs: whole(500, 10, 60_000, 'Pause between two sweeps of outbox and due actions, in milliseconds.', ' (milissegundos)'),
  contingencyFailures: whole(
    3,
    1,
    1000,
    'Failed calls of notes to one authoriser (silence, 108, 109) within the window that make contingency be considered.',
  ),
  contingencyDocuments: whole(2, 1, 100, 'On how many different documents these failures must be.'),
  contingencyWindowMs: whole(300_000, 1000, 3_600_000, 'Window in which they are counted, in milliseconds.', ' (milissegundos)'),
  contingencyReturnAnswers: whole(3, 1, 100, 'Good status answers in a row, three minutes apart, that end a contingency.'),
  contingencyMinStayMs: whole(
    600_000,
    0,
    DAY_MS,
    'Shortest stay in contingency, in milliseconds; doubled by each relapse within an hour, up to two hours.',
    ' (milissegundos)',
  ),
  respTec: optional<RespTec>({
    description: 'JSON with the technical contact (infRespTec) added to documents that have none.',
    rule: 'um JSON com cnpj, xContato, email, fone e, se houver, idCSRT e csrt juntos',
    example: '{"cnpj":"12345678000195","xContato":"Suporte","email":"nfe@exemplo.com.br","fone":"1133334444"}',
    schema: json(RESP_TEC),
    secret: true,
  }),
  eventosPrazosFile: optional({
    description:
      'JSON file with deadlines of events that count before those shipped (uf, modelo, tpEvento, minutos, rigido, desde, norma).',
    rule: 'o caminho de um arquivo',
    example: '/etc/malote/eventos-prazos.json',
    schema: text(),
  }),
  testClockFile: optional({
    description: 'File with {"offsetMs": n} that shifts the clock of the process; refused in production.',
    rule: 'o caminho de um arquivo',
    example: '/tmp/relogio.json',
    schema: text(),
    name: 'MALOTE_TEST_CLOCK_FILE',
  }),
  testWithout: set({
    description: 'Protections that a test of this project takes out to see the harm they prevent; refused unless MALOTE_MODE is test.',
    rule: `uma lista, separada por vírgulas, de ${PROTECTION_NAMES.join(', ')}`,
    example: 'digest,version',
    schema: text().custom((value: string) => {
      protectionsWithout(value);
      return value;
    }),
    default: '',
    name: 'MALOTE_TEST_WITHOUT',
  }),
};

export type ConfigKey = keyof typeof CATALOGUE;
export type Config = { [K in ConfigKey]: (typeof CATALOGUE)[K] extends Setting<infer T> ? T : never };

/** The part of the catalogue that every service reads: its servers, its health port, how it logs and ends. */
export const SERVICE_CONFIG = [
  'mode',
  'mongoUrl',
  'mongoDatabase',
  'rabbitmqUrl',
  'redisUrl',
  'redisPrefix',
  'healthHost',
  'healthPort',
  'logLevel',
  'shutdownMs',
  'outboxLeaseMs',
  'testClockFile',
  'testWithout',
] as const satisfies ConfigKey[];

/** `mongoUrl` → `MALOTE_MONGO_URL`. */
export function variableName(key: ConfigKey): string {
  const setting: Setting<unknown> = CATALOGUE[key];
  return setting.name ?? `MALOTE_${key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}
