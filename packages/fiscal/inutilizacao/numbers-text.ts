const MAX_GROUPS = 20;

/** `3, 5 a 9 e 12`: numbers as people write them, in order, each once; at most 20 groups. */
export function numbersText(numbers: readonly number[]): string {
  const groups: [number, number][] = [];
  for (const n of [...new Set(numbers)].sort((a, b) => a - b)) {
    const last = groups.at(-1);
    if (last && last[1] === n - 1) last[1] = n;
    else groups.push([n, n]);
  }
  const texts = groups.slice(0, MAX_GROUPS).map(([from, to]) => (from === to ? `${from}` : `${from} a ${to}`));
  if (groups.length > MAX_GROUPS) return `${texts.join(', ')} e outros`;
  return texts.length > 1 ? `${texts.slice(0, -1).join(', ')} e ${texts.at(-1)}` : (texts[0] ?? '');
}
