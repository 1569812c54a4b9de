import { z } from 'zod';

/** A schema without what only says when it may be left out, and what was said on the way. */
export interface Peeled {
  readonly schema: z.core.$ZodType;
  readonly optional: boolean;
  /** Default as the file would say it; undefined where there is none. */
  readonly fallback: unknown;
  readonly description: string | undefined;
  /** The least and the most, of a duration. */
  readonly bounds: readonly string[] | undefined;
}

/** Takes defaults, options and transformations off a schema, as the file sees it. */
export function peel(wrapped: z.core.$ZodType): Peeled {
  let schema = wrapped;
  let optional = false;
  let fallback: unknown;
  let { description, bounds } = said(schema);
  for (;;) {
    if (schema instanceof z.ZodOptional) optional = true;
    else if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
      optional = true;
      fallback = schema.def.defaultValue;
    } else if (!(schema instanceof z.ZodPipe)) {
      return { schema, optional, fallback, description, bounds };
    }
    schema = schema instanceof z.ZodPipe ? schema.def.in : schema.def.innerType;
    const inner = said(schema);
    description ??= inner.description;
    bounds ??= inner.bounds;
  }
}

function said(schema: z.core.$ZodType) {
  const meta = z.globalRegistry.get(schema);
  return { description: meta?.description, bounds: meta?.examples as readonly string[] | undefined };
}

/** Names of the settings at a path of the file; empty where it has no named settings. */
export function settingsAt(root: z.core.$ZodType, path: readonly PropertyKey[]): string[] {
  let { schema } = peel(root);
  for (const key of path) {
    const next: z.core.$ZodType | undefined =
      schema instanceof z.ZodObject
        ? schema.shape[String(key)]
        : schema instanceof z.ZodArray
          ? (schema.element as z.core.$ZodType)
          : undefined;
    if (next === undefined) return [];
    ({ schema } = peel(next));
  }
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}
