interface SyntaxProblem {
  codigo: string;
  message: string;
}

/** What saxes says (a fixed set of English sentences) → permanent code and a sentence for the person who sends the XML. */
const TRANSLATIONS: [RegExp, string, string][] = [
  [
    /^(undefined entity|empty entity|disallowed character in entity|malformed character entity)/,
    'xml-entidade',
    'há uma entidade que não existe em XML.',
  ],
  [
    /^disallowed character\.$/,
    'xml-caractere',
    'há um caractere que não é permitido aqui (caractere de controle, ou < sem escape: escreva &lt;).',
  ],
  [/^the string "\]\]>"/, 'xml-caractere', 'a sequência ]]> não é permitida em texto; escreva ]]&gt;.'],
  [/^unbound namespace prefix: "?([^".]*)/, 'xml-namespace', 'o prefixo "$1" não tem namespace declarado (xmlns:$1="…").'],
  [/namespace|prefix|xmlns|^malformed name/, 'xml-namespace', 'há um nome ou uma declaração de namespace (xmlns) inválida.'],
  [/^duplicate attribute: (.*)\.$/, 'xml-malformado', 'o atributo $1 aparece duas vezes na mesma tag.'],
  [/^attribute without value/, 'xml-malformado', 'há um atributo sem valor.'],
  [/^unquoted attribute value/, 'xml-malformado', 'o valor de um atributo não está entre aspas.'],
  [/^no whitespace between attributes/, 'xml-malformado', 'falta espaço entre dois atributos.'],
  [/^disallowed character in attribute name/, 'xml-malformado', 'há um caractere inválido no nome de um atributo.'],
  [
    /^(disallowed character in (closing )?tag|weird empty close tag|forward-slash in opening)/,
    'xml-malformado',
    'há uma tag malformada, ou um < sem escape no texto (escreva &lt;).',
  ],
  [/^unmatched closing tag: (.*)\.$/, 'xml-malformado', 'a tag </$1> fecha um elemento que não foi aberto.'],
  [/^text data outside of root/, 'xml-malformado', 'há texto fora do elemento raiz; o conteúdo enviado é mesmo um XML?'],
  [/^documents may contain only one root/, 'xml-malformado', 'há um segundo elemento raiz; um documento tem um só.'],
  [/^document must contain a root/, 'xml-malformado', 'o XML está vazio ou não tem elemento raiz.'],
  [/^unexpected end/, 'xml-malformado', 'o XML termina no meio de uma tag ou de um comentário; o arquivo pode estar cortado.'],
  [/^inappropriately located doctype/, 'xml-dtd', 'o documento tem DOCTYPE (DTD), que não é permitido em documento fiscal; retire-o.'],
  [/^malformed comment/, 'xml-malformado', 'um comentário contém dois hifens seguidos (--).'],
  [
    /XML declaration|^version number|^standalone value|^encoding value|^expected |name\/value|^value required|^value must be quoted|^whitespace required/,
    'xml-malformado',
    'a declaração XML está malformada; use <?xml version="1.0" encoding="UTF-8"?> bem no início.',
  ],
  [
    /processing instruction/,
    'xml-instrucao',
    'há uma instrução de processamento (<? … ?>), que não é permitida em documento fiscal; retire-a.',
  ],
];

export function translateSyntaxError(saxesMessage: string): SyntaxProblem {
  for (const [pattern, codigo, template] of TRANSLATIONS) {
    const found = pattern.exec(saxesMessage);
    if (found !== null) return { codigo, message: template.replaceAll('$1', () => found[1] ?? '') };
  }
  return { codigo: 'xml-malformado', message: 'o XML está malformado.' };
}

/**
 * The first `&` before `until` that begins neither one of the five entities nor a character reference. A parser notices it only at the
 * next `;`, often lines later, while the writer needs the place of the `&` itself ("JOAO & MARIA" unescaped is the commonest fault).
 */
export function firstLooseAmpersand(text: string, until: number): { offset: number; message: string } | undefined {
  const next = /&|<!--|<!\[CDATA\[/g;
  for (let found = next.exec(text); found !== null && found.index < until; found = next.exec(text)) {
    if (found[0] !== '&') {
      const end = text.indexOf(found[0] === '<!--' ? '-->' : ']]>', next.lastIndex);
      if (end < 0) return undefined;
      next.lastIndex = end;
      continue;
    }
    const reference = text.slice(found.index, found.index + 40);
    if (/^&(amp|lt|gt|quot|apos|#\d+|#x[0-9a-fA-F]+);/.test(reference) && isChar(reference)) continue;
    const written = /^&[^\s;&<>]*;/.exec(reference)?.[0];
    const message = written
      ? `${written} não existe em XML; só há &amp; &lt; &gt; &quot; &apos; e códigos como &#231;.`
      : 'há um & solto; escreva &amp; no lugar.';
    return { offset: found.index, message };
  }
  return undefined;
}

function isChar(reference: string): boolean {
  const code = /^&#(?:x([0-9a-fA-F]+)|(\d+));/.exec(reference);
  if (code === null) return true;
  const point = code[1] ? Number.parseInt(code[1], 16) : Number(code[2]);
  if (point < 0x20) return point === 9 || point === 10 || point === 13;
  return point <= 0xd7ff || (point >= 0xe000 && point <= 0xfffd) || (point >= 0x10000 && point <= 0x10ffff);
}
