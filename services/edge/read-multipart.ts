import { Busboy, type BusboyHeaders } from '@fastify/busboy';
import { Problem } from './problems.ts';

/** A form as it was posted: text fields and files by name, the first of each name. */
export interface Form {
  fields: Map<string, string>;
  files: Map<string, Buffer>;
}

/** Far more than any form of the contract has; a bound for whoever posts ten thousand. */
const LIMITS = { fields: 20, files: 4, parts: 24, fieldNameSize: 100, fieldSize: 10_000, headerPairs: 20 };

/** The parts of a `multipart/form-data` body that has been read already. @throws Problem `formulario-malformado` */
export async function readMultipart(body: Buffer, contentType: string): Promise<Form> {
  const form: Form = { fields: new Map(), files: new Map() };
  const malformed = (cause?: unknown) =>
    new Problem('formulario-malformado', 'O corpo não é um multipart/form-data completo: confira o boundary e o fim do formulário.', {
      cause,
    });
  try {
    await new Promise<void>((resolve, reject) => {
      const parser = new Busboy({ headers: { 'content-type': contentType } as BusboyHeaders, limits: LIMITS });
      parser.on('field', (name, value) => {
        if (name !== undefined && !form.fields.has(name)) form.fields.set(name, value);
      });
      parser.on('file', (name, stream) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        // A part that is cut off ends so; the parser says it as well, but not in every case.
        stream.on('error', reject);
        stream.on('end', () => {
          if (!form.files.has(name)) form.files.set(name, Buffer.concat(chunks));
        });
      });
      for (const limit of ['partsLimit', 'filesLimit', 'fieldsLimit'] as const) {
        parser.on(limit, () => reject(new Error(limit)));
      }
      parser.on('error', reject);
      parser.on('finish', () => resolve());
      parser.end(body);
    });
  } catch (cause) {
    throw malformed(cause);
  }
  return form;
}
