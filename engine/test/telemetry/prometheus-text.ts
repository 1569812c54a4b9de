/** A strict reader of the Prometheus text format, for tests: https://prometheus.io/docs/instrumenting/exposition_formats/ */

export interface Family {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly samples: {
    readonly name: string;
    readonly labels: Record<string, string>;
    readonly value: number;
  }[];
}

const SAMPLE = /^([a-z_][a-z0-9_]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-z_][a-z0-9_]*)="((?:[^"\\]|\\.)*)"(?:,|$)/gy;

/** Throws on any line that the format does not allow. */
export function parsePrometheus(text: string): Map<string, Family> {
  const families = new Map<string, Family>();
  let help: { name: string; text: string } | undefined;
  let current: Family | undefined;
  for (const line of text.split('\n')) {
    if (line === '') continue;
    if (line.startsWith('# HELP ')) {
      const [, name, words] = /^# HELP (\S+) (.+)$/.exec(line) ?? [];
      help = { name: name!, text: words! };
    } else if (line.startsWith('# TYPE ')) {
      const [, name, type] = /^# TYPE (\S+) (\S+)$/.exec(line) ?? [];
      if (help?.name !== name) throw new Error(`TYPE without HELP: ${line}`);
      if (families.has(name!)) throw new Error(`family twice: ${name}`);
      current = { name: name!, type: type!, help: help!.text, samples: [] };
      families.set(name!, current);
    } else {
      const match = SAMPLE.exec(line);
      if (match === null || current === undefined) throw new Error(`bad line: ${line}`);
      const labels: Record<string, string> = {};
      let end = 0;
      for (const label of (match[2] ?? '').matchAll(LABEL)) {
        labels[label[1]!] = label[2]!;
        end = label.index + label[0].length;
      }
      if (end !== (match[2] ?? '').length) throw new Error(`bad labels: ${line}`);
      const value = match[3] === '+Inf' ? Number.POSITIVE_INFINITY : Number(match[3]);
      if (Number.isNaN(value)) throw new Error(`bad value: ${line}`);
      current.samples.push({ name: match[1]!, labels, value });
    }
  }
  return families;
}
