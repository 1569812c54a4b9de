import { z } from 'zod';
import { environmentSchema } from './schema.js';
import { peel } from './schema-walk.js';

/** One setting of the environment file. */
export interface SettingDescription {
  /** Such as `hosts.journalVolume.iops` or `venues[].id`. */
  readonly path: string;
  readonly type: string;
  /** Empty: required. */
  readonly fallback: string;
  /** A setting that may be left out, with no default. */
  readonly optional: boolean;
  readonly meaning: string;
}

/** Every setting, in the order of the schema. Throws where one has no description: editors and the reference show it. */
export function describeEnvironment(): SettingDescription[] {
  const rows: SettingDescription[] = [];
  const walk = (wrapped: z.core.$ZodType, path: string): void => {
    const { schema, optional, fallback, description, bounds } = peel(wrapped);
    const isMap = schema instanceof z.ZodObject;
    const list = schema instanceof z.ZodArray ? (schema.element as z.core.$ZodType) : undefined;
    if (path !== '' && (!isMap || description !== undefined)) {
      if (description === undefined) throw new TypeError(`the setting ${path} has no description`);
      rows.push({
        path,
        type: bounds ? `duration, ${bounds.join(' to ')}` : typeOf(schema),
        fallback: defaultText(fallback, isMap),
        optional,
        meaning: description,
      });
    }
    for (const inner of objectsIn(schema)) {
      for (const [name, child] of Object.entries(inner.shape))
        walk(child, path === '' ? name : `${path}.${name}`);
    }
    if (list && objectsIn(peel(list).schema).length > 0) {
      for (const inner of objectsIn(peel(list).schema)) {
        for (const [name, child] of Object.entries(inner.shape)) walk(child, `${path}[].${name}`);
      }
    }
  };
  walk(environmentSchema, '');
  return rows;
}

function objectsIn(schema: z.core.$ZodType): z.ZodObject[] {
  if (schema instanceof z.ZodObject) return [schema];
  return schema instanceof z.ZodUnion
    ? schema.options.flatMap((option) => objectsIn(peel(option as z.core.$ZodType).schema))
    : [];
}

function typeOf(schema: z.core.$ZodType): string {
  if (schema instanceof z.ZodObject || schema instanceof z.ZodUnion) {
    const literals =
      schema instanceof z.ZodUnion ? schema.options.filter((one) => one instanceof z.ZodLiteral) : [];
    return literals.length > 0
      ? literals.flatMap((one) => [...one.values].map((value) => `\`${value}\``)).join(', ')
      : 'section';
  }
  if (schema instanceof z.ZodArray) {
    const item = peel(schema.element as z.core.$ZodType).schema;
    return item instanceof z.ZodObject ? 'list of sections' : `list of ${typeOf(item)}`;
  }
  if (schema instanceof z.ZodEnum) return schema.options.map((value) => `\`${value}\``).join(', ');
  if (schema instanceof z.ZodBoolean) return 'true or false';
  if (schema instanceof z.ZodNumber) {
    const { minValue, maxValue } = schema;
    return `whole number, ${minValue} to ${maxValue}`;
  }
  return 'text';
}

function defaultText(value: unknown, isMap: boolean): string {
  if (value === undefined) return '';
  if (isMap) return 'its own defaults';
  if (Array.isArray(value)) return value.length === 0 ? 'none' : `\`${value.join(', ')}\``;
  return `\`${value}\``;
}

/** The reference as Markdown, a table to a section. */
export function environmentReference(): string {
  const rows = describeEnvironment();
  const sections = new Map<string, SettingDescription[]>([['', []]]);
  for (const row of rows) {
    const top = row.path.split(/[.[]/)[0] as string;
    const nested = rows.some(({ path }) => path.startsWith(`${top}.`) || path.startsWith(`${top}[`));
    const name = nested ? top : '';
    sections.set(name, [...(sections.get(name) ?? []), row]);
  }
  return [...sections]
    .map(([name, members]) => {
      const own = members.find(({ path }) => path === name);
      const table = members
        .filter((row) => row !== own)
        .map(
          ({ path, type, fallback, optional, meaning }) =>
            `| \`${path}\` | ${type} | ${fallback || (optional ? 'absent' : 'required')} | ${meaning.replaceAll('|', '\\|')} |`,
        );
      return [
        `### ${name === '' ? 'What it is' : name}`,
        '',
        ...(own ? [own.meaning, ''] : []),
        '| Setting | Type | Default | Meaning |',
        '|---|---|---|---|',
        ...table,
      ].join('\n');
    })
    .join('\n\n');
}
