import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { XmlDocument as Libxml } from 'libxml2-wasm';
import { choices, listedPick, randomXml } from '../test/random-xml.ts';
import { at, child, children, parseXml, textAt, type XmlElement } from './parse.ts';

function flat(element: XmlElement): XmlElement[] {
  return [element, ...element.children.flatMap(flat)];
}

function bounds(text: string, element: XmlElement): [string, string, string] {
  return [
    text.slice(element.start, element.openEnd),
    text.slice(element.openEnd, element.closeStart),
    text.slice(element.closeStart, element.end),
  ];
}

test('offsets hold behind a byte order mark, non-BMP characters, CRLF, comments and CDATA', () => {
  const text =
    '\uFEFF<?xml version="1.0"?>\r\n<!-- <b> \u{1F600} -->\r\n<a\r\n  x="\u{1F600}>"\r\n>\u{1F600}\r\n<b\r\n>1 &lt; 2</b\r\n><![CDATA[<b>\u{1F600}]]><c\r\n/><d/></a>\r\n';
  const { root } = parseXml(text);
  assert.deepEqual(bounds(text, root), ['<a\r\n  x="\u{1F600}>"\r\n>', text.slice(root.openEnd, root.closeStart), '</a>']);
  const [b, c, d] = root.children as [XmlElement, XmlElement, XmlElement];
  assert.deepEqual(bounds(text, b), ['<b\r\n>', '1 &lt; 2', '</b\r\n>']);
  assert.deepEqual(bounds(text, c), ['<c\r\n/>', '', '']);
  assert.deepEqual(bounds(text, d), ['<d/>', '', '']);
  assert.equal(root.text, '\u{1F600}\n<b>\u{1F600}');
  assert.equal(b.text, '1 < 2');
  assert.equal(root.attributes.get('x'), '\u{1F600}>');
});

test('names, namespaces, attributes and parents are those of the document', () => {
  const { root } = parseXml('<n:a xmlns:n="urn:n" xmlns="urn:d" Id="1" n:k=" a&#9;b\tc&#xA;d\r\n"><b xmlns=""><n:c/></b></n:a>');
  const [b] = root.children as [XmlElement];
  const [c] = b.children as [XmlElement];
  assert.deepEqual([root.name, root.local, root.uri], ['n:a', 'a', 'urn:n']);
  assert.deepEqual([b.uri, c.uri, c.local], ['', 'urn:n', 'c']);
  assert.deepEqual(
    [...root.attributes],
    [
      ['xmlns:n', 'urn:n'],
      ['xmlns', 'urn:d'],
      ['Id', '1'],
      ['n:k', ' a\tb c\nd '],
    ],
  );
  assert.equal(c.parent, b);
  assert.equal(root.parent, undefined);
});

test('elements are found by path, the first of each name', () => {
  const { root } = parseXml('<NFe><infNFe><ide><cUF>35</cUF></ide><det>1</det><det>2</det></infNFe></NFe>');
  assert.equal(textAt(root, 'infNFe/ide/cUF'), '35');
  assert.equal(textAt(root, 'infNFe/ide/cNF'), undefined);
  assert.equal(textAt(root, 'infNFe/emit/CNPJ'), undefined);
  assert.equal(at(root, 'infNFe/det')?.text, '1');
  const infNFe = child(root, 'infNFe') as XmlElement;
  assert.deepEqual(
    children(infNFe, 'det').map((e) => e.text),
    ['1', '2'],
  );
});

test('every element of random documents has the offsets, name, namespace and attributes that libxml2 sees', () => {
  let elements = 0;
  fc.assert(
    fc.property(choices(), (numbers) => {
      const text = randomXml(listedPick(numbers));
      const mine = flat(parseXml(text).root);
      const reference = Libxml.fromString(text);
      try {
        const theirs = reference.find('//*') as unknown as {
          name: string;
          namespaceUri: string;
          attrs: { name: string; prefix: string; value: string }[];
        }[];
        assert.equal(mine.length, theirs.length);
        mine.forEach((element, i) => {
          elements++;
          const other = theirs[i] as (typeof theirs)[number];
          assert.deepEqual([element.local, element.uri], [other.name, other.namespaceUri]);
          for (const { name, prefix, value } of other.attrs) {
            assert.equal(element.attributes.get(prefix ? `${prefix}:${name}` : name), value);
          }
          const [open, , close] = bounds(text, element);
          assert.ok(open.startsWith(`<${element.name}`) && open.endsWith('>'), open);
          if (close === '') assert.ok(open.endsWith('/>'), open);
          else assert.match(close.slice(2 + element.name.length), /^\s*>$/);
          for (const inner of element.children) assert.ok(inner.start >= element.openEnd && inner.end <= element.closeStart);
        });
      } finally {
        reference.dispose();
      }
    }),
    { numRuns: 300 },
  );
  assert.ok(elements > 1000, `only ${elements} elements were compared`);
});
