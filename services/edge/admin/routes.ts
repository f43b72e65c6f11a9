import { type Command, type CommandDeps, httpOf, runCommand } from '@malote/administration/command';
import { COMMANDS } from '@malote/administration/commands';
import { fieldOf } from '@malote/administration/option';
import { Refused } from '@malote/administration/refused';
import type { Fault } from '@malote/fiscal/fault';
import { ConfigError } from '@malote/runtime/config';
import type { Request, Response } from 'express';
import Joi from 'joi';
import type { Exchange } from '../exchange.ts';
import { faultsProblem } from '../faults-problem.ts';
import { Problem } from '../problems.ts';
import type { Route } from '../routing.ts';
import { basicText } from '../sessions.ts';
import { jsonBodyReader } from '../xml-body.ts';
import { readGiven } from './read-given.ts';

/** All that a command needs but who asks for it. */
export type AdminDeps = Omit<CommandDeps, 'quem' | 'traceparent'>;

/** A pack of schemas with its base64; the rest is small. */
const BODY_LIMIT_BYTES = 30_000_000;
const ROOT = '/api/admin';

const ROW = {
  tag: 'Operação',
  access: 'operator',
  body: 'none',
  problems: ['comando-recusado', 'tipo-de-conteudo', 'json-malformado', 'corpo-grande-demais'],
} as const;

/** The operator's HTTP API: one row for each command of the table, and the table itself. */
export function adminRoutes(deps: AdminDeps): Route[] {
  return [listOfCommands(), ...COMMANDS.map((command) => commandRoute(command, deps))];
}

function commandRoute(command: Command, deps: AdminDeps): Route {
  const { method, path } = httpOf(command);
  return {
    ...ROW,
    ...{ method, path, sample: path, summary: command.summary },
    id: `admin${command.name.replace(/(?:^|[ -])([a-z])/g, (_, letter: string) => letter.toUpperCase())}`,
    answers: { 200: { description: 'O resultado do comando, como `malote … --json` o mostra.', schema: Joi.any() } },
    async handler(exchange) {
      const { req, res } = exchange;
      const values = command.reads ? req.query : await readBody(req, res);
      const { given, faults } = readGiven(command, values);
      if (faults.length > 0) throw refusedBy(faults);
      const { quem, traceparent } = callerOf(exchange);
      try {
        res.json(await runCommand(command, { ...deps, quem, traceparent }, given));
      } catch (error) {
        if (error instanceof Refused) throw refusedBy(faultsOf(command, error));
        // It names variables, never the value of a secret one.
        if (error instanceof ConfigError) throw refusedBy([{ code: 'configuracao', path: '', message: error.message }]);
        throw error;
      }
    },
  };
}

const parseBody = jsonBodyReader(BODY_LIMIT_BYTES);

async function readBody(req: Request, res: Response): Promise<Record<string, unknown>> {
  // A page of another site can have a browser send a form or plain text with the operator's key, which the browser keeps; never this type.
  if (!/^application\/json\s*(?:;|$)/i.test(req.headers['content-type'] ?? ''))
    throw new Problem('tipo-de-conteudo', 'O corpo deve ser enviado com Content-Type application/json.');
  await parseBody(req, res);
  const value: unknown = req.body ?? {};
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw refusedBy([{ code: 'corpo-invalido', path: '', message: 'O corpo deve ser um objeto JSON com os campos do comando.' }]);
}

function callerOf({ req, trace }: Exchange): Pick<CommandDeps, 'quem' | 'traceparent'> {
  // Who the operator says to be: the user name that goes with the key.
  const id = basicText(req.headers.authorization)?.split(':', 1)[0];
  return { quem: { tipo: 'operador', ...(id ? { id } : {}), ...(req.ip ? { ip: req.ip } : {}) }, traceparent: trace.traceparent };
}

function refusedBy(faults: Fault[]): Problem {
  return faultsProblem(faults, { codigo: 'comando-recusado', detail: 'O comando foi recusado.' });
}

/** Messages of commands name options as they are typed (`--razao-social`); here they are fields (razaoSocial). */
function faultsOf({ options }: Command, { faults }: Refused): Fault[] {
  const named = (name: string) => (options[name] ? fieldOf(name, options[name]) : name);
  return faults.map(({ codigo, campo, message }) => {
    const text = message.replace(/--([a-z]+(?:-[a-z]+)*)/g, (option, name: string) => (options[name] ? named(name) : option));
    return { code: codigo, path: campo === undefined ? '' : named(campo), message: text };
  });
}

function listOfCommands(): Route {
  const rows = COMMANDS.map((command) => ({
    comando: command.name,
    resumo: command.summary,
    metodo: httpOf(command).method,
    caminho: httpOf(command).path,
    campos: Object.entries(command.options).map(([name, option]) => ({
      nome: fieldOf(name, option),
      descricao: option.description,
      tipo: option.flag ? 'booleano' : option.file === 'bytes' ? 'base64' : 'texto',
      obrigatorio: option.required === true,
      ...(option.values ? { valores: option.values } : {}),
    })),
  }));
  return {
    ...ROW,
    ...{ method: 'GET', path: ROOT, sample: ROOT, id: 'adminComandos', summary: 'Lista os comandos do operador', problems: [] },
    answers: { 200: { description: 'Os comandos, com método, caminho e campos.', schema: Joi.any() } },
    async handler({ res }) {
      res.json({ comandos: rows });
    },
  };
}
