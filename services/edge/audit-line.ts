import type { Auditoria } from '@malote/store/auditoria';

type Append = Auditoria['append'];

/**
 * Links of one account's chain one after the other. Each hangs on the last one: a hundred tills that sign in at the same minute would race for
 * every link of it, and all but one lose each time.
 */
export function inLine(append: Append): Append {
  const last = new Map<string, Promise<unknown>>();
  return (fato) => {
    const add = () => append(fato);
    const added = (last.get(fato.conta) ?? Promise.resolve()).then(add, add);
    last.set(fato.conta, added);
    const leave = () => {
      if (last.get(fato.conta) === added) last.delete(fato.conta);
    };
    added.then(leave, leave);
    return added;
  };
}
