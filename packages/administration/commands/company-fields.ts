import { LARGURAS } from '@malote/danfe/print-danfe';
import type { DanfeOpcoes, Inscricao } from '@malote/store/empresas';
import type { Given, Options } from '../option.ts';
import { Refused, type RefusedFault, refusedAll } from '../refused.ts';

/** What `company add` and `company set` take alike. Over HTTP an empty field counts as not given, so a word clears. */
export const CADASTRO = {
  'nome-fantasia': { description: 'nome fantasia; nenhum o retira', example: 'nome|nenhum' },
  crt: { description: 'regime tributário: 1 a 4, como no campo CRT da nota; nenhum o retira', example: 'n|nenhum' },
  municipio: { description: 'código do município no IBGE, 7 dígitos; nenhum o retira', example: '3550308|nenhum' },
  inscricoes: {
    description: 'todas as outras inscrições estaduais, UF:IE separadas por vírgula; nenhuma as retira',
    example: 'MG:0014951780054,PE:ISENTO|nenhuma',
  },
} as const satisfies Options;

const SIM_NAO = { values: ['sim', 'nao', 'padrao'], example: 'sim|nao|padrao' } as const;

/** What is printed where a call does not say it; `padrao` takes each one back. */
export const DANFE = {
  'danfe-orientacao': { description: 'DANFE da NF-e em A4', example: 'retrato|paisagem|padrao' },
  'danfe-largura-cupom': { description: 'milímetros do papel do DANFE NFC-e', example: [...LARGURAS, 'padrao'].join('|') },
  'danfe-sem-canhoto': { description: 'DANFE sem o canhoto', ...SIM_NAO },
  'danfe-sem-itens': { description: 'DANFE NFC-e sem os itens, onde a UF e o consumidor o permitem', ...SIM_NAO },
  'danfe-vias': { description: 'vias impressas em contingência off-line', example: '1|2|padrao' },
} as const satisfies Options;

/** Options as fields of the HTTP API, for readEmpresa, which has the rules; `null` clears, undefined stays. */
export function cadastroOf({ 'nome-fantasia': nomeFantasia, crt, municipio, inscricoes }: Given<typeof CADASTRO>) {
  const none = (text: string | undefined) => (text === 'nenhum' ? null : text);
  const outrasInscricoes = inscricoes === 'nenhuma' ? null : inscricoes === undefined ? undefined : partsOf(inscricoes).map(inscricaoOf);
  return { nomeFantasia: none(nomeFantasia), crt: none(crt), municipio: none(municipio), outrasInscricoes };
}

/** The same of the options of DANFE; undefined when none was given. */
export function danfeOf(given: Given<typeof DANFE>) {
  const text = (value: string | undefined) => (value === 'padrao' ? null : value);
  const flag = (value: string | undefined) => (value === undefined || value === 'padrao' ? text(value) : value === 'sim');
  const danfe = {
    orientacao: text(given['danfe-orientacao']),
    larguraCupom: text(given['danfe-largura-cupom']),
    semCanhoto: flag(given['danfe-sem-canhoto']),
    semItens: flag(given['danfe-sem-itens']),
    vias: text(given['danfe-vias']),
  };
  return Object.values(danfe).every((value) => value === undefined) ? undefined : danfe;
}

/** As the option takes it; undefined for none. */
export function shownInscricoes(outras: readonly Inscricao[] | undefined): string | undefined {
  return outras?.map(({ uf, ie }) => `${uf}:${ie}`).join(',');
}

/** As the options take them, under their field names; what is not set is undefined. */
export function shownDanfe({ orientacao, larguraCupom, semCanhoto, semItens, vias }: DanfeOpcoes = {}) {
  const shown = (value: boolean | undefined) => (value === undefined ? undefined : value ? 'sim' : 'nao');
  return {
    danfeOrientacao: orientacao,
    danfeLarguraCupom: larguraCupom,
    danfeSemCanhoto: shown(semCanhoto),
    danfeSemItens: shown(semItens),
    danfeVias: vias,
  };
}

/** Waits for `work`; what it refuses by fields of the HTTP API is refused by the options that gave them. */
export async function refusedByOptions<T>(options: Options, { inscricoes }: { inscricoes?: string }, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    throw refusedAll(error.faults.map((fault) => byOption(fault, options, partsOf(inscricoes ?? ''))));
  }
}

function byOption(fault: RefusedFault, options: Options, parts: readonly string[]): RefusedFault {
  const { codigo, campo = '', message } = fault;
  const inscricao = /^outrasInscricoes(?:\[(?<index>\d+)\](?:\.(?<name>uf|ie))?)?$/.exec(campo)?.groups;
  const option = inscricao ? 'inscricoes' : optionOf(campo);
  if (!options[option]) return fault;
  const part = inscricao?.index === undefined ? undefined : parts[Number(inscricao.index)];
  const said = part === undefined ? '' : ` ${part || '(vazia)'}${inscricao?.name ? ` (${inscricao.name.toUpperCase()})` : ''}`;
  const field = `Campo ${campo}:`;
  return { codigo, campo: option, message: message.startsWith(field) ? `--${option}${said}:${message.slice(field.length)}` : message };
}

/** `danfe.larguraCupom` is danfe-largura-cupom. */
function optionOf(campo: string): string {
  return campo.replaceAll('.', '-').replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function partsOf(inscricoes: string): string[] {
  return inscricoes.split(',').map((part) => part.trim());
}

/** An IE that is not there is no ISENTO: it must be said. */
function inscricaoOf(part: string): { uf: string; ie: string | undefined } {
  const [uf = '', ...ie] = part.split(':');
  return { uf, ie: ie.join(':').trim() || undefined };
}
