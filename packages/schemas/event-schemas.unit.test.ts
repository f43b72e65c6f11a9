import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openCatalog, type SchemaQuery } from './catalog.ts';
import { dropZip, installTiny, rootOf, xsd } from './test/tiny-packs.ts';
import { createValidator } from './validator.ts';

const layout = (...codes: string[]) =>
  xsd(
    'nfe',
    `<xs:complexType name="TEnvio"><xs:sequence><xs:element name="tpEvento"><xs:simpleType><xs:restriction base="xs:string">` +
      `${codes.map((code) => `<xs:enumeration value="${code}"/>`).join('') || '<xs:pattern value="[0-9]{6}"/>'}` +
      `</xs:restriction></xs:simpleType></xs:element><xs:element name="detEvento"><xs:complexType><xs:sequence>` +
      `<xs:any processContents="skip" maxOccurs="unbounded"/></xs:sequence></xs:complexType></xs:element></xs:sequence></xs:complexType>`,
  );
const wrapper = (included: string) => xsd('nfe', `<xs:include schemaLocation="${included}"/><xs:element name="envEvento" type="TEnvio"/>`);
const det = (text: string) =>
  xsd(
    'nfe',
    `<xs:element name="detEvento"><xs:complexType><xs:sequence><xs:element name="x"><xs:simpleType><xs:restriction base="xs:string">` +
      `<xs:enumeration value="${text}"/></xs:restriction></xs:simpleType></xs:element></xs:sequence></xs:complexType></xs:element>`,
  );

/** Two kinds with a layout of their own in one conjunto, one that shares its layout, and the generic envelope. */
const installed = () =>
  installTiny({
    'nfe_evento_generico/envEvento_v1.00.xsd': wrapper('leiauteEvento_v1.00.xsd'),
    'nfe_evento_generico/leiauteEvento_v1.00.xsd': layout(),
    'nfe_entrega/envEntrega_v1.00.xsd': wrapper('leiauteEntrega_v1.00.xsd'),
    'nfe_entrega/leiauteEntrega_v1.00.xsd': layout('110130'),
    'nfe_entrega/envCancEntrega_v1.00.xsd': wrapper('leiauteCancEntrega_v1.00.xsd'),
    'nfe_entrega/leiauteCancEntrega_v1.00.xsd': layout('110131'),
    'nfe_evento_mde/envConf_v1.00.xsd': wrapper('leiauteConf_v1.00.xsd'),
    'nfe_evento_mde/leiauteConf_v1.00.xsd': layout('210200', '210210'),
    'nfe_evento_mde/e210210_v1.00.xsd': det('Ciencia'),
  });
const query = (tpEvento: string, root = 'envEvento'): SchemaQuery => ({
  familia: 'nfe',
  root,
  versao: '1.00',
  ambiente: '2',
  date: new Date('2026-12-01'),
  tpEvento,
});
const message = (tpEvento: string, x: string) =>
  `<envEvento xmlns="urn:nfe"><tpEvento>${tpEvento}</tpEvento><detEvento><x>${x}</x></detEvento></envEvento>`;

for (const [tpEvento, root, file] of [
  ['110130', 'envEvento', 'nfe_entrega/envEntrega_v1.00.xsd'],
  ['110131', 'envEvento', 'nfe_entrega/envCancEntrega_v1.00.xsd'],
  ['210200', 'envEvento', 'nfe_evento_mde/envConf_v1.00.xsd'],
  ['210210', 'detEvento', 'nfe_evento_mde/e210210_v1.00.xsd'],
  ['112110', 'envEvento', 'nfe_evento_generico/envEvento_v1.00.xsd'],
  ['112110', 'detEvento', undefined],
  ['110112', 'detEvento', 'nfe_evento_proprio/e110112_v1.00.xsd'],
] as const) {
  test(`the ${root} of ${tpEvento} is checked by ${file ?? 'nothing'}`, () => {
    const found = openCatalog(installed()).find(query(tpEvento, root));
    assert.equal(found && `${found.conjunto}/${found.file}`, file);
  });
}

test("a message is checked with the envelope of its event, and each detEvento with the event's own schema", () => {
  const validator = createValidator(openCatalog(installed()));
  const codes = (text: string, tpEvento: string) => validator.validate(text, query(tpEvento)).map((fault) => [fault.code, fault.path]);
  assert.deepEqual(codes(message('210210', 'Ciencia'), '210210'), []);
  assert.deepEqual(codes(message('210210', 'Outra'), '210210'), [['XSD-ENUM', 'detEvento/x']]);
  assert.deepEqual(codes(message('112110', 'Outra'), '210210'), [['XSD-ENUM', 'envEvento/tpEvento']]);
  assert.deepEqual(codes(message('112110', 'Outra'), '112110'), []);
  validator.dispose();
});

test("an operator's pack brings the schema of an event that the base has not, and takes the place of the project's own", () => {
  const dir = installed();
  dropZip(dir, 'RTC@hom=2026-09-01,conjunto=nfe_evento_rtc.zip', { 'e112110_v1.00.xsd': det('Oficial') });
  dropZip(dir, 'Subst@hom=2026-09-01,conjunto=nfe_evento_subst.zip', { 'e110112_v1.00.xsd': rootOf('nfe', 'detEvento', 'x') });
  const catalog = openCatalog(dir);
  const validator = createValidator(catalog);
  assert.deepEqual(
    validator.validate(message('112110', 'Outra'), query('112110')).map((fault) => fault.code),
    ['XSD-ENUM'],
  );
  assert.deepEqual(validator.validate(message('112110', 'Oficial'), query('112110')), []);
  assert.equal(catalog.find(query('110112', 'detEvento'))?.conjunto, 'nfe_evento_subst');
  validator.dispose();
});
