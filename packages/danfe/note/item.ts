import { at, children, textAt, type XmlElement } from '@malote/fiscal/xml/parse';
import { date, decimal } from './format.ts';

/** The group of ICMS that the item has: ICMS00, ICMSSN102, ICMSPart … */
export function icmsOf(det: XmlElement): XmlElement | undefined {
  return at(det, 'imposto/ICMS')?.children[0];
}

/** Origin and CST, or origin and CSOSN: by the group in the item, not by CRT. */
export function cstOf(det: XmlElement): string {
  const group = icmsOf(det);
  if (group === undefined) return '';
  return `${textAt(group, 'orig') ?? ''}${textAt(group, 'CST') ?? textAt(group, 'CSOSN') ?? ''}`;
}

/** Lines below an item, in this order: its own text, what the norm wants identified, then what customers look for. */
export function extraLines(det: XmlElement): string[] {
  const prod = at(det, 'prod');
  const imposto = at(det, 'imposto');
  const lines: string[] = [];
  const infAdProd = textAt(det, 'infAdProd');
  if (infAdProd) lines.push(infAdProd);
  if (prod !== undefined) lines.push(...taxable(prod), ...tracking(prod));
  if (imposto !== undefined) lines.push(...monophasic(imposto), ...issqn(imposto), ...reform(imposto));
  return lines;
}

/** "name value" pairs that exist, with a divider. */
function pairs(entries: [string, string | undefined][]): string {
  return entries.flatMap(([name, value]) => (value === undefined || value === '' ? [] : [`${name} ${value}`])).join(' · ');
}

const line = (title: string, entries: [string, string | undefined][]): string[] => {
  const text = pairs(entries);
  return text === '' ? [] : [`${title}: ${text}`];
};

/** MOC 7.0 Anexo II: when the taxable unit or price is another one, both are printed. */
function taxable(prod: XmlElement): string[] {
  const get = (tag: string) => textAt(prod, tag);
  const same = get('uTrib') === get('uCom') && Number(get('vUnTrib')) === Number(get('vUnCom'));
  if (get('uTrib') === undefined || same) return [];
  return line('Tributável', [
    ['quant.', `${decimal(get('qTrib'))} ${get('uTrib')}`],
    ['valor unit.', decimal(get('vUnTrib'))],
  ]);
}

/** Lots, medicines, vehicles, fuels and weapons: no rule, but what the customer looks for on the paper. */
function tracking(prod: XmlElement): string[] {
  const lines = children(prod, 'rastro').flatMap((lot) =>
    line('Lote', [
      ['', textAt(lot, 'nLote')],
      ['quant.', decimal(textAt(lot, 'qLote'))],
      ['fab.', date(textAt(lot, 'dFab'))],
      ['val.', date(textAt(lot, 'dVal'))],
    ]),
  );
  const group = (name: string, title: string, tags: [string, string, ((value: string | undefined) => string)?][]) => {
    const element = at(prod, name);
    if (element === undefined) return;
    lines.push(
      ...line(
        title,
        tags.map(([label, tag, format]): [string, string | undefined] => [label, (format ?? plain)(textAt(element, tag))]),
      ),
    );
  };
  group('med', 'Medicamento', [
    ['ANVISA', 'cProdANVISA'],
    ['isenção', 'xMotivoIsencao'],
    ['PMC', 'vPMC', decimal],
  ]);
  group('veicProd', 'Veículo', [
    ['chassi', 'chassi'],
    ['cor', 'xCor'],
    ['motor', 'nMotor'],
    ['potência', 'pot'],
    ['cilindradas', 'cilin'],
    ['ano fab.', 'anoFab'],
    ['ano mod.', 'anoMod'],
  ]);
  group('comb', 'Combustível', [
    ['ANP', 'cProdANP'],
    ['', 'descANP'],
    ['CODIF', 'CODIF'],
  ]);
  for (const weapon of children(prod, 'arma'))
    lines.push(
      ...line('Arma', [
        ['série', textAt(weapon, 'nSerie')],
        ['cano', textAt(weapon, 'nCano')],
        ['', textAt(weapon, 'descr')],
      ]),
    );
  lines.push(...line('FCI', [['', textAt(prod, 'nFCI')]]));
  return lines;
}

const plain = (value: string | undefined): string => value ?? '';

function monophasic(imposto: XmlElement): string[] {
  const group = at(imposto, 'ICMS')?.children[0];
  if (group === undefined) return [];
  return line('ICMS monofásico', [
    ['base', decimal(textAt(group, 'qBCMono'))],
    ['alíq. ad rem', decimal(textAt(group, 'adRemICMS'))],
    ['valor', decimal(textAt(group, 'vICMSMono'))],
    ['base retenção', decimal(textAt(group, 'qBCMonoReten'))],
    ['valor retenção', decimal(textAt(group, 'vICMSMonoReten'))],
    ['base retida', decimal(textAt(group, 'qBCMonoRet'))],
    ['valor retido', decimal(textAt(group, 'vICMSMonoRet'))],
  ]);
}

function issqn(imposto: XmlElement): string[] {
  const group = at(imposto, 'ISSQN');
  if (group === undefined) return [];
  return line('ISSQN', [
    ['serviço', textAt(group, 'cListServ')],
    ['base', decimal(textAt(group, 'vBC'))],
    ['alíq.', percent(textAt(group, 'vAliq'))],
    ['valor', decimal(textAt(group, 'vISSQN'))],
  ]);
}

const percent = (value: string | undefined): string => (value === undefined ? '' : `${decimal(value)}%`);

/** IBS, CBS and IS of the item (NT 2026.010); the effective rate where the tax is reduced. */
function reform(imposto: XmlElement): string[] {
  const lines: string[] = [];
  const ibsCbs = at(imposto, 'IBSCBS');
  const group = ibsCbs && (at(ibsCbs, 'gIBSCBS') ?? at(ibsCbs, 'gIBSCBSMono'));
  if (ibsCbs !== undefined) {
    const tax = (path: string, rate: string, value: string): string | undefined => {
      const element = group && at(group, path);
      if (element === undefined) return undefined;
      return `${percent(textAt(element, 'gRed/pAliqEfet') ?? textAt(element, rate))} ${decimal(textAt(element, value))}`;
    };
    lines.push(
      ...line('IBS/CBS', [
        ['CST', textAt(ibsCbs, 'CST')],
        ['cClassTrib', textAt(ibsCbs, 'cClassTrib')],
        ['base', decimal(group && textAt(group, 'vBC'))],
        ['IBS UF', tax('gIBSUF', 'pIBSUF', 'vIBSUF')],
        ['IBS Mun.', tax('gIBSMun', 'pIBSMun', 'vIBSMun')],
        ['CBS', tax('gCBS', 'pCBS', 'vCBS')],
      ]),
    );
  }
  const seletivo = at(imposto, 'IS');
  if (seletivo !== undefined)
    lines.push(
      ...line('IS', [
        ['base', decimal(textAt(seletivo, 'vBCIS'))],
        ['alíq.', percent(textAt(seletivo, 'pIS'))],
        ['valor', decimal(textAt(seletivo, 'vIS'))],
      ]),
    );
  return lines;
}
