// The page at /docs: Swagger UI on /openapi.json, with a sign-in of its own and Portuguese labels. Everything comes from this host.
const TEXTS = {
  Parameters: 'Parâmetros',
  'No parameters': 'Sem parâmetros',
  Name: 'Nome',
  Type: 'Tipo',
  required: 'obrigatório',
  'Edit Value': 'Editar',
  Description: 'Descrição',
  'Request body': 'Corpo da requisição',
  Responses: 'Respostas',
  Code: 'Código',
  Details: 'Detalhes',
  Links: 'Ligações',
  'No links': '–',
  'Media type': 'Tipo',
  Controls: 'Define o cabeçalho',
  'header.': '.',
  'Example Value': 'Exemplo',
  Example: 'Exemplo',
  Schema: 'Esquema',
  Schemas: 'Esquemas',
  Execute: 'Enviar',
  Clear: 'Limpar',
  Cancel: 'Cancelar',
  Reset: 'Restaurar',
  'Try it out': 'Experimentar',
  'Server response': 'Resposta do servidor',
  'Response body': 'Corpo da resposta',
  'Response headers': 'Cabeçalhos da resposta',
  'Request URL': 'URL da requisição',
  'Request duration': 'Duração',
  Download: 'Baixar',
  'Available authorizations': 'Autorizações',
  Authorize: 'Autorizar',
  Authorized: 'Autorizado',
  Logout: 'Sair',
  Close: 'Fechar',
  'Headers:': 'Cabeçalhos:',
  'Send empty value': 'Enviar vazio',
};

const form = document.querySelector('#entrar');
const note = document.querySelector('#situacao');

const ui = window.SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#api',
  deepLinking: true,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  tryItOutEnabled: true,
  validatorUrl: null,
  presets: [window.SwaggerUIBundle.presets.apis],
  layout: 'BaseLayout',
  responseInterceptor(answer) {
    const token = answer.ok && answer.headers?.['x-auth-token'];
    if (token) void useSession(token);
    return answer;
  },
});

// Swagger UI writes an example of XML out of its schema; ours is a text and stands as it is.
const samples = ui.getSystem().fn.jsonSchema202012;
const ofSchema = samples.getXmlSampleSchema;
samples.getXmlSampleSchema = (schema, config, example) => (typeof example === 'string' ? example : ofSchema(schema, config, example));

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const { token, secret } = Object.fromEntries(new FormData(form));
  const headers = { 'content-type': 'application/json', accept: 'application/json' };
  const answer = await fetch('/session', { method: 'POST', headers, body: JSON.stringify({ token, secret }) });
  const body = await answer.json();
  if (!answer.ok) {
    say(body.detail ?? body.message);
    return;
  }
  ui.preauthorizeBasic('credencial', token, secret);
  form.reset();
  await useSession(body['x-auth-token']);
});

/** Every later call carries the token, and the examples show a company of the account. */
async function useSession(token) {
  ui.preauthorizeApiKey('sessao', token);
  const answer = await fetch('/session', { headers: { 'x-auth-token': token } });
  if (!answer.ok) return;
  const { nome, conta, empresas } = await answer.json();
  const withCnpj = empresas.filter(({ empresa }) => empresa.length === 14);
  const chosen = withCnpj.find(({ uf }) => uf === 'SP') ?? withCnpj[0];
  say(`Sessão de ${nome ?? conta}.${chosen ? ` Os exemplos usam a empresa ${chosen.empresa}.` : ''}`);
  if (!chosen || chosen.empresa === shown) return;
  shown = chosen.empresa;
  const description = await fetch(`/openapi.json?empresa=${shown}`);
  ui.specActions.updateSpec(await description.text());
}

let shown = '';

function say(text) {
  note.textContent = text;
}

new MutationObserver((changes) => {
  for (const { addedNodes } of changes) for (const node of addedNodes) translate(node);
}).observe(document.querySelector('#api'), { childList: true, subtree: true });

/** Swagger UI has English labels only; whole texts of its own are replaced, never those of the description or of an answer. */
function translate(root) {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let node = walker.currentNode; node; node = walker.nextNode()) {
    const label = node.nodeType === Node.TEXT_NODE && TEXTS[node.nodeValue.trim()];
    if (label && !node.parentElement?.closest('pre, code, textarea, .markdown')) node.nodeValue = label;
  }
}
