import type { AnyEnvelope } from '@malote/messages/envelope';
import type { Clock } from '@malote/runtime/clock';
import type { Config, ConfigKey } from '@malote/runtime/config';
import { HUB, type Quem } from '@malote/store/auditoria';
import type { Store } from '@malote/store/connect';
import { checkOptions, type Given, type Options } from './option.ts';
import { Refused } from './refused.ts';

/** What a command may use. Nothing is connected before a command asks for it. */
export interface CommandDeps {
  quem: Quem;
  /** `secrets`: one that also seals and opens them. */
  store(needs?: { secrets?: boolean }): Promise<Store>;
  /** The configuration of the process that runs the command. */
  config<const K extends ConfigKey>(keys: readonly K[]): Pick<Config, K>;
  /** Confirmed by the broker, or rejects; what is in an outbox goes out later by itself. */
  publish(message: AnyEnvelope): Promise<unknown>;
  clock(): Clock;
  /** W3C trace context of what is done. */
  traceparent: string;
}

/** One thing an operator may ask for, by `malote <name>` or by `/api/admin/<name>`: docs/adr/0013. */
export interface Command {
  /** Words, the subject first: `account create`. */
  name: string;
  /** Portuguese, one line. */
  summary: string;
  options: Options;
  /** Nothing is changed, and nothing secret or large is given: HTTP serves it by GET, else by POST. */
  reads: boolean;
  /** `acao` of the audit trail, where `run` does not write into it itself. */
  acao?: string;
  /** A plain value, fit for JSON. Throws Refused. */
  run(deps: CommandDeps, given: Readonly<Record<string, unknown>>): Promise<unknown>;
  /** What was asked for was done, and what it found is bad news: the command line ends with a failure. */
  failed?: (result: never) => boolean;
  /** The result for people, where it is not one `name: value` line for each field. */
  text?: (result: never) => string;
}

interface Row<O extends Options, R> extends Omit<Command, 'options' | 'run' | 'failed' | 'text'> {
  options: O;
  run(deps: CommandDeps, given: Given<O>): Promise<R>;
  failed?: (result: R) => boolean;
  text?: (result: R) => string;
}

/** How HTTP asks for it. */
export function httpOf({ name, reads }: Pick<Command, 'name' | 'reads'>): { method: 'GET' | 'POST'; path: string } {
  return { method: reads ? 'GET' : 'POST', path: `/api/admin/${name.replaceAll(' ', '/')}` };
}

/** A row of the table, with the types of its options and of its result. */
export function command<const O extends Options, R>(row: Row<O, R>): Command {
  return row as unknown as Command;
}

/** Checks what was given, runs the command, and writes the audit trail for commands that do not do it themselves. */
export async function runCommand(row: Command, deps: CommandDeps, given: Readonly<Record<string, unknown>>): Promise<unknown> {
  checkOptions(row.options, given);
  const { acao } = row;
  if (acao === undefined) return row.run(deps, given);
  // Before anything is done: what cannot be written down is not done.
  const store = await deps.store();
  const audit = async (resultado: 'ok' | 'recusado', detalhe?: string) => {
    const text = (name: string) => (typeof given[name] === 'string' ? { [name]: given[name] } : {});
    const { conta = HUB, ...empresa } = { ...text('conta'), ...text('empresa') } as { conta?: string; empresa?: string };
    await store.auditoria.append({ conta, quem: deps.quem, acao, ...empresa, resultado, ...(detalhe ? { detalhe } : {}) });
  };
  try {
    const result = await row.run(deps, given);
    await audit('ok');
    return result;
  } catch (error) {
    if (error instanceof Refused && error.codigo !== 'opcao-invalida') await audit('recusado', error.codigo);
    throw error;
  }
}
