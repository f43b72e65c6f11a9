import type { Quem } from '@malote/store/auditoria';
import type { Store } from '@malote/store/connect';
import { CscLimite, type CscOwner, canonicalCscId, isCscCode } from '@malote/store/csc';
import { audited } from './audited.ts';
import { findEmpresa } from './empresas.ts';
import { readObject, startReading } from './read-fields.ts';
import { Refused, refusedAll } from './refused.ts';

export interface CscDeps {
  /** With a secret box, where a code is stored. */
  store: Pick<Store, 'csc' | 'empresas' | 'auditoria'>;
}

export interface CscWhere {
  conta: string;
  /** CNPJ or CPF. */
  empresa: string;
}

/** What may be shown of a CSC. */
export interface CscShown {
  ambiente: 'hom' | 'prod';
  /** Without leading zeros. */
  id: string;
  /** Whether new NFC-e have it: the highest id does. */
  emUso: boolean;
  createdAt: Date;
}

const AMBIENTES = ['hom', 'prod'] as const;
export type Ambiente = (typeof AMBIENTES)[number];

/** The active CSC of a company, of both ambientes where none is said. Throws Refused. */
export async function listCsc({ store }: CscDeps, { conta, empresa }: CscWhere, ambiente?: unknown): Promise<CscShown[]> {
  const wanted = ambiente === undefined ? AMBIENTES : [readAmbiente(ambiente)];
  await findEmpresa({ store }, { conta, documento: empresa });
  const lists = await Promise.all(wanted.map(async (each) => shownOf(each, await store.csc.list(ownerOf({ conta, empresa }, each)))));
  return lists.flat();
}

/** One of them, where no ambiente is said that of production before the other; Refused `csc-desconhecido` when there is none. */
export async function findCsc(deps: CscDeps, where: CscWhere, which: { ambiente: unknown; id: string }): Promise<CscShown> {
  const id = canonicalCscId(which.id);
  const found = (await listCsc(deps, where, which.ambiente)).findLast((csc) => csc.id === id);
  if (!found) throw unknown(where, which);
  return found;
}

/**
 * Stores a CSC, sealed: its code never comes out again. `given` is `{ambiente, id, codigo}`. `add`: the id must be new, or have this very
 * code already (a call repeated); `replace`: it must be there; `put`: either. Throws Refused with every fault.
 */
export async function putCsc(
  deps: CscDeps,
  quem: Quem,
  where: CscWhere,
  given: unknown,
  how: 'add' | 'replace' | 'put',
): Promise<CscShown> {
  const { store } = deps;
  const { conta, empresa } = where;
  return audited(store.auditoria, { conta, quem, acao: 'csc.gravar', empresa }, async (note) => {
    await findEmpresa(deps, { conta, documento: empresa });
    const { ambiente, id, codigo } = readCsc(given);
    const owner = ownerOf(where, ambiente);
    if (how === 'replace') await findCsc(deps, where, { ambiente, id });
    try {
      const result = how === 'add' ? await store.csc.add(owner, { id, codigo }) : await store.csc.put(owner, { id, codigo });
      if (result === 'other') {
        const rule = `o CSC ${id} já existe em ${ambiente} com outro código; para trocar o código use PUT`;
        throw new Refused('csc-existente', `Campo id: ${rule}.`, 'id');
      }
      if (result !== 'same') note(`${id} ${ambiente}`);
    } catch (error) {
      throw error instanceof CscLimite ? new Refused('csc-limite', error.message, 'id') : error;
    }
    return findCsc(deps, where, { ambiente, id });
  });
}

/** Takes a CSC out of use. Notes that were issued with it stay printable: their QR code is in their XML. Throws Refused. */
export async function removeCsc({ store }: CscDeps, quem: Quem, where: CscWhere, which: { ambiente: unknown; id: string }): Promise<void> {
  const { conta, empresa } = where;
  await audited(store.auditoria, { conta, quem, acao: 'csc.retirar', empresa, alvo: which.id }, async (note) => {
    const ambiente = readAmbiente(which.ambiente);
    await findEmpresa({ store }, { conta, documento: empresa });
    if (!(await store.csc.remove(ownerOf(where, ambiente), which.id))) throw unknown(where, which);
    note(ambiente);
  });
}

function readCsc(given: unknown): { ambiente: Ambiente; id: string; codigo: string } {
  const reading = startReading();
  const fields = readObject(reading, given, '', ['ambiente', 'id', 'codigo']) ?? {};
  const ambiente = AMBIENTES.find((each) => each === fields.ambiente);
  if (!ambiente) reading.fault('ambiente-invalido', 'ambiente', 'use hom ou prod: cada ambiente tem os seus CSC');
  const said = typeof fields.id === 'number' ? String(fields.id) : fields.id;
  const id = typeof said === 'string' ? canonicalCscId(said.trim()) : undefined;
  if (id === undefined) reading.fault('csc-id-invalido', 'id', 'são de 1 a 6 dígitos, maior que zero; zeros à esquerda são retirados');
  const codigo = typeof fields.codigo === 'string' ? fields.codigo.trim() : '';
  // Never repeated in what is said about it.
  if (!isCscCode(codigo)) reading.fault('csc-codigo-invalido', 'codigo', 'um CSC tem de 16 a 64 letras, dígitos e hífens, sem espaços');
  if (reading.faults.length > 0 || !ambiente || id === undefined) throw refusedAll(reading.faults);
  return { ambiente, id, codigo };
}

function readAmbiente(given: unknown): Ambiente {
  const ambiente = AMBIENTES.find((each) => each === given);
  if (!ambiente) throw new Refused('ambiente-invalido', 'Campo ambiente: use hom ou prod: cada ambiente tem os seus CSC.', 'ambiente');
  return ambiente;
}

function ownerOf(where: CscWhere, ambiente: Ambiente): CscOwner {
  return { ...where, tpAmb: ambiente === 'prod' ? '1' : '2' };
}

function shownOf(ambiente: Ambiente, infos: readonly { id: string; createdAt: Date }[]): CscShown[] {
  const newestFirst = [...infos].sort((a, b) => Number(b.id) - Number(a.id));
  return newestFirst.map(({ id, createdAt }, index) => ({ ambiente, id, emUso: index === 0, createdAt }));
}

function unknown({ empresa }: CscWhere, { ambiente, id }: { ambiente: unknown; id: string }): Refused {
  return new Refused(
    'csc-desconhecido',
    `A empresa ${empresa} não tem o CSC ${id}${ambiente === undefined ? '' : ` em ${ambiente}`}.`,
    'id',
  );
}
