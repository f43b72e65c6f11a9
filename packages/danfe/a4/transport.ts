import { at, children, textAt, type XmlElement } from '@malote/fiscal/xml/parse';
import { decimal } from '../note/format.ts';
import { documentOf } from '../note/person.ts';
import type { Block } from './block.ts';
import type { Geometry } from './geometry.ts';

const FREIGHT: Readonly<Record<string, string>> = {
  '0': '0 - Remetente (CIF)',
  '1': '1 - Destinatário (FOB)',
  '2': '2 - Terceiros',
  '3': '3 - Próprio remetente',
  '4': '4 - Próprio destinatário',
  '9': '9 - Sem transporte',
};

/** TRANSPORTADOR/VOLUMES TRANSPORTADOS; more volumes, trailers and seals than the block has room for go to the additional information. */
export function transportBlock(inf: XmlElement, geo: Geometry): { block: Block; leftOver: string[] } {
  const wide = geo.orientation === 'paisagem';
  const transp = at(inf, 'transp');
  const get = (path: string) => (transp === undefined ? undefined : textAt(transp, path)) ?? '';
  const trailers = transp === undefined ? [] : children(transp, 'reboque');
  const volumes = transp === undefined ? [] : children(transp, 'vol');
  const volume = (tag: string) => (volumes[0] === undefined ? undefined : textAt(volumes[0], tag));
  const vehicle = (tag: string) => get(`veicTransp/${tag}`) || (trailers[0] === undefined ? '' : (textAt(trailers[0], tag) ?? ''));
  const freight = get('modFrete');
  const w = (portrait: number, landscape: number) => (wide ? landscape : portrait);
  const block: Block = {
    name: 'transporte',
    title: wide ? 'TRANSPORTADOR | VOLUMES' : 'TRANSPORTADOR / VOLUMES TRANSPORTADOS',
    rows: [
      [
        { label: 'NOME / RAZÃO SOCIAL', value: get('transporta/xNome'), w: w(8.6, 11.3) },
        { label: 'FRETE POR CONTA', value: FREIGHT[freight] ?? freight, w: w(3.2, 3.2) },
        { label: 'CÓDIGO ANTT', value: vehicle('RNTC'), w: w(1.9, 2.54), align: 'center' },
        { label: 'PLACA DO VEÍCULO', value: vehicle('placa'), w: w(2.29, 3.6), align: 'center' },
        { label: 'UF', value: vehicle('UF'), w: w(0.76, 1.02), align: 'center' },
        { label: 'CNPJ / CPF', value: documentOf(transp && at(transp, 'transporta')), w: w(3.94, 4.83) },
      ],
      [
        { label: 'ENDEREÇO', value: get('transporta/xEnder'), w: w(9.02, 11.56) },
        { label: 'MUNICÍPIO', value: get('transporta/xMun'), w: w(6.86, 9.14) },
        { label: 'UF', value: get('transporta/UF'), w: w(0.76, 1.02), align: 'center' },
        { label: 'INSCRIÇÃO ESTADUAL', value: get('transporta/IE'), w: w(3.94, 4.83) },
      ],
      [
        { label: 'QUANTIDADE', value: decimal(volume('qVol'), 0), w: w(2.92, 3.56), align: 'center' },
        { label: 'ESPÉCIE', value: volume('esp') ?? '', w: w(3.05, 3.81) },
        { label: 'MARCA', value: volume('marca') ?? '', w: w(3.05, 4.19) },
        { label: 'NUMERAÇÃO', value: volume('nVol') ?? '', w: w(4.83, 5.08) },
        { label: 'PESO BRUTO', value: decimal(volume('pesoB'), 3), w: w(3.43, 5.08), align: 'right' },
        { label: 'PESO LÍQUIDO', value: decimal(volume('pesoL'), 3), w: w(3.3, 4.83), align: 'right' },
      ],
    ],
  };
  return { block, leftOver: leftOverOf(transp, volumes, vehicleIsTrailer(transp) ? trailers.slice(1) : trailers) };
}

const vehicleIsTrailer = (transp: XmlElement | undefined): boolean => transp !== undefined && at(transp, 'veicTransp') === undefined;

function leftOverOf(transp: XmlElement | undefined, volumes: XmlElement[], trailers: XmlElement[]): string[] {
  const texts: string[] = [];
  const get = (element: XmlElement, tag: string) => textAt(element, tag) ?? '';
  const list = volumes.slice(1).map((volume) => {
    const weights: [string, string][] = [
      ['bruto', decimal(textAt(volume, 'pesoB'), 3)],
      ['líquido', decimal(textAt(volume, 'pesoL'), 3)],
    ];
    const words = [decimal(textAt(volume, 'qVol'), 0), get(volume, 'esp'), get(volume, 'marca'), get(volume, 'nVol')];
    return [...words, ...weights.flatMap(([name, value]) => (value === '' ? [] : [`${name} ${value}`]))]
      .filter((word) => word !== '')
      .join(' ');
  });
  if (list.length > 0) texts.push(`Demais volumes: ${list.join('; ')}`);
  if (trailers.length > 0)
    texts.push(
      `Reboques: ${trailers.map((trailer) => [get(trailer, 'placa'), get(trailer, 'UF'), get(trailer, 'RNTC')].join(' ').trim()).join('; ')}`,
    );
  const seals = volumes.flatMap((volume) => children(volume, 'lacres')).map((seal) => get(seal, 'nLacre'));
  if (seals.length > 0) texts.push(`Lacres: ${seals.join(', ')}`);
  const train = transp && [textAt(transp, 'vagao'), textAt(transp, 'balsa')].filter((text) => text !== undefined).join(' ');
  if (train) texts.push(`Vagão/balsa: ${train}`);
  return texts;
}
