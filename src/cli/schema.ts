/** `samewire schema`: the JSON Schema of fabric files, for editors. */
import { fabricJsonSchemaText } from '../fabric/json-schema.ts';
import type { CommandContext } from './context.ts';

export interface SchemaOptions {
  readonly out?: string;
}

export async function schema(options: SchemaOptions, context: CommandContext): Promise<number> {
  if (options.out === undefined) context.out(fabricJsonSchemaText());
  else await context.writeText(options.out, fabricJsonSchemaText(), true);
  return 0;
}
