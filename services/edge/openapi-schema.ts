import type Joi from 'joi';

export type JsonSchema = Record<string, unknown>;

/** Named schemas of a description: each is written once and referred to. */
export interface Components {
  schemas: Record<string, JsonSchema>;
}

/** The JSON Schema of what a joi schema lets out; one with `.meta({ component })` goes into the components and is referred to. */
export function outputSchema(schema: Joi.Schema, components: Components): JsonSchema {
  const name = componentOf(schema);
  if (name === undefined) return convert(schema, 'output');
  components.schemas[name] ??= convert(schema, 'output');
  return { $ref: `#/components/schemas/${name}` };
}

/** The properties of an object schema, as parameters: name → schema and whether it is required. */
export function parametersOf(schema: Joi.ObjectSchema): { name: string; required: boolean; schema: JsonSchema }[] {
  const { properties = {}, required = [] } = convert(schema, 'input') as { properties?: Record<string, JsonSchema>; required?: string[] };
  return Object.entries(properties).map(([name, property]) => ({ name, required: required.includes(name), schema: property }));
}

/** The first `.example()` of a schema. */
export function exampleOf(schema: Joi.Schema): unknown {
  return (schema.describe() as { examples?: unknown[] }).examples?.[0];
}

function componentOf(schema: Joi.Schema): string | undefined {
  const { metas = [] } = schema.describe() as { metas?: { component?: string }[] };
  return metas.find(({ component }) => component !== undefined)?.component;
}

function convert(schema: Joi.Schema, direction: 'input' | 'output'): JsonSchema {
  return repaired(schema['~standard'].jsonSchema[direction]({ target: 'draft-2020-12' })) as JsonSchema;
}

/** joi names `null` in the type of a schema with a list of values, but not in the list, which then refuses it. */
function repaired(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(repaired);
  if (typeof node !== 'object' || node === null) return node;
  const copy = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, repaired(value)]));
  const { type, enum: values } = copy;
  if (Array.isArray(type) && type.includes('null') && Array.isArray(values) && !values.includes(null)) copy.enum = [...values, null];
  return copy;
}
