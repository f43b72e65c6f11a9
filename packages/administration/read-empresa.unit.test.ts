import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Empresa } from '@malote/store/empresas';
import { readEmpresa } from './read-empresa.ts';
import { Refused } from './refused.ts';

const CNPJ = '11222333000181';
const MINIMO = { razaoSocial: 'Comercial Exemplo Ltda', uf: 'SP' };
const URLS = { qrCode: 'https://nfce.exemplo.gov.br/qr', urlChave: 'www.exemplo.gov.br/consulta' };
/** One point, black. */
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==';

const put = (given: unknown, documento = CNPJ) => readEmpresa(given, { documento, replace: true });
function refusalOf(work: () => unknown): Refused {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof Refused, String(error));
    return error;
  }
  throw new Error('nothing was refused');
}
const placesOf = (given: unknown, documento = CNPJ) =>
  refusalOf(() => put(given, documento)).faults.map(({ codigo, campo }) => `${campo} ${codigo}`);

test('a whole company is read as it is stored: inscriptions without mask, options by their own names', () => {
  const { change, logo } = put({
    ...{ razaoSocial: ' Comercial Exemplo Ltda ', nomeFantasia: 'Exemplo', uf: 'sp', ie: '110.042.490.114', municipio: 3550308, crt: 3 },
    outrasInscricoes: [
      { uf: 'RJ', ie: '12345678' },
      { uf: 'MG', ie: 'isento' },
    ],
    nfce: { qrVersion: '3', urls: { hom: URLS } },
    danfe: { orientacao: 'paisagem', larguraCupom: 58, semCanhoto: true, vias: 1 },
    lacunas: { politica: 'inutilizar', justificativa: 'Números pulados pelo caixa' },
    logo: `data:image/png;base64,${PNG}`,
  });
  assert.deepEqual(change, {
    ...{ razaoSocial: 'Comercial Exemplo Ltda', nomeFantasia: 'Exemplo', uf: 'SP', ie: '110042490114', municipio: '3550308', crt: '3' },
    outrasInscricoes: [
      { uf: 'RJ', ie: '12345678' },
      { uf: 'MG', ie: 'ISENTO' },
    ],
    ...{ qrVersion: '3', nfceUrls: { '2': URLS, '1': null } },
    danfe: { orientacao: 'paisagem', larguraCupom: 58, semCanhoto: true, vias: 1 },
    ...{ lacunas: 'inutilizar', lacunasJustificativa: 'Números pulados pelo caixa' },
  });
  assert.deepEqual(logo, Buffer.from(PNG, 'base64'));
});

test('what is absent goes back to its default when a company is replaced, and stays when it is changed; the picture stays', () => {
  const replaced = put(MINIMO);
  assert.deepEqual(replaced.change, {
    ...{ ...MINIMO, nomeFantasia: null, ie: null, outrasInscricoes: null, crt: null, municipio: null, danfe: null },
    ...{ qrVersion: null, nfceUrls: { '1': null, '2': null }, lacunas: null, lacunasJustificativa: null },
  });
  assert.equal(replaced.logo, undefined);
  const atual = { ...MINIMO, municipio: '3550308' } as Empresa;
  const change = (given: unknown) => readEmpresa(given, { documento: CNPJ, atual, replace: false });
  const set = ({ change: made }: ReturnType<typeof change>) => JSON.parse(JSON.stringify(made));
  assert.deepEqual(set(change({ ie: '12345678' })), { ie: '12345678' });
  assert.deepEqual(set(change({ nfce: { urls: { prod: null } } })), { nfceUrls: { '1': null } });
  assert.deepEqual(set(change({ nfce: { qrVersion: null } })), { qrVersion: null, nfceUrls: {} });
  assert.deepEqual(set(change({ nfce: null })), { qrVersion: null, nfceUrls: { '1': null, '2': null } });
  assert.equal(change({ logo: null }).logo, null);
  const printed = { ...atual, danfe: { larguraCupom: 58, semItens: true } } as Empresa;
  const danfe = (given: unknown) => readEmpresa({ danfe: given }, { documento: CNPJ, atual: printed, replace: false }).change.danfe;
  assert.deepEqual(danfe({ vias: 2 }), { larguraCupom: 58, semItens: true, vias: 2 });
  assert.deepEqual(danfe({ semItens: null }), { larguraCupom: 58 });
  assert.equal(danfe({ semItens: null, larguraCupom: null }), null);
  assert.deepEqual(readEmpresa({ ...MINIMO, danfe: { vias: 2 } }, { documento: CNPJ, atual: printed, replace: true }).change.danfe, {
    vias: 2,
  });
  // Of another UF than the municipality that stays.
  assert.deepEqual(refusalOf(() => change({ uf: 'RJ' })).codigo, 'municipio-invalido');
});

test('every fault is told at once, each with its place, rule and remedy', () => {
  const refusal = refusalOf(() =>
    put({
      ...{ uf: 'XX', ie: '1', municipio: '123', crt: 5, nomeFantasia: 'a\u0007b', razaosocial: 'x', logo: 'AAAA' },
      outrasInscricoes: [{ uf: 'RJ', ie: '12345678' }, { uf: 'RJ', ie: '12.345-678' }, 7, { uf: 'MG' }],
      nfce: { qrVersion: 4, urls: { hom: { qrCode: 'ftp://x', urlChave: 'x' }, homologacao: {} } },
      danfe: { larguraCupom: 90, semItens: 'sim', vias: 3, logo: 1 },
      lacunas: { politica: 'apagar', justificativa: 'curta' },
    }),
  );
  assert.deepEqual(
    refusal.faults.map(({ codigo, campo }) => `${campo} ${codigo}`),
    [
      ...[
        'razaosocial campo-desconhecido',
        'razaoSocial campo-obrigatorio',
        'uf uf-invalida',
        'nomeFantasia campo-caractere',
        'ie ie-invalida',
      ],
      ...[
        'outrasInscricoes[2] campo-tipo',
        'outrasInscricoes[3].ie campo-obrigatorio',
        'crt campo-valor',
        'danfe.logo campo-desconhecido',
        'danfe.larguraCupom campo-valor',
      ],
      ...['danfe.semItens campo-tipo', 'danfe.vias campo-valor', 'nfce.urls.homologacao campo-desconhecido'],
      ...['nfce.urls.hom urls-invalidas', 'nfce.qrVersion campo-valor', 'lacunas.politica campo-valor'],
      ...[
        'lacunas.justificativa justificativa-invalida',
        'municipio municipio-invalido',
        'outrasInscricoes[1] inscricao-repetida',
        'logo logo-invalido',
      ],
    ],
  );
  for (const { message, campo } of refusal.faults) assert.ok(message.startsWith(`Campo ${campo}: `) && message.endsWith('.'), message);
});

const ALONE: [string, unknown, string[]][] = [
  ['no object', [], [' campo-tipo', 'razaoSocial campo-obrigatorio', 'uf campo-obrigatorio']],
  ['a name that is blank', { ...MINIMO, razaoSocial: '  ' }, ['razaoSocial campo-obrigatorio']],
  ['a name that is too long', { ...MINIMO, razaoSocial: 'x'.repeat(151) }, ['razaoSocial campo-tamanho']],
  ['a name that is no text', { ...MINIMO, razaoSocial: { $ne: 1 } }, ['razaoSocial campo-tipo']],
  ['an IE as a number, which would lose its zeros', { ...MINIMO, ie: 14951780054 }, ['ie campo-tipo']],
  ['a municipality of another UF', { ...MINIMO, municipio: '3304557' }, ['municipio municipio-invalido']],
  ['a municipality with a wrong check digit', { ...MINIMO, municipio: '3550309' }, ['municipio municipio-invalido']],
  [
    'the same inscription twice',
    { ...MINIMO, ie: '123', outrasInscricoes: [{ uf: 'SP', ie: '1-2-3' }] },
    ['outrasInscricoes[0] inscricao-repetida'],
  ],
  [
    'addresses of which one is missing',
    { ...MINIMO, nfce: { urls: { prod: { qrCode: URLS.qrCode } } } },
    ['nfce.urls.prod campo-obrigatorio'],
  ],
  ['a picture that is no base64', { ...MINIMO, logo: '<svg/>' }, ['logo logo-invalido']],
];
for (const [name, given, places] of ALONE) test(`${name} is refused`, () => assert.deepEqual(placesOf(given), places));

test('gaps of a person are not made void: the layout has no CPF there', () => {
  assert.deepEqual(placesOf({ ...MINIMO, lacunas: { politica: 'inutilizar' } }, '11144477735'), ['lacunas.politica campo-valor']);
});

test('what the hub shows may be sent back with the rest', () => {
  const shown = { empresa: CNPJ, fusoHorario: 'x', temLogo: false, temCertificado: true, versao: 1, criadaEm: '', atualizadaEm: '' };
  assert.deepEqual(put({ ...shown, ...MINIMO }), put(MINIMO));
});
