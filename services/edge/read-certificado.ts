import { MAX_PFX_BYTES } from '@malote/administration/certificados';
import { type RefusedFault, refusedAll } from '@malote/administration/refused';
import { bodyOf, type Exchange } from './exchange.ts';
import { Problem } from './problems.ts';
import { readJson } from './read-json.ts';
import { readMultipart } from './read-multipart.ts';

/** A certificate as it was posted. */
export interface CertificadoPostado {
  pfx: Buffer;
  senha: string;
  /** What the body called the file. */
  campo: 'arquivo' | 'conteudo';
}

/** Of the form and of the JSON. A PFX in base64 is a third longer, and PEM breaks its lines. */
const MAX_BASE64 = Math.ceil(MAX_PFX_BYTES * 1.5);

/**
 * The certificate and the password of a body: `multipart/form-data` with `arquivo` and `senha`, or JSON with `conteudo` (base64) and `senha`.
 * @throws Refused naming every field that is missing or no such thing, Problem
 */
export async function readCertificado(exchange: Exchange): Promise<CertificadoPostado> {
  const { bytes } = bodyOf(exchange);
  const type = exchange.req.get('content-type') ?? '';
  const media = type.split(';', 1)[0]?.trim().toLowerCase();
  if (media !== 'multipart/form-data' && media !== 'application/json') throw wrongType(media);
  if (bytes.length === 0) throw new Problem('corpo-vazio', 'O corpo da requisição está vazio; envie o certificado e a senha.');
  return media === 'application/json' ? fromJson(readJson(bytes)) : fromForm(await readMultipart(bytes, type));
}

function wrongType(media: string | undefined): Problem {
  const said = media ? `o tipo informado foi "${media.slice(0, 80)}"` : 'nenhum tipo foi informado';
  return new Problem('tipo-de-conteudo', `O corpo deve ser enviado com Content-Type multipart/form-data ou application/json; ${said}.`, {
    headers: { 'Accept-Post': 'multipart/form-data, application/json' },
  });
}

function fromForm({ fields, files }: Awaited<ReturnType<typeof readMultipart>>): CertificadoPostado {
  const pfx = files.get('arquivo');
  const senha = fields.get('senha');
  const faults: RefusedFault[] = [];
  if (pfx === undefined || pfx.length === 0) {
    const rule = fields.has('arquivo') ? 'deve ser um arquivo, não um texto' : 'é obrigatório: o arquivo .pfx ou .p12 do certificado A1';
    faults.push({ codigo: 'arquivo-ausente', campo: 'arquivo', message: `Campo arquivo: ${rule}.` });
  }
  if (senha === undefined) faults.push({ codigo: 'senha-ausente', campo: 'senha', message: SEM_SENHA });
  if (pfx === undefined || senha === undefined || faults.length > 0) throw refusedAll(faults);
  return { pfx, senha, campo: 'arquivo' };
}

const SEM_SENHA = 'Campo senha: é obrigatório, como texto; vazio, se o arquivo não tem senha.';

function fromJson(value: unknown): CertificadoPostado {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Problem('json-malformado', 'O JSON deve ser um objeto com conteudo e senha.');
  }
  const { conteudo, senha } = value as Record<string, unknown>;
  const faults: RefusedFault[] = [];
  const pfx = typeof conteudo === 'string' ? fromBase64(conteudo) : undefined;
  if (pfx === undefined) {
    const message = 'Campo conteudo: deve ser o arquivo .pfx ou .p12 inteiro em base64.';
    faults.push({ codigo: conteudo === undefined ? 'arquivo-ausente' : 'base64-invalido', campo: 'conteudo', message });
  }
  if (typeof senha !== 'string') faults.push({ codigo: 'senha-ausente', campo: 'senha', message: SEM_SENHA });
  if (pfx === undefined || typeof senha !== 'string') throw refusedAll(faults);
  return { pfx, senha, campo: 'conteudo' };
}

/** Node's decoder passes over what is no base64; what it gives must be the text again. */
function fromBase64(text: string): Buffer | undefined {
  const plain = text.slice(0, MAX_BASE64 + 1).replace(/\s+/g, '');
  if (plain.length === 0 || text.length > MAX_BASE64 || !/^[A-Za-z0-9+/]+={0,2}$/.test(plain)) return undefined;
  const bytes = Buffer.from(plain, 'base64');
  return bytes.toString('base64').replace(/=+$/, '') === plain.replace(/=+$/, '') ? bytes : undefined;
}
