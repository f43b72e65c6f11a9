import { textOf } from './read-bloqueio.ts';
import { fieldsOf, type Pessoa, readPessoa } from './tss-fields.ts';
import { kindOf } from './tss-json.ts';

/** Reads the JSON of RestGetToken and RestNewToken, `{"empresa":{…}}`: the company, or every fault by field in one text. */
export function readEmpresa(json: Record<string, unknown>): { ok: true; pessoa: Pessoa } | { ok: false; error: string } {
  const faults: string[] = [];
  const fault = (text: string) => void faults.push(text);
  const empresa = fieldsOf(json, 'Requisição', fault).get('empresa');
  const at = 'Requisição, campo empresa:';
  if (empresa === undefined) fault(`${at} não informado; informe {"empresa":{"cnpj","tipopessoa","ie","uf"}}.`);
  else if (typeof empresa !== 'object' || empresa === null || Array.isArray(empresa)) {
    fault(`${at} é ${kindOf(empresa)}; informe um objeto ({…}) com cnpj ou cpf, tipopessoa, ie e uf.`);
  } else {
    const pessoa = readPessoa(fieldsOf(empresa, 'Empresa', fault), fault);
    if (pessoa && faults.length === 0) return { ok: true, pessoa };
  }
  return { ok: false, error: textOf(faults) };
}
