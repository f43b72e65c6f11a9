import type { Politica, Politicas as PoliticasDaEmpresa } from '@malote/fiscal/contingencia/politica';
import type { Uf } from '@malote/fiscal/model/uf';
import type { Clock } from '@malote/runtime/clock';
import { type Connection, Schema } from 'mongoose';

/** Whose policy: a whole account's, that of its companies in a UF, or one company's (`documento`: CNPJ or CPF). */
export type EscopoPolitica =
  | { conta: string; tipo: 'conta' }
  | { conta: string; tipo: 'uf'; uf: Uf }
  | { conta: string; tipo: 'cnpj'; documento: string };

const politicaSchema = new Schema(
  {
    _id: { type: String, required: true },
    conta: { type: String, required: true },
    politica: { type: Schema.Types.Mixed, required: true },
    updatedAt: { type: Date, required: true },
  },
  { collection: 'politicas', strict: 'throw', versionKey: false, minimize: false, autoIndex: false, autoCreate: false },
);
/** Whether anybody wants the EPEC of the NFC-e (`usamEpecNfce`). */
politicaSchema.index({ 'politica.modelos.65.ordem': 1 }, { name: 'ordem65', sparse: true });

/** Contingency policies; the edge writes them. */
export interface Politicas {
  find(escopo: EscopoPolitica): Promise<{ politica: Politica; updatedAt: Date } | undefined>;
  put(escopo: EscopoPolitica, politica: Politica): Promise<void>;
  /** False when there was none. */
  remove(escopo: EscopoPolitica): Promise<boolean>;
  /** The policies that apply to a company in a UF, for `efetiva`. */
  ofEmpresa(empresa: { conta: string; uf: Uf; documento: string }): Promise<PoliticasDaEmpresa>;
  /** Whether some policy lists EPEC for the NFC-e: only then is its status asked for. */
  usamEpecNfce(): Promise<boolean>;
}

/** `conta.<conta>`, `uf.<conta>.<UF>`, `cnpj.<conta>.<documento>` */
function politicaId(escopo: EscopoPolitica): string {
  const { tipo, conta } = escopo;
  if (tipo === 'conta') return `conta.${conta}`;
  return tipo === 'uf' ? `uf.${conta}.${escopo.uf}` : `cnpj.${conta}.${escopo.documento}`;
}

export function politicasOf(connection: Connection, clock: Clock): Politicas {
  const { collection } = connection.model('Politica', politicaSchema);
  return {
    async find(escopo) {
      const row = await collection.findOne({ _id: politicaId(escopo) as never });
      return row ? { politica: row.politica as Politica, updatedAt: row.updatedAt as Date } : undefined;
    },
    async put(escopo, politica) {
      const set = { conta: escopo.conta, politica, updatedAt: clock.now() };
      await collection.updateOne({ _id: politicaId(escopo) as never }, { $set: set }, { upsert: true });
    },
    async remove(escopo) {
      return (await collection.deleteOne({ _id: politicaId(escopo) as never })).deletedCount > 0;
    },
    async ofEmpresa({ conta, uf, documento }) {
      const ids = {
        conta: politicaId({ conta, tipo: 'conta' }),
        uf: politicaId({ conta, tipo: 'uf', uf }),
        cnpj: politicaId({ conta, tipo: 'cnpj', documento }),
      };
      const rows = await collection.find({ _id: { $in: Object.values(ids) } as never }).toArray();
      const found = new Map(rows.map(({ _id, politica }) => [String(_id), politica as Politica]));
      return Object.fromEntries(Object.entries(ids).flatMap(([escopo, id]) => (found.has(id) ? [[escopo, found.get(id)]] : [])));
    },
    async usamEpecNfce() {
      return (await collection.findOne({ 'politica.modelos.65.ordem': 'EPEC' }, { projection: { _id: 1 } })) !== null;
    },
  };
}
