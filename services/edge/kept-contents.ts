type ReadConteudo = (ref: string) => Promise<Buffer | undefined>;

/** Some thousand notes: an ERP reads one again within seconds, as JSON, XML and PDF. */
const KEPT_BYTES = 32 * 1024 * 1024;
/** One that is larger would drive too many others out. */
const LARGEST_BYTES = KEPT_BYTES / 32;

/**
 * Reads contents and keeps those read last in memory, `keptBytes` at most. A content never changes under its reference, so what is kept is
 * never wrong; whoever asks has found the reference in a document of the account. The bytes are shared: not to be written to.
 */
export function keptContents(read: ReadConteudo, keptBytes = KEPT_BYTES): ReadConteudo {
  const kept = new Map<string, Buffer>();
  let total = 0;
  const drop = (ref: string, bytes: Buffer): void => {
    if (kept.delete(ref)) total -= bytes.length;
  };
  return async (ref) => {
    const known = kept.get(ref);
    const bytes = known ?? (await read(ref));
    if (!bytes || bytes.length > Math.min(LARGEST_BYTES, keptBytes)) return bytes;
    // Put in again: a Map is in the order of insertion, and the one used longest ago goes first.
    drop(ref, bytes);
    kept.set(ref, bytes);
    total += bytes.length;
    for (const [oldest, old] of kept) {
      if (total <= keptBytes) break;
      drop(oldest, old);
    }
    return bytes;
  };
}
