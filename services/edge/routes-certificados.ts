import {
  certificadoDescritoSchema,
  certificadoFormSchema,
  certificadoJsonSchema,
  certificadoSchema,
  putCertificadoQuery,
  showCertificadoQuery,
} from './certificado.schema.ts';
import { type CertificadoDeps, createPutCertificado, createShowCertificado } from './certificados.ts';
import { CERTIFICADO_BODIES } from './examples/certificado.data.ts';
import type { Route } from './routing.ts';

const PATH = '/api/empresas/:empresa/certificado';
const SAMPLE = '/api/empresas/07385111000102/certificado';

const INSTALLING = `Envie o arquivo \`.pfx\` ou \`.p12\` do e-CNPJ ou e-CPF A1 e a senha dele, como formulário (\`arquivo\`, \`senha\`) ou JSON (\`conteudo\` em base64, \`senha\`).

O certificado é conferido inteiro antes de ser gravado; cada motivo de recusa tem seu código em \`faults\`: \`senha-incorreta\`, \`pfx-invalido\`, \`cifra-nao-suportada\`, \`pfx-iteracoes\`, \`pfx-nao-aberto\`, \`pfx-grande-demais\`, \`sem-chave\`, \`chave-nao-suportada\`, \`sem-certificado\`, \`sem-documento\`, \`certificado-de-outra-empresa\`, \`certificado-sem-assinatura\`, \`certificado-vencido\`, \`certificado-ainda-nao-valido\`, \`certificado-fora-da-icp-brasil\`. A chave é guardada cifrada e nunca mais sai.

O novo passa a valer para os próximos documentos; os que estão em andamento terminam com o que os assinou.`;

const SHOWING = `Mostra o certificado em uso, os anteriores, e o que cada autorizador respondeu ao último teste.

Com \`testar=true\` o status é perguntado com este certificado a cada autorizador da empresa (o da UF e a SVC). A SEFAZ pede três minutos entre duas perguntas ao mesmo autorizador, de quem quer que seja: antes disso a resposta é a que se conhece, com \`proximoEm\`.`;

/** The certificate of a company. */
export function certificadoRoutes(deps: CertificadoDeps): Route[] {
  const common = { path: PATH, sample: SAMPLE, tag: 'Empresas', access: 'session' } as const;
  const put = createPutCertificado(deps);
  const installing = {
    ...common,
    body: 'any',
    escopos: ['administracao'],
    description: INSTALLING,
    bodyTypes: {
      'multipart/form-data': { schema: certificadoFormSchema, example: CERTIFICADO_BODIES.form },
      'application/json': { schema: certificadoJsonSchema, example: CERTIFICADO_BODIES.json },
    },
    query: putCertificadoQuery,
    answers: { 200: { description: 'O certificado, instalado ou conferido.', schema: certificadoSchema } },
    problems: ['empresa-desconhecida', 'tipo-de-conteudo', 'corpo-vazio', 'json-malformado', 'formulario-malformado', 'cadastro-recusado'],
    handler: put,
  } satisfies Partial<Route>;
  return [
    {
      ...{ ...common, method: 'GET', body: 'none', id: 'consultarCertificado', summary: 'Mostra e testa o certificado da empresa' },
      escopos: ['administracao', 'leitura'],
      description: SHOWING,
      query: showCertificadoQuery,
      answers: { 200: { description: 'O certificado.', schema: certificadoDescritoSchema } },
      problems: ['empresa-desconhecida', 'certificado-ausente'],
      handler: createShowCertificado(deps),
    },
    { ...installing, method: 'PUT', id: 'instalarCertificado', summary: 'Instala o certificado da empresa' },
    { ...installing, method: 'POST', id: 'enviarCertificado', summary: 'Instala o certificado da empresa (o mesmo por POST)' },
  ];
}
