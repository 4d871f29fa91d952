/** JSON Schema (draft-07, what editors know) of the declaration, made from the same schema that reads it. */
import { z } from 'zod';
import { fabricSchema } from './schema/fabric.ts';

export function fabricJsonSchema(): Readonly<Record<string, unknown>> {
  const { $schema, ...rest } = z.toJSONSchema(fabricSchema, {
    io: 'input',
    target: 'draft-07',
    override: ({ jsonSchema }) => tidy(jsonSchema),
  });
  return {
    $schema,
    title: 'Samewire fabric',
    description: 'A fabric: its storage arrays, their targets and disks, and the hosts that use them.',
    ...rest,
  };
}

/** A default of `{}` says nothing to a reader. */
function tidy(schema: { default?: unknown }): void {
  if (typeof schema.default === 'object' && schema.default !== null && Object.keys(schema.default).length === 0) delete schema.default;
}

export const fabricJsonSchemaText = (): string => `${JSON.stringify(fabricJsonSchema(), undefined, 2)}\n`;
