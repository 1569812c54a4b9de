import { z } from 'zod';
import { CLASSIC_KNOBS } from './classic-knobs.js';
import { formatMs, LEAVES } from './leaf-types.js';
import { configSchema } from './schema.js';
import { pathText, schemaAt, schemaNode } from './schema-tree.js';

/** One line of the reference: a setting, its type, its default, its meaning. */
export interface SettingDescription {
  readonly key: string;
  readonly type: string;
  /** Empty when there is none. */
  readonly default: string;
  readonly meaning: string;
}

/** Every setting, in the schema's order. List items read `[]`, keys that are data `<key>`. */
export function describeConfig(): SettingDescription[] {
  const rows: SettingDescription[] = [];
  const walk = (schema: z.core.$ZodType, key: string): void => {
    const node = schemaNode(schema);
    const row = (type: string) =>
      rows.push({ key, type, default: defaultText(schema), meaning: meaning(schema, key) });
    if (node.kind === 'map') {
      for (const [name, child] of node.keys) walk(child, key === '' ? name : `${key}.${name}`);
    } else if (node.kind === 'list') {
      const item = schemaNode(node.item);
      row(item.kind === 'leaf' ? `list of ${item.info.type}` : 'list');
      if (item.kind !== 'leaf') walk(node.item, `${key}[]`);
    } else if (node.kind === 'record') {
      row(`${leafType(node.key)} -> ${leafType(node.value)}`);
    } else row(node.info.type);
  };
  walk(configSchema, '');
  return rows;
}

function leafType(schema: z.core.$ZodType): string {
  const node = schemaNode(schema);
  return node.kind === 'leaf' ? node.info.type : node.kind;
}

function meaning(schema: z.core.$ZodType, key: string): string {
  const text = (schema as z.ZodType).description;
  if (text === undefined) throw new TypeError(`the setting ${key} has no description`);
  return text;
}

function defaultText(schema: z.core.$ZodType): string {
  if (!(schema instanceof z.ZodDefault)) return '';
  const value: unknown = schema.def.defaultValue;
  const node = schemaNode(schema);
  if (node.kind === 'leaf' && node.info.type === 'duration') return `\`${formatMs(value as number)}\``;
  if (Array.isArray(value)) return value.length === 0 ? 'empty' : `\`[${value.join(', ')}]\``;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([key, child]) => `${key}: ${child}`);
    return entries.length === 0 ? 'empty' : `\`{${entries.join(', ')}}\``;
  }
  return `\`${value}\``;
}

const table = (head: readonly string[], rows: readonly (readonly string[])[]) =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

/** The reference as Markdown, one table to a section. */
export function configReference(): string {
  const sections: string[] = [];
  const node = schemaNode(configSchema);
  if (node.kind !== 'map') throw new TypeError('the configuration is a map');
  const all = describeConfig();
  for (const [section, schema] of node.keys) {
    const rows = all
      .filter(({ key }) => key === section || key.startsWith(`${section}.`) || key.startsWith(`${section}[`))
      .map((row) => [`\`${row.key}\``, row.type, row.default, row.meaning]);
    sections.push(
      `### ${section}\n\n${meaning(schema, section)}\n\n${table(['Key', 'Type', 'Default', 'Meaning'], rows)}`,
    );
  }
  return sections.join('\n\n');
}

/** The classic keys as Markdown. */
export function classicReference(): string {
  const snake = (key: string) => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  const rows = Object.entries(CLASSIC_KNOBS).map(([key, target]) => [
    `\`${snake(key)}\``,
    'path' in target
      ? `\`${pathText(target.path)}\``
      : `\`strategies[].${target.strategy}\` of every strategy`,
  ]);
  return table(['Classic key', 'Setting'], rows);
}

/** The configuration file's JSON schema, for editors. */
export function configJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(configSchema, {
    io: 'input',
    override: ({ zodSchema, jsonSchema }) => {
      const info = LEAVES.get(zodSchema);
      if (info !== undefined && zodSchema instanceof z.ZodPipe) {
        delete jsonSchema.type;
        Object.assign(jsonSchema, info.json);
      }
      // Sections written as a whole are optional; their inner defaults say more than an empty map.
      if (zodSchema instanceof z.ZodPrefault) delete jsonSchema.default;
      if (zodSchema instanceof z.ZodDefault && jsonSchema.default === undefined) {
        jsonSchema.default = zodSchema.def.defaultValue as never;
      }
    },
  });
  return {
    ...schema,
    title: 'Tradewind configuration',
    $comment: 'Generated from engine/src/config/schema.ts; classic flat and snake_case keys are read too.',
  };
}

/** The classic key's target must exist; true for every row of the table. */
export function classicTargetExists(key: string): boolean {
  const target = CLASSIC_KNOBS[key]!;
  const path = 'path' in target ? target.path : ['strategies', 0, target.strategy];
  return schemaAt(configSchema, path) !== undefined;
}
