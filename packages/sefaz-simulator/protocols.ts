/** Numbers of protocol (MOC 4.3.5): digit of the authoriser, two of the state or órgão, two of the year, ten that count up. */
export interface Protocols {
  /** Takes a number given before, so that none is given twice. */
  seen(nProt: string): void;
  /** @param prefix the first five digits */
  next(prefix: string): string;
}

export function createProtocols(): Protocols {
  const last = new Map<string, number>();
  return {
    seen(nProt) {
      const prefix = nProt.slice(0, 5);
      last.set(prefix, Math.max(Number(nProt.slice(5)), last.get(prefix) ?? 0));
    },
    next(prefix) {
      const value = (last.get(prefix) ?? 0) + 1;
      last.set(prefix, value);
      return prefix + String(value).padStart(10, '0');
    },
  };
}
