import { z } from 'zod';
import { environmentSchema } from './schema.js';

/** The environment file's JSON schema, for editors: draft 7, which yaml-language-server reads best. */
export function environmentJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(environmentSchema, {
    io: 'input',
    target: 'draft-7',
    override: ({ zodSchema, jsonSchema }) => {
      // A section that may be left out has its defaults inside.
      if (zodSchema instanceof z.ZodPrefault && isEmpty(zodSchema.def.defaultValue))
        delete jsonSchema.default;
    },
  });
  return {
    ...schema,
    title: 'Tradewind environment',
    $comment: 'Generated from infra/model/schema.ts',
  };
}

function isEmpty(value: unknown): boolean {
  return value !== null && typeof value === 'object' && Object.keys(value).length === 0;
}
