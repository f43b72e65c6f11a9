import type { Auditoria, RegistroAuditoria } from '@malote/store/auditoria';
import Joi from 'joi';
import { answerList } from './conditional.ts';
import { contaOf, type Exchange } from './exchange.ts';
import { rowsOf, writePage } from './pages.ts';

export interface AuditoriaDeps {
  listAuditoria: Auditoria['list'];
}

const HASH = /^[0-9a-f]{64}$/;

/** One row of GET /api/conta/auditoria. */
export const auditoriaSchema = Joi.object({
  seq: Joi.number().integer().min(1).required().description('Número do elo na corrente da conta.'),
  em: Joi.string().isoDate().required(),
  quem: Joi.object({
    tipo: Joi.string().valid('credencial', 'entidade', 'operador', 'cli', 'servico').required(),
    id: Joi.string().allow(null).required().description('Token da credencial, id da entidade, ou quem o operador diz ser.'),
    ip: Joi.string().allow(null).required(),
  }).required(),
  acao: Joi.string().required().description('O que foi feito: <o quê>.<verbo>.'),
  empresa: Joi.string().allow(null).required(),
  alvo: Joi.string().allow(null).required().description('A que foi feito, quando não é a empresa.'),
  resultado: Joi.string().valid('ok', 'recusado').required(),
  detalhe: Joi.string().allow(null, '').required(),
  anterior: Joi.string()
    .allow('')
    .pattern(/^([0-9a-f]{64})?$/)
    .required()
    .description('Hash do elo anterior; vazio no primeiro.'),
  hash: Joi.string().pattern(HASH).required().description('Hash deste elo: guarde o último para conferir a corrente mais tarde.'),
});

/** GET of the account's audit trail, newest first. */
export function createListAuditoria({ listAuditoria }: AuditoriaDeps): (exchange: Exchange) => Promise<void> {
  return async (exchange) => {
    const page = { conta: contaOf(exchange), ...rowsOf(exchange.query.pagina as number) };
    const { total, registros } = await listAuditoria(page);
    answerList(exchange, writePage(total, registros.map(presentRegistro)));
  };
}

/** Only its own fields: what somebody put into the database besides is not shown. */
function presentRegistro({ seq, em, quem, acao, empresa, alvo, resultado, detalhe, anterior, hash }: RegistroAuditoria) {
  return {
    ...{ seq, em: em.toISOString(), quem: { tipo: quem.tipo, id: quem.id ?? null, ip: quem.ip ?? null }, acao },
    ...{ empresa: empresa ?? null, alvo: alvo ?? null, resultado, detalhe: detalhe ?? null, anterior, hash },
  };
}
