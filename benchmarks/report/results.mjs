import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/** Of a result's JSON; another one is refused. */
export const RESULT_FORMAT = 1;

const ratioTo = z.record(z.string(), z.number());
const distribution = z.array(z.tuple([z.number().min(0).max(100), z.number()]));

/** One row of a result. */
export const rowSchema = z.strictObject({
  suite: z.string(),
  name: z.string().min(1),
  unit: z.string().min(1),
  count: z.int().positive(),
  p50: z.number(),
  p99: z.number(),
  p999: z.number().nullable(),
  max: z.number(),
  perSecond: z.number().positive().nullable(),
  budget: z.string().nullable(),
  target: z.string().nullable(),
  met: z.boolean().nullable(),
  ratioTo,
  distribution: distribution.nullable(),
});

const budgetSchema = z.strictObject({
  ...{ stage: z.string(), target: z.string(), suite: z.string() },
  ...{ row: z.string().nullable(), measured: z.string().nullable(), met: z.boolean().nullable() },
});

/** Something that was watched over time, or over a growing load: `x` and one list of values for each line. */
const seriesSchema = z.strictObject({
  ...{ suite: z.string(), name: z.string(), unit: z.string(), xLabel: z.string() },
  x: z.array(z.number()),
  lines: z.record(z.string(), z.array(z.number().nullable())),
});

/** What `--json` writes. */
export const resultSchema = z.strictObject({
  format: z.literal(RESULT_FORMAT),
  machine: z.strictObject({
    ...{ cpu: z.string(), cores: z.int().positive(), kernel: z.string() },
    ...{ memoryMiB: z.number().positive(), load: z.number().min(0) },
  }),
  date: z.iso.datetime(),
  commit: z.strictObject({ hash: z.string().nullable(), dirty: z.boolean() }),
  node: z.string(),
  clockNs: z.number().min(0),
  frames: z.array(z.string()),
  rows: z.array(rowSchema),
  budgets: z.array(budgetSchema),
  series: z.array(seriesSchema),
});

/**
 * Stored results, oldest first. A folder stands for the `.json` files in it.
 *
 * @param {readonly string[]} paths
 * @throws {Error} naming the file that is no result
 */
export async function readResults(paths) {
  const files = (await Promise.all(paths.map(filesOf))).flat();
  const results = await Promise.all(files.map(readResult));
  return results.sort((a, b) => a.date.localeCompare(b.date));
}

async function filesOf(path) {
  if (!(await stat(path)).isDirectory()) return [path];
  const names = await readdir(path);
  return names.filter((name) => name.endsWith('.json')).map((name) => join(path, name));
}

async function readResult(file) {
  try {
    return resultSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : error.message;
    throw new Error(`${file}: no result of a benchmark: ${why}`);
  }
}
