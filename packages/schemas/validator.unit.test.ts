import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openCatalog } from './catalog.ts';
import { XSD_CODES } from './fault-rules.ts';
import { installTiny, xsd } from './test/tiny-packs.ts';
import { createValidator, SchemaNotFoundError } from './validator.ts';

const simple = (name: string, base: string, facets: string) =>
  `<xs:element name="${name}" minOccurs="0"><xs:simpleType><xs:restriction base="xs:${base}">${facets}</xs:restriction></xs:simpleType></xs:element>`;
const facet = (name: string, value: string) => `<xs:${name} value="${value}"/>`;

const DOC = xsd(
  'doc',
  `<xs:include schemaLocation="tipos_v4.00.xsd"/><xs:element name="doc"><xs:complexType><xs:sequence>
  <xs:element name="CNPJ" type="TCnpj"/>
  ${simple('texto', 'string', facet('minLength', '2') + facet('maxLength', '5'))}
  ${simple('tp', 'string', facet('enumeration', '1') + facet('enumeration', '2'))}
  ${simple('valor', 'decimal', facet('totalDigits', '5') + facet('fractionDigits', '1') + facet('minInclusive', '1'))}
  <xs:element name="dia" type="xs:date" minOccurs="0"/>
  <xs:element name="det" minOccurs="0" maxOccurs="3"><xs:complexType><xs:sequence>
    <xs:element name="a"/><xs:element name="b"/>
  </xs:sequence><xs:attribute name="nItem" use="required" type="xs:positiveInteger"/></xs:complexType></xs:element>
  </xs:sequence><xs:attribute name="versao" use="required" fixed="4.00"/></xs:complexType>
  <xs:unique name="itens"><xs:selector xpath="*"/><xs:field xpath="@nItem"/></xs:unique></xs:element>`,
);
const TYPES = xsd(
  'doc',
  `<xs:simpleType name="TCnpj"><xs:restriction base="xs:string">${facet('pattern', '[0-9A-Z]{12}[0-9]{2}')}</xs:restriction></xs:simpleType>`,
);

const dir = installTiny({ 'doc/doc_v4.00.xsd': DOC, 'doc/tipos_v4.00.xsd': TYPES });
const validator = createValidator(openCatalog(dir));
const query = { familia: 'doc', root: 'doc', versao: '4.00', ambiente: '2', date: new Date('2026-11-21') } as const;
const check = (xml: string) => validator.validate(xml, query);
const doc = (inner: string, attributes = 'versao="4.00"') => `<doc xmlns="urn:doc" ${attributes}>${inner}</doc>`;
const CNPJ = '<CNPJ>12ABC34501DE35</CNPJ>';
const det = (n: number, inner = '<a/><b/>') => `<det nItem="${n}">${inner}</det>`;

const cases: { name: string; xml: string; code: string; path: string; text: RegExp }[] = [
  {
    name: 'a value outside the pattern',
    xml: doc('<CNPJ>1234</CNPJ>'),
    code: 'XSD-PATTERN',
    path: 'doc/CNPJ',
    text: /^Campo CNPJ: o valor "1234" não segue.*CNPJ de 14/,
  },
  {
    name: 'an empty field',
    xml: doc('<CNPJ/>'),
    code: 'XSD-PATTERN',
    path: 'doc/CNPJ',
    text: /^Campo CNPJ: o campo está vazio e não segue/,
  },
  {
    name: 'a value outside the list',
    xml: doc(`${CNPJ}<tp>9</tp>`),
    code: 'XSD-ENUM',
    path: 'doc/tp',
    text: /o valor "9" não está entre os aceitos: 1, 2\./,
  },
  {
    name: 'a text too long',
    xml: doc(`${CNPJ}<texto>${'x'.repeat(80)}</texto>`),
    code: 'XSD-LENGTH',
    path: 'doc/texto',
    text: /"x{59}…" tem 80 caracteres; o máximo é 5/,
  },
  {
    name: 'a text too short',
    xml: doc(`${CNPJ}<texto>x</texto>`),
    code: 'XSD-LENGTH',
    path: 'doc/texto',
    text: /tem 1 caracteres; o mínimo é 2/,
  },
  {
    name: 'a number out of range',
    xml: doc(`${CNPJ}<valor>0</valor>`),
    code: 'XSD-RANGE',
    path: 'doc/valor',
    text: /"0" está fora da faixa: deve ser no mínimo 1\./,
  },
  {
    name: 'too many decimals',
    xml: doc(`${CNPJ}<valor>1.55</valor>`),
    code: 'XSD-DIGITS',
    path: 'doc/valor',
    text: /algarismos demais: cabem 1 depois do ponto/,
  },
  {
    name: 'a value of another type',
    xml: doc(`${CNPJ}<dia>21/11/2026</dia>`),
    code: 'XSD-TYPE',
    path: 'doc/dia',
    text: /"21\/11\/2026" não é válido para o tipo xs:date/,
  },
  {
    name: 'a field in the wrong place',
    xml: doc(`<tp>1</tp>${CNPJ}`),
    code: 'XSD-UNEXPECTED',
    path: 'doc/tp',
    text: /não é esperado nesta posição\. Aqui cabe CNPJ\./,
  },
  {
    name: 'a missing field of an item',
    xml: doc(CNPJ + det(1) + det(2, '<a/>')),
    code: 'XSD-MISSING',
    path: 'doc/det[2]',
    text: /^Campo det \(item 2\): está incompleto: falta b\./,
  },
  {
    name: 'a missing attribute',
    xml: doc(CNPJ, ''),
    code: 'XSD-ATTRIBUTE-MISSING',
    path: 'doc',
    text: /não tem o atributo obrigatório versao/,
  },
  {
    name: 'an unknown attribute',
    xml: doc(CNPJ, 'versao="4.00" x="1"'),
    code: 'XSD-ATTRIBUTE-UNEXPECTED',
    path: 'doc/@x',
    text: /^Atributo x de doc: não é um atributo/,
  },
  {
    name: 'an attribute with another version',
    xml: doc(CNPJ, 'versao="3.10"'),
    code: 'XSD-FIXED',
    path: 'doc/@versao',
    text: /o valor "3\.10" deve ser exatamente "4\.00"/,
  },
  {
    name: 'a namespace changed inside',
    xml: doc('<CNPJ xmlns="">12ABC34501DE35</CNPJ>'),
    code: 'XSD-NAMESPACE',
    path: 'doc/CNPJ',
    text: /namespace "" e deve estar em "urn:doc"/,
  },
  { name: 'a root in another namespace', xml: '<doc versao="4.00"/>', code: 'XSD-NAMESPACE', path: 'doc', text: /Corrija o xmlns da raiz/ },
  { name: 'another root', xml: '<outra xmlns="urn:doc"/>', code: 'XSD-ROOT', path: 'outra', text: /a raiz do documento deve ser doc/ },
  { name: 'loose text among elements', xml: doc(`${CNPJ}oi`), code: 'XSD-CONTENT', path: 'doc', text: /há texto solto dentro dele/ },
  {
    name: 'elements inside a text',
    xml: doc('<CNPJ>12ABC34501DE35<b/></CNPJ>'),
    code: 'XSD-CONTENT',
    path: 'doc/CNPJ',
    text: /deve ter só texto/,
  },
  {
    name: 'an item number used twice',
    xml: doc(CNPJ + det(1) + det(1)),
    code: 'XSD-DUPLICATE',
    path: 'doc/det[2]',
    text: /repete o valor "1"/,
  },
  { name: 'a text that ends too soon', xml: '<doc', code: 'XML-MALFORMED', path: '', text: /linha 1, coluna 5/ },
  { name: 'nothing at all', xml: '', code: 'XML-MALFORMED', path: '', text: /vazio/ },
  { name: 'a DTD', xml: `<!DOCTYPE doc [<!ENTITY e "x">]>${doc('<CNPJ>&e;</CNPJ>')}`, code: 'XML-DTD', path: '', text: /DTD/ },
];

for (const { name, xml, code, path, text } of cases) {
  test(`${name} is the fault ${code} at ${path || 'the document'}, explained in Portuguese`, () => {
    const [fault, ...others] = check(xml);
    assert.deepEqual(others, []);
    assert.equal(fault?.code, code);
    assert.equal(fault?.path, path);
    assert.match(fault?.message ?? '', text);
  });
}

test('every code but the fallback and the root within a valid one is seen in these tests', () => {
  const seen = new Set(cases.map((c) => c.code));
  assert.deepEqual(
    XSD_CODES.filter((code) => !seen.has(code)),
    ['XSD-INVALID'],
  );
});

test('a valid document has no faults, with a prefix or a declaration of another encoding too', () => {
  assert.deepEqual(check(doc(CNPJ + det(1) + det(2))), []);
  assert.deepEqual(check('<p:doc xmlns:p="urn:doc" versao="4.00"><p:CNPJ>12ABC34501DE35</p:CNPJ></p:doc>'), []);
  assert.deepEqual(check(`<?xml version="1.0" encoding="ISO-8859-1"?>${doc(`${CNPJ}<texto>ção</texto>`)}`), []);
});

test('the path follows prefixed elements as well', () => {
  const xml = '<p:doc xmlns:p="urn:doc" versao="4.00"><p:CNPJ>12ABC34501DE35</p:CNPJ><p:tp>9</p:tp></p:doc>';
  assert.equal(check(xml)[0]?.path, 'doc/tp');
});

test('every fault names the schema file and the pack it comes from', () => {
  assert.equal(check(doc('<CNPJ/>'))[0]?.norm, 'doc_v4.00.xsd (nfelib-3.2.0)');
});

test('several faults are all given, up to a hundred', () => {
  assert.deepEqual(
    check(doc('<CNPJ/><texto>x</texto><tp>9</tp>')).map((f) => f.path),
    ['doc/CNPJ', 'doc/texto', 'doc/tp'],
  );
  const attributes = Array.from({ length: 150 }, (_, i) => `a${i}="1"`).join(' ');
  assert.equal(check(doc(CNPJ, `versao="4.00" ${attributes}`)).length, 100);
});

test('an unknown root throws: it is no fault of the document', () => {
  assert.throws(() => validator.validate('<a/>', { ...query, root: 'a' }), SchemaNotFoundError);
});

test('a schema that includes a file which no pack has says so and does not pass for valid', () => {
  const broken = installTiny({
    'doc/doc_v4.00.xsd': xsd('doc', '<xs:include schemaLocation="nada.xsd"/><xs:element name="doc"/>'),
    'doc/imp_v4.00.xsd': xsd('doc', '<xs:import namespace="urn:x" schemaLocation="../../etc/passwd"/><xs:element name="imp"/>'),
  });
  const other = createValidator(openCatalog(broken));
  assert.throws(() => other.validate(doc(''), query), /Faltam os arquivos: nada\.xsd/);
  assert.throws(() => other.validate(doc(''), { ...query, root: 'imp' }), /pede arquivos que nenhum pacote tem/);
});

test('a disposed validator compiles again when it is used', () => {
  validator.dispose();
  assert.deepEqual(check(doc(CNPJ)), []);
});
