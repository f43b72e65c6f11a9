import type { Answer, CallContext } from './authorize.ts';
import { checkSchema, readMessage } from './message.ts';
import { Refusal } from './soap.ts';

export async function inutilize(payload: string, context: CallContext): Promise<Answer> {
  readMessage(payload, context.service);
  if (context.checkSchema) checkSchema(payload, context.service, context.checkSchema);
  throw new Refusal('108');
}
