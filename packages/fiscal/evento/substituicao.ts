import { parseChave } from '../chave/chave-acesso.ts';
import { parseDateTime } from '../emission/date-time.ts';
import type { Aviso } from '../emission/lifecycle-state.ts';
import type { NotaComparada } from './nota-comparada.ts';
import type { EventoRuleFacts, ReportEvento } from './rules.ts';

const MAX_APART_MS = 2 * 60 * 60_000;

/** What NT 2018.004 asks of a cancelamento por substituição, as far as the hub knows both notes; `chaveRef` is the substitute's key. */
export function checkSubstituicao(facts: EventoRuleFacts, chaveRef: string, fault: ReportEvento, avisos: Aviso[]): void {
  const { documento, substituta } = facts;
  const path = facts.kind.substitui ?? '';
  const parts = parseChave(chaveRef);
  if (documento.tpEmis !== '1') {
    fault(
      'EVT-060',
      'infEvento/chNFe',
      `Só nota de emissão normal (tpEmis 1) é cancelada por substituição; esta tem tpEmis ${documento.tpEmis}.`,
    );
  }
  if (!parts || chaveRef === documento.chave || parts.modelo !== documento.modelo) {
    fault('EVT-061', path, `${path} tem de ser a chave de outra nota do modelo ${documento.modelo}, a que substitui esta.`);
    return;
  }
  // cUF, and the emitter behind year and month.
  if (parts.cUF !== documento.chave.slice(0, 2) || parts.documento !== documento.chave.slice(6, 20)) {
    fault('EVT-069', path, `A nota substituta tem de ser do mesmo emitente e UF; a da chave é de ${parts.documento}, cUF ${parts.cUF}.`);
  }
  if (parts.tpEmis !== '9') {
    fault(
      'EVT-060',
      path,
      `A nota substituta tem de ser emitida em contingência off-line (tpEmis 9); a da chave tem tpEmis ${parts.tpEmis}.`,
    );
  }
  if (!substituta) {
    const mensagem = `A nota substituta ${chaveRef} não está neste hub: as condições do cancelamento por substituição são conferidas só pela SEFAZ.`;
    avisos.push({ codigo: 'substituta-desconhecida', mensagem });
    return;
  }
  if (substituta.state === 'cancelled' || substituta.state === 'denied') {
    fault('EVT-062', path, 'A nota substituta está cancelada ou denegada e não substitui outra.');
  } else if (substituta.state !== 'authorized') {
    fault('EVT-061', path, 'A nota substituta ainda não está autorizada. Transmita-a antes e envie o evento de novo.');
  }
  const [of, by] = [parseDateTime(documento.dhEmi), parseDateTime(substituta.dhEmi)];
  if (of && by && Math.abs(by.getTime() - of.getTime()) > MAX_APART_MS) {
    fault('EVT-063', path, `As duas notas têm de ser emitidas com até 2 horas de diferença: ${documento.dhEmi} e ${substituta.dhEmi}.`);
  }
  if (documento.nota && substituta.nota) compare(documento.nota, substituta.nota, path, fault);
}

function compare(nota: NotaComparada, substituta: NotaComparada, path: string, fault: ReportEvento): void {
  const differ = (a: string, b: string) => `${a || 'não informado'} e ${b || 'não informado'}`;
  if (!sameAmount(nota.vNF, substituta.vNF)) {
    fault('EVT-064', path, `O valor total (vNF) das duas notas tem de ser igual: ${differ(nota.vNF, substituta.vNF)}.`);
  }
  if (!sameAmount(nota.vICMS, substituta.vICMS)) {
    fault('EVT-065', path, `O valor do ICMS (vICMS) das duas notas tem de ser igual: ${differ(nota.vICMS, substituta.vICMS)}.`);
  }
  if (nota.destinatario !== substituta.destinatario) {
    fault('EVT-066', path, 'O destinatário das duas notas tem de ser o mesmo.');
  }
  if (nota.itens.length !== substituta.itens.length) {
    const message = `As duas notas têm de ter a mesma quantidade de itens: ${nota.itens.length} e ${substituta.itens.length}.`;
    fault('EVT-067', path, message);
    return;
  }
  const other = nota.itens.findIndex((item, i) => {
    const same = substituta.itens[i];
    return item.cProd !== same?.cProd || !sameAmount(item.vProd, same.vProd);
  });
  if (other >= 0) fault('EVT-068', path, `O item ${other + 1} das duas notas tem de ser o mesmo (código e valor).`);
}

/** 10.5 and 10.50 are one amount. */
function sameAmount(a: string, b: string): boolean {
  return a === b || (a !== '' && b !== '' && Number(a) === Number(b));
}
