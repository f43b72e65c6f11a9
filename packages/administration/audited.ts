import type { Auditoria, FatoAuditado } from '@malote/store/auditoria';
import { Refused } from './refused.ts';

/**
 * Does something and writes into the audit trail that it was done, or that and why it was refused. What `work` says by `note` is the detail
 * of what was done; when it says nothing, nothing was changed and nothing is written. Other errors are not recorded: whether it was done
 * is not known then.
 */
export async function audited<T>(
  auditoria: Auditoria,
  fato: Omit<FatoAuditado, 'resultado' | 'detalhe'>,
  work: (note: (detalhe: string, acao?: string) => void) => Promise<T>,
): Promise<T> {
  let done: Pick<FatoAuditado, 'detalhe' | 'acao'> | undefined;
  try {
    const result = await work((detalhe, acao = fato.acao) => {
      done = { detalhe, acao };
    });
    if (done) await auditoria.append({ ...fato, ...done, resultado: 'ok' });
    return result;
  } catch (error) {
    if (error instanceof Refused) {
      const detalhe = [...new Set(error.faults.map(({ codigo }) => codigo))].join(' ');
      await auditoria.append({ ...fato, resultado: 'recusado', detalhe });
    }
    throw error;
  }
}
