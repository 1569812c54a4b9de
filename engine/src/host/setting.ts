import type { RunCommand } from './host-commands.js';
import { HostError } from './host-error.js';
import type { HostRoot } from './host-root.js';
import type { Knob } from './knob-schema.js';
import type { Machine } from './machine.js';

/** What the handlers of settings work with. */
export interface HostContext {
  readonly root: HostRoot;
  readonly run: RunCommand;
  readonly machine: Machine;
  /** Values of `$name`. */
  readonly variables: ReadonlyMap<string, string>;
  /** Folder of the host files. */
  readonly files: string;
}

/** One place on the machine that a knob is about: a knob over all CPUs or queues has many. */
export interface Finding {
  readonly place: string;
  readonly wanted: string;
  /** In force now; undefined when the machine has no such place. */
  readonly current: string | undefined;
  readonly right: boolean;
  /** Whether the next boot will have it; undefined for what is set anew at every boot. */
  readonly stored?: boolean;
  /** Why only a boot, or a person, can make it right. */
  readonly waits?: string;
  /** Why nothing can be done here, e.g. the card has no such ability: no drift. */
  readonly beyond?: string;
}

/** How settings of one kind are read and, where that works on a running machine, set. */
export interface SettingKind {
  readonly inspect: (knob: Knob, wanted: string, context: HostContext) => readonly Finding[];
  /** Sets what was found wrong; throws when the machine refuses. Absent where only a drop-in file is written. */
  readonly apply?: (knob: Knob, finding: Finding, context: HostContext) => void;
}

/** A wanted value or target with each `$name` replaced. */
export function withVariables(text: string, variables: ReadonlyMap<string, string>, where: string): string {
  return text.replace(/\$(\w+)/g, (_, name: string) => {
    const value = variables.get(name);
    if (value === undefined) {
      const message = `$${name} is no variable: use ${[...variables.keys()].map((key) => `$${key}`).join(', ')}`;
      throw new HostError([{ where, message }]);
    }
    if (value === '') {
      throw new HostError([
        { where, message: `$${name} is empty on this machine: give the knob a condition` },
      ]);
    }
    return value;
  });
}

/** Runs a command of the machine; its failure becomes an error with what it said. */
export function mustRun(context: Pick<HostContext, 'run'>, name: string, args: readonly string[]): string {
  const { code, stdout, stderr } = context.run(name, args);
  if (code !== 0) {
    const said = (stderr || stdout).trim().split('\n')[0] ?? '';
    throw new HostError([
      { where: [name, ...args].join(' '), message: `failed with ${code}${said === '' ? '' : `: ${said}`}` },
    ]);
  }
  return stdout;
}
