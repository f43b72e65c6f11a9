import { rotateChavesMestras } from '../chaves-mestras.ts';
import { command } from '../command.ts';

export const keysRotate = command({
  name: 'keys rotate',
  summary: 'Regrava todos os segredos guardados com a primeira chave mestra de MALOTE_MASTER_KEY, com o hub no ar; pode ser repetido.',
  options: { 'dry-run': { description: 'só conta os segredos por chave', flag: true } },
  reads: false,
  async run(deps, { 'dry-run': dryRun = false }) {
    return rotateChavesMestras({ store: await deps.store({ secrets: true }) }, { dryRun, quem: deps.quem });
  },
  failed: ({ completa, simulacao }) => !completa && !simulacao,
  text({ kid, simulacao, antes, depois, regravados, falhas, totalFalhas, completa, semUso }) {
    const places = (simulacao ? antes : depois).map(({ lugar, kids }) => {
      const each = Object.entries(kids).map(([other, n]) => `${other}: ${n}`);
      return `${lugar}: ${each.join(', ') || 'nenhum'}`;
    });
    return [
      `chave ${kid}`,
      ...places,
      ...(simulacao ? [] : [`${regravados} segredos regravados`]),
      ...falhas.map(({ lugar, id, motivo }) => `falha em ${lugar} ${id}: ${motivo}`),
      ...(totalFalhas > falhas.length ? [`e mais ${totalFalhas - falhas.length} falhas`] : []),
      completa ? 'Todos os segredos estão com esta chave.' : 'Há segredos com outra chave.',
      ...(semUso.length > 0 ? [`Sem uso: ${semUso.join(', ')} (mantenha enquanto um backup de antes precisar dela)`] : []),
    ].join('\n');
  },
});
