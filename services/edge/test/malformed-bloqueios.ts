/** A good row, to be spoilt field by field. */
export const LINHA = { tipopessoa: 2, cnpj: '53113791000122', IE: '111010945111', UF: 'SP', Parametro: 1 };

const base64 = (text: string | Uint8Array) => Buffer.from(text).toString('base64');
const request = (...rows: unknown[]) => JSON.stringify({ Empresas: rows });
const row = (change: Record<string, unknown>) => request({ ...LINHA, ...change });
const without = (name: keyof typeof LINHA) => request(Object.fromEntries(Object.entries(LINHA).filter(([other]) => other !== name)));
const PESSOA_FISICA = { ...LINHA, tipopessoa: 1, cnpj: undefined };

/** Bodies of RestAtBlqEnt that are refused whole → what the text must say; every text differs from all others. */
export const MALFORMED: Readonly<Record<string, readonly [body: string | Uint8Array, says: RegExp]>> = {
  'an empty body': ['', /^O corpo da requisição está vazio/],
  'blanks only': [' \r\n ', /^O corpo da requisição está vazio/],
  'plain text': ['bloqueie o cliente, por favor!', /não é JSON nem base64: tem o caractere ","/],
  XML: ['<Empresas/>', /não é JSON nem base64: tem o caractere "<" na posição 1/],
  'base64 cut by some characters': [base64(request(LINHA)).slice(0, 81), /base64 incompleto: 81 caracteres/],
  'base64 cut in the middle of the JSON': [base64(request(LINHA)).slice(0, 80), /^O conteúdo do base64 não é um JSON válido/],
  'padding in the middle of base64': [base64(request(LINHA)).replace(/^.{60}/, '$&='), /há "=" no meio dele/],
  'base64 of bytes that are no text': [base64(Buffer.from([0x7b, 0xff, 0xfe, 0x7d])), /em base64, um conteúdo que não está em UTF-8/],
  'bytes that are no text': [Buffer.from([0x7b, 0xff, 0x7d]), /^O corpo não está em UTF-8/],
  'JSON cut in the middle': [request(LINHA).slice(0, 30), /^O corpo não é um JSON válido/],
  'JSON with single quotes': [`{'Empresas': []}`, /^O corpo não é um JSON válido/],
  'a list': ['[]', /^O corpo deve ser um objeto JSON .* é uma lista/],
  'a text': ['"Empresas"', /^O corpo deve ser um objeto JSON .* é um texto/],
  'base64 of a number': [base64('12'), /^O conteúdo do base64 deve ser um objeto JSON .* é um número/],
  'base64 of null': [base64('null'), /^O conteúdo do base64 deve ser um objeto JSON .* é nulo/],
  'JSON nested without end': [`{"Empresas":${'['.repeat(40)}${']'.repeat(40)}}`, /mais de 16 níveis/],
  'a form without the field': [`dados=${base64(request(LINHA))}`, /^O formulário não tem o campo JSON/],
  'a form with an empty field': ['JSON=', /^O campo JSON do formulário está vazio/],
  'a form with the field twice': [`JSON=${base64('{}')}&json=${base64('{}')}`, /veio 2 vezes/],
  'a form with a broken escape': ['JSON=%7B%2', /código % inválido/],
  'a form with a field that is no base64': ['JSON=ol%C3%A1', /^O campo JSON do formulário não é JSON nem base64: tem o caractere "á"/],
  'a form with broken JSON': [`JSON=${encodeURIComponent('{"Empresas":')}`, /^O campo JSON do formulário não é um JSON válido/],
  'no Empresas': ['{"contrato":"12345"}', /^Requisição, campo Empresas: não informado/],
  'Empresas null': ['{"Empresas":null,"contrato":1}', /campo contrato: é um número.*campo Empresas: não informado/],
  'Empresas an object': [`{"Empresas":${JSON.stringify(LINHA)}}`, /campo Empresas: é um objeto; informe uma lista/],
  'Empresas empty': [request(), /a lista está vazia/],
  'a row too many': [request(...Array.from({ length: 1_001 }, () => LINHA)), /a lista tem 1001 empresas; informe até 1000/],
  'Empresas twice, in two spellings': [`{"Empresas":[],"EMPRESAS":[]}`, /campo "EMPRESAS": repetido com outra grafia/],
  'contrato an object': [JSON.stringify({ contrato: {}, Empresas: [LINHA] }), /campo contrato: é um objeto/],
  'contrato too long': [
    JSON.stringify({ contrato: '9'.repeat(61), Empresas: [LINHA] }),
    /campo contrato: .* tem 61 caracteres; informe até 60/,
  ],
  'contrato with a line end': [JSON.stringify({ contrato: '1\n2', Empresas: [LINHA] }), /campo contrato: .* caractere de controle/],
  'a row that is a text': [request(LINHA, '53113791000122'), /^Linha 2 de Empresas: é um texto/],
  'a row that is null': [request(null), /^Linha 1 de Empresas: é nulo/],
  'a row that is a list': [request([LINHA]), /^Linha 1 de Empresas: é uma lista/],
  'a field twice, in two spellings': [row({ CNPJ: '53113791000122' }), /^Linha 1, campo "CNPJ": repetido com outra grafia/],
  'no tipopessoa': [without('tipopessoa'), /^Linha 1, campo tipopessoa: não informado/],
  'tipopessoa a text': [row({ tipopessoa: '2' }), /^Linha 1, campo tipopessoa: é um texto; use o número/],
  'tipopessoa 3': [row({ tipopessoa: 3 }), /^Linha 1, campo tipopessoa: 3 não é um dos valores/],
  'tipopessoa 1.5': [row({ tipopessoa: 1.5 }), /^Linha 1, campo tipopessoa: 1.5 não é um dos valores/],
  'no cnpj': [without('cnpj'), /^Linha 1, campo cnpj: não informado; com tipopessoa 2 informe cnpj, 14/],
  'a cnpj that is a number': [row({ cnpj: 53113791000122 }), /^Linha 1, campo cnpj: é um número; informe um texto/],
  'a cnpj with its mask': [row({ cnpj: '53.113.791/0001-22' }), /^Linha 1, campo cnpj: .* tem 18 caracteres; informe 14, sem máscara/],
  'a cnpj cut': [row({ cnpj: '5311379100012' }), /^Linha 1, campo cnpj: .* tem 13 caracteres/],
  'a cnpj with small letters': [row({ cnpj: '12abc34501de35' }), /^Linha 1, campo cnpj: "12abc34501de35" é inválido/],
  'a cnpj that ends in letters': [row({ cnpj: '531137910001AB' }), /^Linha 1, campo cnpj: "531137910001AB" é inválido/],
  'a cpf where a cnpj belongs': [
    row({ cnpj: undefined, cpf: '12345678909' }),
    /campo cpf: com tipopessoa 2 informe só cnpj.*cnpj: não informado/,
  ],
  'a cpf beside the cnpj': [row({ cpf: '12345678909' }), /^Linha 1, campo cpf: com tipopessoa 2 informe só cnpj\.$/],
  'neither cnpj nor cpf, nor tipopessoa': [
    request({ IE: 'ISENTO', UF: 'SP', Parametro: 1 }),
    /informe cnpj \(14 caracteres\) ou cpf \(11\)/,
  ],
  'no cpf': [request(PESSOA_FISICA), /^Linha 1, campo cpf: não informado; com tipopessoa 1 informe cpf, 11/],
  'a cpf cut': [request({ ...PESSOA_FISICA, cpf: '1234567890' }), /^Linha 1, campo cpf: .* tem 10 caracteres; informe 11/],
  'a cpf with a letter': [
    request({ ...PESSOA_FISICA, cpf: '1234567890X' }),
    /^Linha 1, campo cpf: "1234567890X" é inválido; informe 11 dígitos/,
  ],
  'a cnpj in the row of a person': [request({ ...LINHA, tipopessoa: 1 }), /^Linha 1, campo cnpj: com tipopessoa 1 informe só cpf\./],
  'no IE': [without('IE'), /^Linha 1, campo IE: não informado; informe a inscrição estadual ou ISENTO/],
  'an IE that is a number': [row({ IE: 111010945111 }), /^Linha 1, campo IE: é um número/],
  'an IE of 19 characters': [row({ IE: '1234567890123456789' }), /^Linha 1, campo IE: .* tem 19 caracteres; informe até 18/],
  'an IE with other signs': [row({ IE: '111_010_945' }), /^Linha 1, campo IE: "111_010_945" é inválido/],
  'an IE that is a word': [row({ IE: 'NAO TEM' }), /^Linha 1, campo IE: "NAO TEM" é inválido/],
  'no UF': [without('UF'), /^Linha 1, campo UF: não informado/],
  'a UF that is a code': [row({ UF: 35 }), /^Linha 1, campo UF: é um número/],
  'a UF by its name': [row({ UF: 'São Paulo' }), /^Linha 1, campo UF: "São Paulo" tem 9 caracteres/],
  'a UF in small letters': [row({ UF: 'sp' }), /^Linha 1, campo UF: "sp" deve vir em letras maiúsculas: SP/],
  'a UF that does not exist': [row({ UF: 'XX' }), /^Linha 1, campo UF: "XX" não é uma das 27 UFs/],
  'a UF of abroad': [row({ UF: 'EX' }), /^Linha 1, campo UF: "EX" não é uma das 27 UFs/],
  'no Parametro': [without('Parametro'), /^Linha 1, campo Parametro: não informado; use 1 \(bloquear\) ou 2 \(liberar\)/],
  'Parametro a text': [row({ Parametro: '1' }), /^Linha 1, campo Parametro: é um texto; use o número/],
  'Parametro true': [row({ Parametro: true }), /^Linha 1, campo Parametro: é um valor lógico/],
  'Parametro 0': [row({ Parametro: 0 }), /^Linha 1, campo Parametro: 0 não é um dos valores/],
  'the last of three rows': [request(LINHA, LINHA, { ...LINHA, UF: 'ZZ' }), /^Linha 3, campo UF: "ZZ"/],
};

/** Two of the bodies mean the same to the service, and are told the same. */
export const SAME_TEXT: readonly string[] = ['blanks only', 'JSON with single quotes'];
