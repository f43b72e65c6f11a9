import { JUSTIFICATIVA_PADRAO } from '@malote/fiscal/inutilizacao/politica';

/** What one way of asking works on: both have the same kinds of things, so that their results can be compared. */
export interface Side {
  conta: string;
  token: string;
  /** Registered. */
  empresa: string;
  /** Not registered yet. */
  outra: string;
  pfx: Buffer;
  senha: string;
  /** A ZIP of schemas, and what to call it. */
  pacote: { nome: string; zip: Buffer };
}

/** By option name; a Buffer or `{ text }` is the content of a file. */
export type Given = Record<string, string | true | Buffer | { text: string }>;

export interface Case {
  /** Name of the command. */
  name: string;
  given: Given;
  /** The code that it is refused with. */
  refused?: string;
}

/** Calls of every command, in an order in which each finds what it needs; `refused` ones too. */
export function casesOf({ conta, token, empresa, outra, pfx, senha, pacote }: Side): Case[] {
  const where = { conta, empresa };
  const csc = { ...where, ambiente: 'hom' };
  const file = { file: pfx, 'senha-file': { text: `${senha}\n` } };
  return [
    { name: 'migrate', given: {} },
    { name: 'config print', given: {} },
    { name: 'topology print', given: { vhost: 'outro' } },
    { name: 'account create', given: { name: ' Loja & Cia ' } },
    { name: 'account create', given: { name: 'x'.repeat(121) }, refused: 'opcao-invalida' },
    { name: 'account create', given: {}, refused: 'opcao-invalida' },
    { name: 'account list', given: { pagina: '1' } },
    { name: 'account list', given: { pagina: '0' }, refused: 'opcao-invalida' },
    { name: 'account disable', given: { conta } },
    { name: 'account enable', given: { conta } },
    { name: 'account end-sessions', given: { conta } },
    { name: 'account disable', given: { conta: 'nenhuma' }, refused: 'conta-desconhecida' },
    { name: 'account rotate-secret', given: { token, 'sobreposicao-horas': '2' } },
    { name: 'account rotate-secret', given: { token: 'nenhum' }, refused: 'credencial-desconhecida' },
    { name: 'credential create', given: { conta, nome: 'Só leitura', escopos: 'leitura, recebimento' } },
    { name: 'credential create', given: { conta, escopos: 'tudo' }, refused: 'escopo-desconhecido' },
    { name: 'credential list', given: { conta } },
    { name: 'credential disable', given: { token } },
    {
      name: 'company add',
      given: { conta, cnpj: outra, uf: 'sp', 'razao-social': 'Filial', ie: '110.042.490.114', crt: '1', inscricoes: 'RJ:12345678' },
    },
    { name: 'company add', given: { conta, uf: 'SP', 'razao-social': 'Filial' }, refused: 'opcao-invalida' },
    {
      name: 'company add',
      given: { conta, cnpj: outra, uf: 'SP', 'razao-social': 'Filial', municipio: '3304557' },
      refused: 'municipio-invalido',
    },
    { name: 'company list', given: { conta } },
    { name: 'company set', given: { ...where, 'qr-version': '3', lacunas: 'inutilizar', 'lacunas-justificativa': JUSTIFICATIVA_PADRAO } },
    { name: 'company set', given: { ...where, 'no-logo': true } },
    {
      name: 'company set',
      given: { ...where, 'nome-fantasia': 'Loja', inscricoes: 'MG:0014951780054,PE:ISENTO', 'danfe-sem-itens': 'sim' },
    },
    { name: 'company set', given: { ...where, inscricoes: 'nenhuma', 'danfe-sem-itens': 'padrao' } },
    { name: 'company set', given: { ...where, inscricoes: 'MG' }, refused: 'campo-obrigatorio' },
    { name: 'company set', given: { ...where, 'danfe-sem-itens': 'talvez' }, refused: 'opcao-invalida' },
    { name: 'company set', given: { ...where, logo: Buffer.from('GIF89a') }, refused: 'logotipo-invalido' },
    { name: 'company set', given: where, refused: 'opcao-invalida' },
    { name: 'csc put', given: { ...csc, id: '0007', 'csc-file': { text: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ\n' } } },
    { name: 'csc put', given: { ...csc, id: '7', 'csc-file': { text: 'curto' } }, refused: 'opcao-invalida' },
    { name: 'csc list', given: csc },
    { name: 'csc remove', given: { ...csc, id: '7' } },
    { name: 'csc remove', given: { ...csc, id: '7' }, refused: 'csc-desconhecido' },
    { name: 'certificate show', given: where, refused: 'certificado-ausente' },
    { name: 'sefaz status', given: where, refused: 'certificado-ausente' },
    { name: 'certificate check', given: { empresa, ...file } },
    { name: 'certificate check', given: { empresa, ...file, 'senha-file': { text: 'outra' } }, refused: 'senha-incorreta' },
    { name: 'certificate put', given: { ...where, ...file } },
    { name: 'certificate put', given: { ...where, ...file, empresa: outra, file: Buffer.from('PK') }, refused: 'pfx-invalido' },
    { name: 'certificate show', given: where },
    { name: 'dead list', given: { limit: '5' } },
    { name: 'dead list', given: { limit: 'muitas' }, refused: 'opcao-invalida' },
    { name: 'dead show', given: { id: 'nenhuma' }, refused: 'mensagem-desconhecida' },
    { name: 'dead replay', given: { all: true } },
    { name: 'dead replay', given: {}, refused: 'opcao-invalida' },
    { name: 'document recovering', given: { conta, limit: '10' } },
    { name: 'entity add', given: { conta, cnpj: empresa, uf: 'SP', ie: '110042490114', 'id-empresa': '7', 'sem-espera': true } },
    { name: 'entity add', given: { conta, cnpj: '123', uf: 'XX' }, refused: 'campo-valor' },
    { name: 'entity list', given: { conta, bloqueada: 'nao' } },
    { name: 'entity list', given: { bloqueada: 'talvez' }, refused: 'opcao-invalida' },
    { name: 'schemas list', given: {} },
    { name: 'schemas add', given: { nome: pacote.nome, file: pacote.zip, prod: '2031-01-01' } },
    { name: 'schemas add', given: { nome: pacote.nome, file: pacote.zip, prod: '2031-01-02' }, refused: 'pacote-de-schemas-invalido' },
    { name: 'schemas add', given: { nome: 'PL_X', file: pacote.zip }, refused: 'opcao-invalida' },
    { name: 'keys rotate', given: { 'dry-run': true } },
    { name: 'audit list', given: { conta } },
    { name: 'audit verify', given: { conta } },
    { name: 'audit verify', given: { ate: '1:ff' }, refused: 'ancora-sem-conta' },
  ];
}
