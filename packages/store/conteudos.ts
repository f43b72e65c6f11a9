import { hash } from 'node:crypto';
import { promisify } from 'node:util';
import { zstdCompress, zstdCompressSync, zstdDecompress, zstdDecompressSync } from 'node:zlib';
import { type Connection, Schema } from 'mongoose';

const compressAside = promisify(zstdCompress);
const decompressAside = promisify(zstdDecompress);
/** No stored content is near this; it bounds what a damaged frame could make us allocate. */
const MAX_BYTES = 16 * 1024 * 1024;
/** Up to here the work itself takes less time than handing it to a thread (an ordinary note: 0.04 ms against 0.4; docs/performance.md). */
const AT_ONCE_BYTES = 128 * 1024;
const PACKED_AT_ONCE_BYTES = 32 * 1024;

const conteudoSchema = new Schema(
  { _id: { type: String, required: true }, bytes: { type: Buffer, required: true }, tamanho: { type: Number, required: true } },
  { collection: 'conteudos', strict: 'throw', versionKey: false, autoIndex: false, autoCreate: false },
);

export interface Conteudos {
  /** Stores immutable bytes and returns their id `<emitente>.<AAMM>.<sha256>`; storing the same bytes again is the same row. */
  put(bytes: Uint8Array, where: { emitente: string; aamm: string }): Promise<string>;
  /** The bytes exactly as stored, or undefined. */
  get(id: string): Promise<Buffer | undefined>;
}

/** Immutable XML bytes, compressed. Inserted before the transition that refers to them: an orphan is harmless, a dangling reference is not. */
export function conteudosOf(connection: Connection): Conteudos {
  const model = connection.model('Conteudo', conteudoSchema);
  return {
    async put(bytes, { emitente, aamm }) {
      const id = `${emitente}.${aamm}.${hash('sha256', bytes)}`;
      try {
        await model.collection.insertOne({ _id: id as never, bytes: await compress(bytes), tamanho: bytes.length });
      } catch (error) {
        if ((error as { code?: unknown }).code !== 11000) throw error;
      }
      return id;
    },
    async get(id) {
      const row = await model.collection.findOne({ _id: id as never });
      return row ? decompress(bufferOf(row.bytes as never)) : undefined;
    },
  };
}

/** zstd of the body as received, kept inside the document until it is signed. */
export async function packEntrada(bytes: Uint8Array): Promise<Buffer> {
  return compress(bytes);
}

export async function unpackEntrada(packed: Uint8Array): Promise<Buffer> {
  return decompress(bufferOf(packed as never));
}

/** The driver reads binary fields as BSON's Binary; a document that was just written still has a Buffer. */
function bufferOf(value: Uint8Array | { value(): Uint8Array }): Buffer {
  return Buffer.from(value instanceof Uint8Array ? value : value.value());
}

async function compress(bytes: Uint8Array): Promise<Buffer> {
  // With the size known zstd takes tables of that size; without it, of the largest.
  return bytes.length <= AT_ONCE_BYTES ? zstdCompressSync(bytes) : compressAside(bytes, { pledgedSrcSize: bytes.length });
}

async function decompress(packed: Uint8Array): Promise<Buffer> {
  const options = { maxOutputLength: MAX_BYTES };
  return packed.length <= PACKED_AT_ONCE_BYTES ? zstdDecompressSync(packed, options) : decompressAside(packed, options);
}
