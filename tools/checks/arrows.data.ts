/** Packages of this repository that a package may have in `dependencies` (names without @malote/). */
export interface AllowedArrows {
  dependencies: readonly string[];
  /** In devDependencies, besides TEST_ONLY and what `dependencies` allows. */
  devDependencies?: readonly string[];
}

/** Never in `dependencies`: they must not be part of what runs in production. */
export const TEST_ONLY: readonly string[] = ['testkit', 'devstack', 'sefaz-simulator'];

const ADAPTER: AllowedArrows = { dependencies: ['fiscal', 'messages', 'runtime'] };

/** Every package below packages/. Adapters to the outside never depend on each other: a service wires them. */
export const PACKAGE_ARROWS: Readonly<Record<string, AllowedArrows>> = {
  fiscal: { dependencies: [] },
  runtime: { dependencies: [] },
  messages: { dependencies: ['fiscal'] },
  broker: ADAPTER,
  store: ADAPTER,
  // The block list names an establishment as the fiscal package does.
  redis: { dependencies: ['fiscal', 'runtime'] },
  sefaz: ADAPTER,
  schemas: ADAPTER,
  // Its samples are proved to be documents that could exist.
  danfe: { ...ADAPTER, devDependencies: ['schemas'] },
  // What the command line, the HTTP API and the operator's API do alike, once: docs/adr/0013.
  administration: { dependencies: ['fiscal', 'messages', 'runtime', 'broker', 'store', 'redis', 'sefaz', 'schemas', 'danfe'] },
  // What the worker services do alike when they start; the only other place that wires adapters.
  worker: { dependencies: ['fiscal', 'messages', 'runtime', 'broker', 'store', 'redis'] },
  client: { dependencies: [] },
  testkit: { dependencies: [] },
  devstack: { dependencies: ['runtime'] },
  // A test tool itself (no service may depend on it), it makes throw-away certificates at run time: docs/simulator.md.
  'sefaz-simulator': { dependencies: ['fiscal', 'messages', 'runtime', 'schemas', 'testkit'] },
};

/** What a service may depend on; never on another service. */
export const SERVICE_ARROWS: readonly string[] = [
  'fiscal',
  'messages',
  'runtime',
  'broker',
  'store',
  'redis',
  'sefaz',
  'schemas',
  'danfe',
  'administration',
  'worker',
  'client',
];

/** A library of others in `dependencies` has its owners here; 'services' stands for every service. A new library is a decision, made in this table. */
export const LIBRARY_OWNERS: Readonly<Record<string, readonly string[]>> = {
  // Reads multipart bodies (the upload of a certificate).
  '@fastify/busboy': ['edge'],
  '@xmldom/xmldom': ['sefaz-simulator'],
  amqplib: ['broker'],
  express: ['runtime', 'edge'],
  fflate: ['schemas'],
  ioredis: ['redis'],
  joi: ['runtime', 'messages', 'services'],
  'libxml2-wasm': ['schemas'],
  // The devstack has to initiate a replica set and is no part of production.
  mongodb: ['devstack'],
  mongoose: ['store'],
  'node-forge': ['sefaz', 'testkit'],
  opossum: ['sefaz'],
  pino: ['runtime'],
  'prom-client': ['runtime'],
  qrcode: ['danfe'],
  saxes: ['fiscal'],
  // The page at /docs.
  'swagger-ui-dist': ['edge'],
  undici: ['sefaz', 'webhook'],
  'xml-crypto': ['sefaz-simulator'],
};
