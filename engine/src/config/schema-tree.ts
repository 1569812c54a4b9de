import { z } from 'zod';
import { LEAVES, type LeafInfo } from './leaf-types.js';

/** What is at one place of the configuration, seen through zod's wrappers. */
export type SchemaNode =
  | { readonly kind: 'map'; readonly keys: ReadonlyMap<string, z.core.$ZodType> }
  | { readonly kind: 'record'; readonly key: z.core.$ZodType; readonly value: z.core.$ZodType }
  | { readonly kind: 'list'; readonly item: z.core.$ZodType }
  | { readonly kind: 'leaf'; readonly info: LeafInfo };

/** Looks through defaults and optionality. */
export function schemaNode(schema: z.core.$ZodType): SchemaNode {
  const info = LEAVES.get(schema);
  if (info !== undefined) return { kind: 'leaf', info };
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional) {
    return schemaNode(schema.unwrap());
  }
  if (schema instanceof z.ZodObject) return { kind: 'map', keys: new Map(Object.entries(schema.shape)) };
  if (schema instanceof z.ZodRecord) return { kind: 'record', key: schema.keyType, value: schema.valueType };
  if (schema instanceof z.ZodArray) return { kind: 'list', item: schema.element };
  throw new TypeError(`the configuration schema uses ${schema._zod.def.type}, which has no reader here`);
}

/** The schema below `schema` at `path`, or undefined where there can be nothing. */
export function schemaAt(schema: z.core.$ZodType, path: readonly PropertyKey[]): z.core.$ZodType | undefined {
  let at: z.core.$ZodType | undefined = schema;
  for (const key of path) {
    if (at === undefined) return undefined;
    const node = schemaNode(at);
    if (node.kind === 'map') at = node.keys.get(String(key));
    else if (node.kind === 'record') at = node.value;
    else if (node.kind === 'list') at = node.item;
    else return undefined;
  }
  return at;
}

/** `['strategies', 0, 'orderSize']` as `strategies[0].orderSize`. */
export function pathText(path: readonly PropertyKey[]): string {
  let text = '';
  for (const key of path) {
    if (typeof key === 'number') text += `[${key}]`;
    else text += text === '' ? String(key) : `.${String(key)}`;
  }
  return text;
}
