import type Joi from 'joi';
import { Problem } from './problems.ts';

/** Rules in Portuguese; `{#label}` is the name of the parameter. Any other rule falls to the last text of its type. */
const MESSAGES = {
  'any.only': 'O parâmetro {#label} deve ser um destes, uma vez só: {#valids}.',
  'any.required': 'O parâmetro {#label} é obrigatório.',
  'string.base': 'O parâmetro {#label} deve ser informado uma vez só.',
  'string.empty': 'O parâmetro {#label} não pode ser vazio.',
  'string.max': 'O parâmetro {#label} deve ter no máximo {#limit} caracteres.',
  'string.min': 'O parâmetro {#label} deve ter no mínimo {#limit} caracteres.',
  'string.pattern.base': 'O parâmetro {#label} não tem o formato esperado.',
  'string.pattern.name': 'O parâmetro {#label} deve ser {#name}.',
  'string.isoDate': 'O parâmetro {#label} deve ser uma data no formato AAAA-MM-DD.',
  'number.base': 'O parâmetro {#label} deve ser um número inteiro, uma vez só.',
  'number.integer': 'O parâmetro {#label} deve ser um número inteiro.',
  'number.unsafe': 'O parâmetro {#label} deve ser um número menor.',
  'number.min': 'O parâmetro {#label} deve ser um número a partir de {#limit}.',
  'number.max': 'O parâmetro {#label} deve ser um número até {#limit}.',
  'boolean.base': 'O parâmetro {#label} deve ser "true" ou "false", uma vez só.',
};

const OPTIONS: Joi.ValidationOptions = {
  abortEarly: false,
  // An old client sends what the hub before this one knew; refusing it would break it for nothing.
  stripUnknown: true,
  messages: MESSAGES,
  errors: { wrap: { label: false, array: false } },
};

/** A route's rules with these options. Given with each call, joi would compile the texts each time: 0.1 ms. */
const ready = new WeakMap<Joi.ObjectSchema, Joi.ObjectSchema>();

function withOptions(schema: Joi.ObjectSchema): Joi.ObjectSchema {
  const known = ready.get(schema) ?? schema.prefs(OPTIONS);
  ready.set(schema, known);
  return known;
}

/** The query of a call as its route describes it, defaults filled in. Throws problem `parametro-invalido` naming every fault. */
export function readQuery(schema: Joi.ObjectSchema | undefined, query: unknown): Record<string, unknown> {
  if (!schema) return {};
  const { value, error } = withOptions(schema).validate({ ...(query as object) });
  if (error) throw new Problem('parametro-invalido', error.details.map(({ message }) => message).join(' '));
  return value as Record<string, unknown>;
}
