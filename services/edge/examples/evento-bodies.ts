import { eventoXmlFromJson } from '@malote/fiscal/evento/json-evento';
import { type CampoJson, EVENTO_KINDS, type EventoKind } from '@malote/fiscal/evento/kinds';
import Joi from 'joi';
import type { BodyForms } from '../routing.ts';
import { EVENTO_JSON_EXAMPLES } from './eventos.data.ts';

/** Events that a company sends and this version registers. */
const SENT = EVENTO_KINDS.filter(({ enviavel, suportado }) => enviavel && suportado);

const IMAGEM = 'Em vez do hash: a imagem em base64, da qual o hash com a chave é calculado aqui; a imagem não é guardada.';

/** Of the JSON of an event: one form for each name, and the general one. For the description only: the rules are those of json-evento.ts. */
export const eventoJsonSchema = Joi.alternatives(
  ...new Map(SENT.flatMap((kind) => (kind.tipo && kind.json ? [[kind.tipo, formOf(kind)]] : []))).values(),
  Joi.object({
    tipo: Joi.string()
      .pattern(/^[0-9]{6}$/)
      .required()
      .description('tpEvento, para qualquer evento.'),
    detEvento: Joi.object()
      .pattern(Joi.string(), Joi.any())
      .required()
      .description('Os campos de detEvento pelo nome da marca, na ordem do XSD: texto, lista ou objeto; `@nome` é um atributo.'),
    ...common(),
  }),
).meta({ component: 'PedidoEvento' });

function formOf({ tipo = '', tpEvento, descEvento, modelos, json = [] }: EventoKind): Joi.ObjectSchema {
  return Joi.object({
    tipo: Joi.string().valid(tipo).required(),
    ...Object.fromEntries(json.map((campo) => [campo.nome, fieldOf(campo)])),
    ...(json.some(({ imagem }) => imagem) ? { imagem: Joi.string().base64().description(IMAGEM) } : {}),
    ...common(),
  }).description(`${descEvento} (${tpEvento}, modelo ${modelos.join(' e ')}).`);
}

function common(): Record<string, Joi.Schema> {
  return {
    chaveAcesso: Joi.string().length(44).description('Se vier, deve ser a do documento do caminho.'),
    tpAutor: Joi.string().description('Quem é o autor, onde o leiaute o pede; sem ele, o Malote o preenche.'),
    nSeqEvento: Joi.number().integer().min(1).max(99).description('Sem ele o evento recebe o número seguinte.'),
    dhEvento: Joi.string().isoDate().description('Sem ela, o momento da assinatura.'),
  };
}

function fieldOf({ tag, opcional, lista, filhos, logico, pessoa, imagem, decimais }: CampoJson): Joi.Schema {
  const one = filhos
    ? Joi.object(Object.fromEntries(filhos.map((filho) => [filho.nome, fieldOf(filho)])))
    : logico
      ? Joi.boolean()
      : decimais === undefined
        ? Joi.string()
        : Joi.alternatives(Joi.number(), Joi.string());
  const field = (lista ? Joi.array().items(one).min(1) : one).description(pessoa ? `CNPJ ou CPF; ${tag} no XML.` : `${tag} no XML.`);
  return opcional || imagem ? field : field.required();
}

/** Each example in both forms: the XML is made of the JSON, as the edge makes it. */
export const EVENTO_BODIES: BodyForms['examples'] = Object.fromEntries(
  Object.entries(EVENTO_JSON_EXAMPLES).map(([name, { summary, modelo, json }]) => {
    const made = eventoXmlFromJson(json, { modelo });
    const xml = made.ok ? { xml: made.xml.replace('<infEvento>', '<infEvento><chNFe>@chaveAcesso@</chNFe>') } : {};
    return [name, { summary, json, ...xml }];
  }),
);
