import express, { type Request, type RequestHandler, type Response } from 'express';
import { Problem } from './problems.ts';

export type BodyType = 'xml' | 'json' | 'any';

/** What a route takes, by media type. */
const TYPES: Record<'xml' | 'xml-json', Readonly<Record<string, BodyType>>> = {
  xml: { 'application/xml': 'xml', 'text/xml': 'xml' },
  'xml-json': { 'application/xml': 'xml', 'text/xml': 'xml', 'application/json': 'json' },
};

/**
 * Reads the raw body of a route that takes XML, or XML and JSON, with any charset parameter (the bytes are UTF-8 in any case, and the
 * decoder checks that), or whatever comes, at most `limitBytes` after gzip or deflate is undone. Throws problems 415, 413 and 400.
 */
export function rawBodyReader(
  limitBytes: number,
): (req: Request, res: Response, accepts: 'xml' | 'xml-json' | 'any') => Promise<{ bytes: Buffer; type: BodyType }> {
  const read = express.raw({ type: () => true, limit: limitBytes, inflate: true });
  return async (req, res, accepts) => {
    if (accepts === 'any') {
      await run(read, req, res, limitBytes);
      return { bytes: Buffer.isBuffer(req.body) ? req.body : Buffer.alloc(0), type: 'any' };
    }
    const given = mediaType(req.headers['content-type']);
    const type = given === undefined ? undefined : TYPES[accepts][given];
    if (type === undefined) {
      const said = given === undefined ? 'nenhum tipo foi informado' : `o tipo informado foi "${given.slice(0, 80)}"`;
      const names = Object.keys(TYPES[accepts]);
      throw new Problem('tipo-de-conteudo', `O corpo deve ser enviado com Content-Type ${orOf(names)}; ${said}.`, {
        headers: { 'Accept-Post': names.join(', ') },
      });
    }
    await run(read, req, res, limitBytes);
    const bytes: unknown = req.body;
    if (!Buffer.isBuffer(bytes) || bytes.length === 0) {
      const wanted = accepts === 'xml' ? 'o XML do documento' : 'o XML ou o JSON do pedido';
      throw new Problem('corpo-vazio', `O corpo da requisição está vazio; envie ${wanted}.`);
    }
    return { bytes, type };
  };
}

const orOf = (words: readonly string[]) => new Intl.ListFormat('pt-BR', { type: 'disjunction' }).format(words);

/** Reads a small JSON body into `req.body`; undefined when there is none. Throws problems 413, 415 and 400. */
export function jsonBodyReader(limitBytes: number): (req: Request, res: Response) => Promise<void> {
  const read = express.json({ type: () => true, limit: limitBytes, strict: true });
  return (req, res) => run(read, req, res, limitBytes);
}

/** Type and subtype in lower case, without parameters; undefined when the header is absent or empty. */
function mediaType(header: string | undefined): string | undefined {
  return header?.split(';', 1)[0]?.trim().toLowerCase() || undefined;
}

function run(read: RequestHandler, req: Request, res: Response, limitBytes: number): Promise<void> {
  return new Promise((resolve, reject) => {
    void read(req, res, (error?: unknown) => (error ? reject(bodyProblem(error, limitBytes)) : resolve()));
  });
}

/** body-parser's errors by their `type`; an unknown one stays what it is. */
function bodyProblem(error: unknown, limitBytes: number): unknown {
  const { type, code } = error as { type?: string; code?: string };
  switch (type) {
    case 'entity.too.large':
      return new Problem('corpo-grande-demais', `O corpo excede o limite de ${limitBytes} bytes.`, { headers: { Connection: 'close' } });
    case 'encoding.unsupported':
      return new Problem('codificacao-de-conteudo', 'O Content-Encoding informado não é aceito; use gzip, deflate, br ou nenhum.');
    case 'request.aborted':
    case 'request.size.invalid':
      return new Problem('corpo-interrompido', 'O corpo recebido não tem o tamanho anunciado em Content-Length.');
    case 'entity.parse.failed':
    case 'charset.unsupported':
      return new Problem('json-malformado', 'O corpo não é um JSON válido em UTF-8.');
    default:
      // Raised by zlib while undoing Content-Encoding.
      if (code?.startsWith('Z_') || code?.startsWith('ERR__ERROR')) {
        return new Problem('corpo-interrompido', 'O corpo não corresponde ao Content-Encoding informado.');
      }
      return error;
  }
}
