import { describePattern } from './pattern-text.ts';

/** What the text of a fault is made of. */
export interface FaultContext {
  /** Local name of the element or attribute. */
  name: string;
  /** Value of the element or attribute, cut. */
  value: string;
  /** Namespace of the element in the document, and the one of the schema. */
  uri: string;
  expectedUri: string;
}

export interface FaultRule {
  /** Permanent: integrations match on it. */
  code: string;
  /** On the message of libxml2 without its `Element '…', attribute '…': ` prefix and final full stop. */
  when: RegExp;
  /** Sentences in Portuguese: the rule, the value, what to do. */
  text(match: RegExpExecArray, context: FaultContext): string;
}

const LONG_LIST = 15;

/** One rule per kind of error of libxml2; the order matters, the first match counts. */
export const FAULT_RULES: readonly FaultRule[] = [
  {
    code: 'XSD-PATTERN',
    when: /^\[facet 'pattern'\].*is not accepted by the pattern '(.*)'$/s,
    text: ([, pattern = ''], { value }) => `${given(value)} não segue o formato exigido (${describePattern(pattern)}). Corrija o valor.`,
  },
  {
    code: 'XSD-ENUM',
    when: /^\[facet 'enumeration'\].*is not an element of the set \{(.*)\}$/s,
    text: ([, set = ''], { value }) => `${given(value)} não está entre os aceitos: ${values(set)}. Use um deles.`,
  },
  {
    code: 'XSD-LENGTH',
    when: /^\[facet '(maxLength|minLength|length)'\] The value has a length of '(\d+)';.* of '(\d+)'$/s,
    text: ([, facet, length, limit], { value }) => {
      const bound = { maxLength: 'o máximo é', minLength: 'o mínimo é', length: 'devem ser' }[facet ?? ''] ?? 'devem ser';
      return `${given(value)} tem ${length} caracteres; ${bound} ${limit}. Ajuste o tamanho.`;
    },
  },
  {
    code: 'XSD-RANGE',
    when: /^\[facet '(minInclusive|maxInclusive|minExclusive|maxExclusive)'\].*'([^']*)'\)?$/s,
    text: ([, facet, limit], { value }) => {
      const bound = { minInclusive: 'no mínimo', maxInclusive: 'no máximo', minExclusive: 'maior que', maxExclusive: 'menor que' }[
        facet ?? ''
      ];
      return `${given(value)} está fora da faixa: deve ser ${bound} ${limit}.`;
    },
  },
  {
    code: 'XSD-DIGITS',
    when: /^\[facet '(totalDigits|fractionDigits)'\].*\('(\d+)'\)$/s,
    text: ([, facet, limit], { value }) =>
      `${given(value)} tem algarismos demais: cabem ${limit} ${facet === 'totalDigits' ? 'no total' : 'depois do ponto decimal'}.`,
  },
  {
    code: 'XSD-NAMESPACE',
    when: /^This element is not expected\. Expected is (?:one of )?\( (.*) \)$/s,
    text: ([, expected = ''], { name, uri, expectedUri }) =>
      names(expected).includes(name) && uri !== expectedUri
        ? `está no namespace "${uri}" e deve estar em "${expectedUri}". Declare o namespace só na raiz e não o mude nos filhos.`
        : '',
  },
  {
    code: 'XSD-UNEXPECTED',
    when: /^This element is not expected\.(?: Expected is (?:one of )?\( (.*) \))?$/s,
    text: ([, expected]) => {
      const wanted = expected ? ` Aqui cabe ${oneOf(names(expected))}.` : ' Nenhum outro elemento cabe aqui.';
      return `não é esperado nesta posição.${wanted} Confira a ordem dos campos, a repetição e se falta um campo obrigatório antes dele.`;
    },
  },
  {
    code: 'XSD-MISSING',
    when: /^Missing child element\(s\)\.(?: Expected is (?:one of )?\( (.*) \))?$/s,
    text: ([, expected = '']) => `está incompleto: falta ${oneOf(names(expected))}. Informe o campo que falta.`,
  },
  {
    code: 'XSD-ATTRIBUTE-MISSING',
    when: /^The attribute '(.*)' is required but missing$/s,
    text: ([, attribute = '']) => `não tem o atributo obrigatório ${local(attribute)}. Informe-o.`,
  },
  {
    code: 'XSD-ATTRIBUTE-UNEXPECTED',
    when: /^The attribute '(.*)' is not allowed$/s,
    text: () => 'não é um atributo deste elemento. Retire-o.',
  },
  {
    code: 'XSD-FIXED',
    when: /value constraint '(.*)'$/s,
    text: ([, fixed], { value }) => `${given(value)} deve ser exatamente "${fixed}".`,
  },
  {
    code: 'XSD-TYPE',
    when: /is not a valid value of the (?:local )?(?:atomic|union|list) type(?: '(?:\{[^}]*\})?(.*)')?$/s,
    text: ([, type], { value }) => `${given(value)} não é válido${type ? ` para o tipo ${type}` : ''}. Corrija o valor.`,
  },
  {
    code: 'XSD-CONTENT',
    when: /^(?:Character content|Element content|Character content is) .*not allowed/s,
    text: ([found = '']) =>
      found.startsWith('Element')
        ? 'deve ter só texto, e há elementos dentro dele. Retire-os.'
        : 'deve ter só outros elementos, e há texto solto dentro dele. Retire-o.',
  },
  {
    code: 'XSD-DUPLICATE',
    when: /^Duplicate key-sequence \[(.*)\]/s,
    text: ([, key = '']) => `repete o valor ${key.replaceAll("'", '"')}, que deve ser único. Use outro.`,
  },
  {
    code: 'XSD-ROOT',
    when: /^No matching global declaration available for the validation root$/s,
    text: (_match, { uri, expectedUri }) =>
      `não é a raiz de um documento deste schema (namespace "${uri}"; o schema é de "${expectedUri}").`,
  },
  { code: 'XSD-INVALID', when: /^(.*)$/s, text: ([, message]) => `não atende ao schema: ${message}` },
];

/** Every code that a validation can give, besides XML-MALFORMED and XML-DTD. */
export const XSD_CODES: readonly string[] = FAULT_RULES.map((rule) => rule.code);

function given(value: string): string {
  return value === '' ? 'o campo está vazio e' : `o valor "${value}"`;
}

function local(name: string): string {
  return name.replace(/^\{[^}]*\}/, '');
}

function names(expected: string): string[] {
  return expected.split(', ').map((n) => local(n.trim()));
}

function oneOf(list: string[]): string {
  const readable = list.map((n) => (n.endsWith('*') ? 'um elemento de outro schema' : n));
  return readable.length === 1 ? `${readable[0]}` : `um destes: ${shorten(readable)}`;
}

function values(set: string): string {
  return shorten(set.split("', '").map((v) => v.replace(/^'|'$/g, '')));
}

function shorten(list: string[]): string {
  const rest = list.length - LONG_LIST;
  return rest > 0 ? `${list.slice(0, LONG_LIST).join(', ')} e mais ${rest}` : list.join(', ');
}
