import { createHash } from 'node:crypto';
import type { Fault } from '../fault.ts';
import { escapeAttribute, escapeText } from '../xml/splice.ts';
import { eventoFault } from './fault-codes.ts';
import type { CampoJson } from './kinds.ts';

const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,59}$/;
const MAX_DEPTH = 12;

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The inside of detEvento from the fields of a kind; missing, unknown and misshapen ones are faults that name the field. */
export function detFromFields(
  campos: readonly CampoJson[],
  values: Readonly<Record<string, unknown>>,
  context: { chave: string; faults: Fault[]; path?: string },
): string {
  const { faults, path = '' } = context;
  const wrong = (name: string, message: string): string => {
    faults.push(eventoFault('EVT-014', `${path}${name}`, message));
    return '';
  };
  const known = new Set([...campos.map(({ nome }) => nome), ...(campos.some(({ imagem }) => imagem) ? ['imagem'] : [])]);
  for (const name of Object.keys(values)) {
    if (!known.has(name)) wrong(name, `O campo ${path}${name.slice(0, 60)} não existe neste evento. Use: ${[...known].join(', ')}.`);
  }
  const one = (campo: CampoJson, value: unknown, at: string): string => {
    const { tag, filhos, pessoa, logico } = campo;
    if (filhos) {
      if (!isRecord(value)) return wrong(at, `O campo ${path}${at} tem de ser um objeto.`);
      const attributes = filhos.filter(({ atributo }) => atributo);
      const written = attributes.map(({ nome, tag: name }) => {
        const text = textOf(value[nome]);
        if (text === undefined) wrong(`${at}.${nome}`, `Falta o campo ${path}${at}.${nome}.`);
        return ` ${name}="${escapeAttribute(text ?? '')}"`;
      });
      const rest = Object.fromEntries(Object.entries(value).filter(([name]) => !attributes.some(({ nome }) => nome === name)));
      const inner = detFromFields(
        filhos.filter(({ atributo }) => !atributo),
        rest,
        { ...context, path: `${path}${at}.` },
      );
      return `<${tag}${written.join('')}>${inner}</${tag}>`;
    }
    if (logico) {
      if (typeof value !== 'boolean') return wrong(at, `O campo ${path}${at} tem de ser true ou false.`);
      return `<${tag}>${value ? '1' : '0'}</${tag}>`;
    }
    const text = typeof value === 'number' && campo.decimais !== undefined ? value.toFixed(campo.decimais) : textOf(value);
    if (text === undefined || text === '') return wrong(at, `O campo ${path}${at} tem de ser um texto não vazio.`);
    if (!pessoa) return `<${tag}>${escapeText(text)}</${tag}>`;
    const kind = text.length === 11 ? 'CPF' : 'CNPJ';
    return `<${tag}><${kind}>${escapeText(text)}</${kind}></${tag}>`;
  };
  return campos
    .map((campo) => {
      const { nome, lista, opcional, imagem } = campo;
      const value = values[nome] ?? (imagem ? hashOf(values.imagem, context, wrong) : undefined);
      if (value === undefined) {
        const orImage = imagem ? ' (ou imagem, em base64)' : '';
        return opcional || (imagem && values.imagem !== undefined) ? '' : wrong(nome, `Falta o campo ${path}${nome}${orImage}.`);
      }
      if (!lista) return one(campo, value, nome);
      if (!Array.isArray(value) || value.length === 0) return wrong(nome, `O campo ${path}${nome} tem de ser uma lista não vazia.`);
      return value.map((item, i) => one(campo, item, `${nome}[${i + 1}]`)).join('');
    })
    .join('');
}

/** base64 of the SHA-1 of the chave and the base64 text of the image. */
function hashOf(image: unknown, { chave }: { chave: string }, wrong: (name: string, message: string) => string): string | undefined {
  if (image === undefined) return undefined;
  if (typeof image !== 'string' || image === '' || !/^[A-Za-z0-9+/]+={0,2}$/.test(image)) {
    wrong('imagem', 'O campo imagem tem de ser o conteúdo da imagem em base64, sem quebras de linha.');
    return undefined;
  }
  if (chave === '') {
    wrong('imagem', 'O campo imagem só é aceito com a chave do documento: informe chaveAcesso, ou o hash já calculado.');
    return undefined;
  }
  return createHash('sha1')
    .update(chave + image)
    .digest('base64');
}

/** The inside of detEvento from a tree of tags: `{tag: text | number | {..} | [..], "@attribute": text}`. */
export function detFromTree(tree: unknown, faults: Fault[]): string {
  if (!isRecord(tree)) {
    faults.push(eventoFault('EVT-014', 'detEvento', 'Falta detEvento: informe um objeto com os campos do evento, na ordem do leiaute.'));
    return '';
  }
  // versao is written by the hub: the layout has one.
  return innerOf(tree, 'detEvento', 1, faults);
}

function innerOf(value: unknown, path: string, depth: number, faults: Fault[]): string {
  const wrong = (at: string, message: string): string => {
    faults.push(eventoFault('EVT-014', at, message));
    return '';
  };
  const text = textOf(value);
  if (text !== undefined) return escapeText(text);
  if (!isRecord(value)) return wrong(path, `O campo ${path} tem de ser um texto, um objeto ou uma lista.`);
  if (depth > MAX_DEPTH) return wrong(path.slice(0, 200), `detEvento tem mais de ${MAX_DEPTH} níveis.`);
  return Object.entries(value)
    .filter(([tag]) => !tag.startsWith('@'))
    .flatMap(([tag, content]) => {
      if (!NAME.test(tag)) return wrong(path, `"${tag.slice(0, 60)}" não é um nome de campo válido.`);
      return (Array.isArray(content) ? content : [content]).map(
        (item) => `<${tag}${attributesOf(item, wrong, `${path}/${tag}`)}>${innerOf(item, `${path}/${tag}`, depth + 1, faults)}</${tag}>`,
      );
    })
    .join('');
}

function attributesOf(item: unknown, wrong: (at: string, message: string) => string, path: string): string {
  if (!isRecord(item)) return '';
  return Object.entries(item)
    .filter(([name]) => name.startsWith('@'))
    .map(([name, value]) => {
      const text = textOf(value);
      if (!NAME.test(name.slice(1)) || name === '@xmlns' || text === undefined) {
        return wrong(`${path}/${name.slice(0, 60)}`, `O atributo ${name.slice(0, 60)} de ${path} tem de ter um nome válido e um texto.`);
      }
      return ` ${name.slice(1)}="${escapeAttribute(text)}"`;
    })
    .join('');
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value.trim();
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : undefined;
}
