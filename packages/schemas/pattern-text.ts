/** Rules of the official XSDs that a person would not recognise in their regular expression. */
const KNOWN: readonly { pattern: string | RegExp; text: string }[] = [
  {
    pattern: '[!-ÿ]{1}[ -ÿ]{0,}[!-ÿ]{1}|[!-ÿ]{1}',
    text: 'texto sem espaço no começo ou no fim, sem quebra de linha e só com caracteres do alfabeto latino',
  },
  {
    pattern: /^\[(0-9A-Z|A-Z0-9)\]\{12\}\[0-9\]\{2\}$/,
    text: 'CNPJ de 14 posições sem pontuação: 12 letras maiúsculas ou algarismos e 2 algarismos',
  },
  {
    pattern: /^\[0-9\]\{0\}\|\[(0-9A-Z|A-Z0-9)\]\{12\}\[0-9\]\{2\}$/,
    text: 'vazio ou CNPJ de 14 posições sem pontuação: 12 letras maiúsculas ou algarismos e 2 algarismos',
  },
  { pattern: /^\[0-9\]\{6\}\[(0-9A-Z|A-Z0-9)\]\{12\}\[0-9\]\{26\}$/, text: 'chave de acesso de 44 posições, sem espaços' },
  {
    pattern: /^(NFe|CTe|MDFe|BPe|NF3e|NFCom)\[0-9\]\{6\}\[(0-9A-Z|A-Z0-9)\]\{12\}\[0-9\]\{26\}$/,
    text: 'sigla do documento seguida da chave de acesso de 44 posições',
  },
  { pattern: /-02-29.*T\(20\|21\|22\|23/, text: 'data e hora com fuso, AAAA-MM-DDThh:mm:ss-03:00' },
  { pattern: /-02-29/, text: 'data AAAA-MM-DD' },
  { pattern: '(([0-1][0-9])|([2][0-3])):([0-5][0-9]):([0-5][0-9])', text: 'hora hh:mm:ss' },
  { pattern: 'SEM GTIN|[0-9]{0}|[0-9]{8}|[0-9]{12,14}', text: 'GTIN de 8, 12, 13 ou 14 algarismos, ou SEM GTIN' },
  { pattern: '[^@]+@[^\\.]+\\..+', text: 'endereço de e-mail' },
  { pattern: '[0-9]{2}|[0-9]{8}', text: '2 ou 8 algarismos' },
  { pattern: /\\\?p=.*\\\|/, text: 'endereço do QR Code com os parâmetros na ordem e na forma do manual' },
  { pattern: /\\\?chNFe=/, text: 'endereço do QR Code com os parâmetros na ordem e na forma do manual' },
  { pattern: /\\\?ch(CTe|MDFe)=/, text: 'endereço do QR Code com a chave de acesso e o tpAmb' },
];

const DECIMAL = /^0\|0\\\.\[0-9\]\{(\d+)(?:,(\d+))?\}\|\[1-9\]\{1\}\[0-9\]\{0,(\d+)\}/;
const POSITIVE_DECIMAL = /^0\\\.(?:\[0-9\]\{\d+\})?\[1-9\].*\|\[1-9\]\{1\}\[0-9\]\{0,(\d+)\}\(\\\.\[0-9\]\{(\d+)(?:,(\d+))?\}\)\?$/;
const INTEGER = /^\[1-9\]\{1\}\[0-9\]\{0,(\d+)\}$/;
const DIGITS = /^(?:\[0-9\]|\\d)\{(\d+)(?:,(\d+))?\}$/;

/** What a pattern of an XSD asks for, in Portuguese; an unknown one is quoted as it is. */
export function describePattern(pattern: string): string {
  const known = KNOWN.find((k) => (typeof k.pattern === 'string' ? k.pattern === pattern : k.pattern.test(pattern)));
  if (known) return known.text;
  const decimal = DECIMAL.exec(pattern);
  if (decimal) return decimalText(Number(decimal[3]) + 1, decimal[1], decimal[2]);
  const positive = POSITIVE_DECIMAL.exec(pattern);
  if (positive) return `${decimalText(Number(positive[1]) + 1, positive[2], positive[3])}, maior que zero`;
  const integer = INTEGER.exec(pattern);
  if (integer) return `número inteiro maior que zero, de até ${Number(integer[1]) + 1} algarismos, sem zeros à esquerda`;
  const digits = DIGITS.exec(pattern);
  if (digits) return digits[2] === undefined ? count(digits[1]) : `de ${digits[1]} a ${digits[2]} algarismos`;
  return `expressão ${pattern.length > 160 ? `${pattern.slice(0, 157)}…` : pattern}`;
}

function count(n: string | undefined): string {
  return n === '1' ? '1 algarismo' : `${n} algarismos`;
}

function decimalText(integers: number, from: string | undefined, to: string | undefined): string {
  const places = to === undefined || to === from ? from : `${from} a ${to}`;
  return `número com ponto decimal, de até ${integers} algarismos inteiros e ${places} casas decimais, sem separador de milhar`;
}
