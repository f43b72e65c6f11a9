import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { type Catalog, openCatalog } from '../catalog.ts';
import { createValidator } from '../validator.ts';
import { schemasForTests } from './schemas-dir.ts';

let catalog: Catalog;
before(async () => {
  catalog = openCatalog(await schemasForTests());
});

const query = (root: string, tpEvento: string) => ({
  familia: 'nfe',
  root,
  versao: '1.00',
  ambiente: '2' as const,
  date: new Date('2026-11-22'),
  tpEvento,
});
const nfeOf = (tpEvento: string, root: string) => catalog.find(query(root, tpEvento))?.file;

test('every event of the base pack has an envelope, a proc, an answer and a detEvento of its own, which compile', () => {
  const validator = createValidator(catalog);
  const own = ['110110', '110111', '110130', '110131', '110140', '110150', '110192', '110193', '210200', '210210', '210220', '210240'];
  for (const tpEvento of own) {
    for (const root of ['envEvento', 'evento', 'procEventoNFe', 'retEnvEvento', 'detEvento']) {
      const file = catalog.find(query(root, tpEvento));
      assert.ok(file, `${root} of ${tpEvento}`);
      if (root === 'envEvento') assert.notEqual(file.conjunto, 'nfe_evento_generico', tpEvento);
      validator.compile(file);
    }
  }
  validator.dispose();
});

test('events without an official schema in the base pack have the generic envelope', () => {
  for (const tpEvento of ['110112', '110750', '112110', '110001']) assert.equal(nfeOf(tpEvento, 'envEvento'), 'envEvento_v1.00.xsd');
  assert.equal(nfeOf('110112', 'detEvento'), 'e110112_v1.00.xsd');
  assert.equal(nfeOf('112110', 'detEvento'), undefined);
});

test("the project's own schema of 110112 takes what NT 2018.004 describes, and nothing else", () => {
  const validator = createValidator(catalog);
  const det = (fields: string) =>
    `<detEvento xmlns="http://www.portalfiscal.inf.br/nfe" versao="1.00"><descEvento>Cancelamento por substituicao</descEvento>${fields}</detEvento>`;
  const right =
    '<cOrgaoAutor>35</cOrgaoAutor><tpAutor>1</tpAutor><verAplic>1.0</verAplic><nProt>135260000000001</nProt>' +
    '<xJust>Emitida em contingencia</xJust><chNFeRef>35261112ABC34501DE35650010000000019480192730</chNFeRef>';
  const codes = (fields: string) => validator.validate(det(fields), query('detEvento', '110112')).map((fault) => fault.code);
  assert.deepEqual(codes(right), []);
  assert.deepEqual(codes(right.replace('<tpAutor>1', '<tpAutor>2')), ['XSD-ENUM']);
  assert.deepEqual(codes(right.replace('Emitida em contingencia', 'Curta')), ['XSD-LENGTH']);
  assert.deepEqual(codes(right.replace(/<chNFeRef>.*/, '')), ['XSD-MISSING']);
  validator.dispose();
});
