import { writeFileSync } from 'node:fs';
import type { DemoResult } from './demo.ts';
import type { Hub } from './hub.ts';

/** What scripts read; the same facts as on the screen. */
export function writeDemoJson(file: string, hub: Hub, demos: readonly DemoResult[]): void {
  const { stack } = hub;
  const facts = {
    edge: hub.edge,
    docs: `${hub.edge}/docs`,
    operator: `${hub.edge}/`,
    operatorKey: hub.operatorKey,
    simulator: hub.simulator,
    simulatorAdmin: hub.simulatorAdmin,
    rabbitmq: { url: stack.rabbitmqManagementUrl, user: stack.rabbitmqUser, password: stack.rabbitmqPassword },
    token: hub.account.token,
    secret: hub.account.secret,
    empresa: hub.files.cnpj,
    chaves: demos.map(({ chave }) => chave).filter((chave) => chave !== ''),
  };
  writeFileSync(file, `${JSON.stringify(facts, null, 2)}\n`, { mode: 0o600 });
}

/** The lines that end the start: what was emitted, where everything is, what to try next. */
export function reportLines(hub: Hub, demos: readonly DemoResult[], options: { demoJson: string; stays: boolean }): string[] {
  const { stack, account } = hub;
  const rows = demos.flatMap((demo) => [...rowsOf(demo, options.stays), ['', ''] as [string, string]]);
  rows.push(['facts for scripts', options.demoJson]);
  if (!options.stays) return ['', ...table(rows), ''];

  rows.push(
    ['', ''],
    ['edge', hub.edge],
    ['API page', `${hub.edge}/docs  sign in with token and secret, try every example`],
    ['operator page', `${hub.edge}/  login operador  password ${hub.operatorKey}`],
    ['RabbitMQ management', `${stack.rabbitmqManagementUrl}  login ${stack.rabbitmqUser}  password ${stack.rabbitmqPassword}`],
    ['SEFAZ simulator', `${hub.simulator}  admin ${hub.simulatorAdmin}`],
    ['empresa (CNPJ)', hub.files.cnpj],
    ['token', account.token],
    ['secret', account.secret],
  );
  return [
    '',
    ...table(rows),
    '',
    'Try (paste as they are; sign in, read the document, emit the next one):',
    '',
    ...demos.flatMap((demo) => (demo.nextFile ? curlLines(hub, demo, demo.nextFile) : [])),
    '',
  ];
}

function rowsOf(demo: DemoResult, stays: boolean): [string, string][] {
  const rows: [string, string][] = [
    [demo.sigla, `number ${demo.numero}, ${demo.status} (cStat ${demo.cStat} ${demo.motivo})`],
    ['chave de acesso', demo.chave],
    ['protocolo', demo.protocolo],
    ...demo.stages.map(({ name, ms }): [string, string] => [`  ${name}`, `${Math.round(ms)} ms`]),
  ];
  if (demo.status !== 'Autorizada') return rows;
  rows.push(['XML (nfeProc)', demo.xmlFile]);
  if (stays) rows.push(['XML over HTTP', `GET ${demo.documentUrl}.xml`]);
  return rows;
}

/** POST /session answers the text `x-auth-token: <uuid>`, which is just the header the other calls need. */
function curlLines(hub: Hub, demo: DemoResult, nextFile: string): string[] {
  const session = `curl -s -X POST -u '${hub.account.token}:${hub.account.secret}' ${hub.edge}/session`;
  const docs = `${hub.edge}/api/empresas/${hub.files.cnpj}/docs/hom/55`;
  return [
    session,
    `curl -s -H "$(${session})" ${demo.documentUrl}`,
    `curl -s -H "$(${session})" -H 'Content-Type: application/xml' --data-binary @'${nextFile}' ${docs}`,
  ];
}

function table(rows: [string, string][]): string[] {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => (name === '' ? '' : `  ${name.padEnd(width)}  ${value}`));
}
