import type { Fault } from '@malote/fiscal/fault';

/**
 * Every problem the edge can answer: code → HTTP status and title (RFC 9457). The code is permanent and is the last segment of `type`;
 * the title never varies with the occurrence, the detail says what happened this time.
 */
export const PROBLEMS = {
  'requisicao-invalida': { status: 400, title: 'Requisição inválida' },
  'parametro-invalido': { status: 400, title: 'Parâmetro inválido' },
  'json-malformado': { status: 400, title: 'JSON malformado' },
  'formulario-malformado': { status: 400, title: 'Formulário malformado' },
  'corpo-vazio': { status: 400, title: 'Corpo da requisição vazio' },
  'corpo-interrompido': { status: 400, title: 'Corpo da requisição interrompido' },
  'modelo-nao-suportado': { status: 400, title: 'Modelo de documento não suportado' },
  'chave-de-idempotencia-invalida': { status: 400, title: 'Idempotency-Key inválida' },
  'xml-malformado': { status: 400, title: 'XML malformado' },
  'xml-codificacao': { status: 400, title: 'Codificação do XML não aceita' },
  'xml-dtd': { status: 400, title: 'XML com DTD não é aceito' },
  'xml-entidade': { status: 400, title: 'XML com entidade não aceita' },
  'xml-instrucao': { status: 400, title: 'XML com instrução de processamento não é aceito' },
  'xml-caractere': { status: 400, title: 'XML com caractere não permitido' },
  'xml-namespace': { status: 400, title: 'XML com namespace inválido' },
  'xml-versao': { status: 400, title: 'Versão de XML não aceita' },
  'xml-profundidade': { status: 400, title: 'XML profundo demais' },
  'xml-elementos': { status: 400, title: 'XML com elementos demais' },
  'xml-atributos': { status: 400, title: 'XML com atributos demais' },
  'xml-tamanho': { status: 413, title: 'XML grande demais' },
  'xml-recusado': { status: 400, title: 'XML recusado' },
  'raiz-invalida': { status: 400, title: 'Elemento raiz não aceito' },
  'namespace-invalido': { status: 400, title: 'Namespace não corresponde ao layout' },
  'lote-invalido': { status: 400, title: 'Lote não aceito' },
  'identificacao-invalida': { status: 400, title: 'Identificação do documento inválida' },
  'conteudo-invalido': { status: 400, title: 'Conteúdo do documento inválido' },
  'empresa-divergente': { status: 400, title: 'Emitente diferente da empresa do caminho' },
  'ambiente-divergente': { status: 400, title: 'Ambiente diferente do ambiente do caminho' },
  'modelo-divergente': { status: 400, title: 'Modelo diferente do modelo do caminho' },
  'conteudo-assinado': { status: 400, title: 'Conteúdo já assinado' },
  'evento-invalido': { status: 400, title: 'Evento inválido' },
  'evento-nao-suportado': { status: 400, title: 'Tipo de evento não suportado' },
  'chave-divergente': { status: 400, title: 'Chave diferente da chave do caminho' },
  'inutilizacao-invalida': { status: 400, title: 'Inutilização inválida' },
  'comando-recusado': { status: 400, title: 'Comando recusado' },
  'modelo-sem-inutilizacao': { status: 400, title: 'Modelo sem inutilização' },
  'cadastro-recusado': { status: 400, title: 'Cadastro recusado' },
  'ordem-invalida': { status: 400, title: 'Ordem de contingência inválida' },
  'serie-reservada': { status: 400, title: 'Série reservada à contingência' },
  'politica-invalida': { status: 400, title: 'Política de contingência inválida' },
  'credenciais-ausentes': { status: 401, title: 'Credenciais ausentes' },
  'credenciais-invalidas': { status: 401, title: 'Credenciais inválidas' },
  'sessao-ausente': { status: 401, title: 'Sessão não informada' },
  'sessao-invalida': { status: 401, title: 'Sessão inexistente ou expirada' },
  'operador-nao-identificado': { status: 401, title: 'Chave de operador não informada' },
  'chave-de-operador-invalida': { status: 401, title: 'Chave de operador inválida' },
  'token-de-entidade-invalido': { status: 401, title: 'CNPJ e TOKEN da entidade não conferem' },
  'escopo-insuficiente': { status: 403, title: 'Escopo insuficiente' },
  'cliente-bloqueado': { status: 403, title: 'Cliente bloqueado' },
  'rota-desconhecida': { status: 404, title: 'Recurso inexistente' },
  'empresa-desconhecida': { status: 404, title: 'Empresa não encontrada' },
  'csc-desconhecido': { status: 404, title: 'CSC não encontrado' },
  'documento-desconhecido': { status: 404, title: 'Documento não encontrado' },
  'simulacao-desconhecida': { status: 404, title: 'Simulação não encontrada' },
  'entidade-desconhecida': { status: 404, title: 'Entidade não encontrada' },
  'evento-desconhecido': { status: 404, title: 'Evento não encontrado' },
  'inutilizacao-desconhecida': { status: 404, title: 'Inutilização não encontrada' },
  'certificado-ausente': { status: 404, title: 'Empresa sem certificado' },
  'xml-indisponivel': { status: 404, title: 'XML ainda não disponível' },
  'impressao-indisponivel': { status: 404, title: 'Impressão não disponível' },
  'metodo-nao-permitido': { status: 405, title: 'Método não permitido' },
  'identidade-em-conflito': { status: 409, title: 'Já existe documento com esta identificação' },
  'documento-nao-autorizado': { status: 409, title: 'Documento ainda não autorizado' },
  'evento-em-conflito': { status: 409, title: 'Já existe evento com este número' },
  'inutilizacao-em-conflito': { status: 409, title: 'Já existe inutilização desta faixa' },
  'contingencia-desligada': { status: 409, title: 'Contingência desligada na política' },
  'correcao-nao-admitida': { status: 409, title: 'Documento não admite correção' },
  'substituicao-nao-admitida': { status: 409, title: 'Documento não admite substituição' },
  'corpo-grande-demais': { status: 413, title: 'Corpo da requisição grande demais' },
  'tipo-de-conteudo': { status: 415, title: 'Tipo de conteúdo não aceito' },
  'codificacao-de-conteudo': { status: 415, title: 'Codificação de conteúdo não aceita' },
  'chave-de-idempotencia-reutilizada': { status: 422, title: 'Idempotency-Key já usada com outro conteúdo' },
  'correcao-recusada': { status: 422, title: 'Correção muda o que não pode mudar' },
  'erro-interno': { status: 500, title: 'Erro interno' },
  'ordem-nao-entregue': { status: 503, title: 'Ordem não entregue' },
  'sessoes-indisponiveis': { status: 503, title: 'Sessões temporariamente indisponíveis' },
  'armazenamento-indisponivel': { status: 503, title: 'Armazenamento temporariamente indisponível' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemCode = keyof typeof PROBLEMS;

/** What one occurrence adds to its table row. `line` and `column` (from 1) point into the request body. */
export interface ProblemFacts {
  faults?: Fault[];
  cStat?: string;
  xMotivo?: string;
  /** Of a customer that is blocked. */
  contrato?: string;
  line?: number;
  column?: number;
  headers?: Record<string, string>;
  cause?: unknown;
}

/** Thrown by a handler to answer with a problem document; anything else that is thrown becomes `erro-interno`. */
export class Problem extends Error {
  readonly codigo: ProblemCode;
  readonly facts: ProblemFacts;
  constructor(codigo: ProblemCode, detail: string, facts: ProblemFacts = {}) {
    super(detail, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = 'Problem';
    this.codigo = codigo;
    this.facts = facts;
  }
  get status(): number {
    return PROBLEMS[this.codigo].status;
  }
}

/** The JSON body of a problem (RFC 9457 plus our members). `traceId` becomes `instance`; it finds the log lines of the call. */
export function problemBody(problem: Problem, traceId: string): Record<string, unknown> {
  const { status, title } = PROBLEMS[problem.codigo];
  const { faults, cStat, xMotivo, contrato, line, column } = problem.facts;
  return {
    type: `/problemas/${problem.codigo}`,
    title,
    status,
    detail: problem.message,
    instance: traceId,
    codigo: problem.codigo,
    ...(line === undefined ? {} : { linha: line }),
    ...(column === undefined ? {} : { coluna: column }),
    ...(faults === undefined ? {} : { faults }),
    ...(cStat === undefined ? {} : { cStat }),
    ...(xMotivo === undefined ? {} : { xMotivo }),
    ...(contrato === undefined ? {} : { contrato }),
  };
}

/** True when the text is a code of the table: codes of other modules (XmlError) are looked up, not trusted. */
export function isProblemCode(codigo: string): codigo is ProblemCode {
  return Object.hasOwn(PROBLEMS, codigo);
}
