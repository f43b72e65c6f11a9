const CLOCK = new Intl.DateTimeFormat('pt-BR', { timeZone: 'America/Sao_Paulo', hour: '2-digit', minute: '2-digit', second: '2-digit' });
const DAY = new Intl.DateTimeFormat('pt-BR', { timeZone: 'America/Sao_Paulo', day: '2-digit', month: '2-digit' });

/** `21/11 23:24:58`, in Brasília's time. */
export function localTime(instant: string | Date): string {
  const date = new Date(instant);
  return `${DAY.format(date)} ${CLOCK.format(date)}`;
}

/** `850 ms`, `12 s`, `3 min`, `2 h 5 min`, `4 dias`. */
export function duration(ms: number): string {
  const s = ms / 1000;
  if (s < 1) return `${Math.round(ms)} ms`;
  if (s < 100) return `${Math.round(s)} s`;
  const min = Math.round(s / 60);
  if (min < 100) return `${min} min`;
  const h = Math.floor(min / 60);
  if (h < 48) return min % 60 === 0 ? `${h} h` : `${h} h ${min % 60} min`;
  return `${Math.floor(h / 24)} dias`;
}

/** `agora`, `há 12 s`. */
export function ago(ms: number): string {
  return ms < 1_000 ? 'agora' : `há ${duration(ms)}`;
}

export function plural(n: number, one: string, many: string): string {
  return `${n.toLocaleString('pt-BR')} ${n === 1 ? one : many}`;
}

export function ambienteName(tpAmb: string): string {
  return tpAmb === '1' ? 'produção' : 'homologação';
}

/** `a, b, c e mais 2` */
export function list(items: readonly string[], most: number): string {
  const rest = items.length - most;
  return items.slice(0, most).join(', ') + (rest > 0 ? ` e mais ${rest}` : '');
}
