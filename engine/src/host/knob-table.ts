import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, YAMLParseError } from 'yaml';
import { HostError, type HostProblem } from './host-error.js';
import { KNOB_KINDS, type Knob, knobSchema, knobTableSchema } from './knob-schema.js';

/** Settings the kernel holds only one of: writing one zeroes the other. */
const EXCLUSIVE: readonly (readonly [string, string])[] = [
  ['vm.dirty_ratio', 'vm.dirty_bytes'],
  ['vm.dirty_background_ratio', 'vm.dirty_background_bytes'],
];

/**
 * The folder of host files that belongs to this engine: beside it in a release (`<release>/host`), in `infra/host` of a
 * clone.
 */
export function hostFilesFolder(): string {
  const engine = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
  for (const folder of [join(engine, '..', 'host'), join(engine, '..', 'infra', 'host')]) {
    try {
      readFileSync(join(folder, 'knobs.yaml'));
      return folder;
    } catch {
      // Not this layout.
    }
  }
  throw new HostError([
    { where: 'host files', message: 'not found beside the engine: name their folder with --host-files' },
  ]);
}

export function loadKnobs(folder: string): readonly Knob[] {
  const path = join(folder, 'knobs.yaml');
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    throw new HostError([{ where: path, message: 'cannot be read: name the folder that holds it' }]);
  }
  return parseKnobs(text, path);
}

/** Checks a knob table as a whole; throws one {@link HostError} with everything that is wrong. */
export function parseKnobs(text: string, source = 'knobs.yaml'): readonly Knob[] {
  let plain: unknown;
  try {
    plain = parse(text);
  } catch (error) {
    const message = error instanceof YAMLParseError ? error.message.split('\n')[0]! : String(error);
    throw new HostError([{ where: source, message: `is not valid YAML: ${message}` }]);
  }
  const table = knobTableSchema.safeParse(plain);
  if (!table.success) {
    throw new HostError(
      table.error.issues.map(({ path, message }) => ({
        where: [source, ...path].join(': '),
        message,
      })),
    );
  }
  const problems: HostProblem[] = [];
  const knobs: Knob[] = [];
  table.data.knobs.forEach((entry, i) => {
    const name = nameOf(entry) ?? `knobs[${i}]`;
    const parsed = knobSchema.safeParse(entry);
    if (parsed.success) knobs.push(parsed.data);
    else {
      for (const issue of parsed.error.issues) {
        const field = issue.path.join('.');
        const message = field === 'kind' ? unknownKind(entry) : `${field} ${issue.message}`.trim();
        problems.push({ where: `${source}: ${name}`, message });
      }
    }
  });
  problems.push(...contradictions(knobs, source));
  if (problems.length > 0) throw new HostError(problems);
  return knobs;
}

function nameOf(entry: unknown): string | undefined {
  const id: unknown = entry !== null && typeof entry === 'object' ? Reflect.get(entry, 'id') : undefined;
  return typeof id === 'string' ? id : undefined;
}

function unknownKind(entry: unknown): string {
  const kind: unknown = Reflect.get(entry as object, 'kind');
  return `kind ${JSON.stringify(kind) ?? 'is missing;'} is none that is known: use ${KNOB_KINDS.join(', ')}`;
}

function contradictions(knobs: readonly Knob[], source: string): HostProblem[] {
  const problems: HostProblem[] = [];
  const ids = new Set<string>();
  for (const { id } of knobs) {
    if (ids.has(id)) problems.push({ where: `${source}: ${id}`, message: 'is given twice' });
    ids.add(id);
  }
  const byTarget = new Map<string, Knob[]>();
  for (const knob of knobs) {
    const place = `${knob.kind} ${knob.target}`;
    byTarget.set(place, [...(byTarget.get(place) ?? []), knob]);
  }
  for (const same of byTarget.values()) {
    for (const [i, knob] of same.entries()) {
      const rival = same.slice(0, i).find((other) => !excludeEachOther(knob, other));
      if (rival !== undefined) {
        const message = `sets ${knob.target} as ${rival.id} does: give them conditions that exclude each other`;
        problems.push({ where: `${source}: ${knob.id}`, message });
      }
    }
  }
  for (const [one, other] of EXCLUSIVE) {
    if (byTarget.has(`sysctl ${one}`) && byTarget.has(`sysctl ${other}`)) {
      problems.push({ where: source, message: `sets both ${one} and ${other}: the kernel keeps only one` });
    }
  }
  return problems;
}

/** Conditions of which at most one is true of a machine. */
const OPPOSITES: readonly (readonly [string, string])[] = [
  ['ptp-device', 'no-ptp-device'],
  ['isolated-cpus', 'no-isolated-cpus'],
  ['x86_64', 'arm64'],
];

function excludeEachOther(a: Knob, b: Knob): boolean {
  const has = (knob: Knob, name: string) => knob.when.some((condition) => condition === name);
  return OPPOSITES.some(([x, y]) => (has(a, x) && has(b, y)) || (has(a, y) && has(b, x)));
}
