/** One operation of /openapi.json with what its examples say. */
export interface Operation {
  id: string;
  method: string;
  /** With `{name}` for each parameter. */
  path: string;
  /** Name of a path parameter → its example. */
  parameters: Record<string, string>;
  /** Nobody needs to say who they are. */
  open: boolean;
  /** The first example of each media type that is sent as text; one without a body when there is none. */
  bodies: { type?: string; text?: string }[];
}

interface Described {
  operationId: string;
  security: unknown[];
  parameters?: { name: string; in: string; example?: string }[];
  requestBody?: { content: Record<string, { example?: unknown; examples?: Record<string, { value: unknown }> }> };
}

const METHODS = ['get', 'post', 'put', 'delete', 'patch'];
const TYPES = ['application/json', 'application/xml'];

/** Every operation that the edge describes, its examples made for this company. */
export async function describedOperations(url: string, empresa: string): Promise<Operation[]> {
  const { paths } = (await (await fetch(`${url}/openapi.json?empresa=${empresa}`)).json()) as {
    paths: Record<string, Record<string, Described>>;
  };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([method]) => METHODS.includes(method))
      .map(([method, described]) => ({
        id: described.operationId,
        method: method.toUpperCase(),
        path,
        open: described.security.length === 0,
        ...examplesOf(described),
      })),
  );
}

function examplesOf({ parameters = [], requestBody }: Described): Pick<Operation, 'parameters' | 'bodies'> {
  const inPath = parameters.filter((parameter) => parameter.in === 'path');
  const bodies = Object.entries(requestBody?.content ?? {})
    .filter(([type]) => TYPES.includes(type))
    .map(([type, { example, examples = {} }]) => ({ type, text: asText(example ?? Object.values(examples)[0]?.value ?? {}) }));
  return {
    parameters: Object.fromEntries(inPath.map(({ name, example }) => [name, String(example)])),
    bodies: bodies.length > 0 ? bodies : [{}],
  };
}

const asText = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
