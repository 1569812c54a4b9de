import { chmodSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { HostError } from '../host-error.js';
import type { Knob } from '../knob-schema.js';
import { type HostContext, mustRun, type SettingKind, withVariables } from '../setting.js';

const DEFAULT_MODE = 0o644;

/** A file installed whole: its text and permissions are those of the host files. */
export const file: SettingKind = {
  inspect: (knob, wanted, context) => {
    const place = withVariables(knob.target, context.variables, knob.id);
    const text = context.root.readWhole(place);
    const same = text === render(wanted, context);
    const mode = text === undefined ? undefined : statSync(context.root.real(place)).mode & 0o777;
    const right = same && mode === modeOf(knob);
    const current =
      text === undefined
        ? 'no such file'
        : !same
          ? 'other content'
          : right
            ? wanted
            : `mode 0${mode?.toString(8)}`;
    return [{ place, wanted, current, right, stored: right }];
  },
  apply: (knob, { place, wanted }, context) => {
    context.root.write(place, render(wanted, context), modeOf(knob));
    chmodSync(context.root.real(place), modeOf(knob));
    makeFelt(knob, context);
  },
};

/** Makes the services read the file anew; where none run there is nobody to tell. */
export function makeFelt(knob: Knob, context: HostContext): void {
  if (!context.root.exists('/run/systemd/system')) return;
  for (const command of knob.afterwards) {
    const [name, ...args] = withVariables(command, context.variables, knob.id).split(' ');
    mustRun(context, name!, args);
  }
}

function modeOf(knob: Knob): number {
  return knob.mode === undefined ? DEFAULT_MODE : Number.parseInt(knob.mode, 8);
}

/** The text of a host file; in one that ends in `.in` each `@name@` stands for a value of this machine. */
function render(name: string, { files, variables }: HostContext): string {
  const path = join(files, name);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    throw new HostError([{ where: path, message: 'cannot be read: the knob table names it' }]);
  }
  if (!name.endsWith('.in')) return text;
  return text.replace(/@(\w+)@/g, (_, variable: string) => {
    const value = variables.get(variable);
    if (value === undefined) {
      const known = [...variables.keys()].map((key) => `@${key}@`).join(', ');
      throw new HostError([{ where: path, message: `@${variable}@ is no variable: use ${known}` }]);
    }
    return value;
  });
}
