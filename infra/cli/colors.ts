import { fstatSync } from 'node:fs';
import pc from 'picocolors';

/** Paints text, or leaves it as it is. */
export type Colors = ReturnType<typeof pc.createColors>;

/** Paints nothing. */
export const PLAIN: Colors = pc.createColors(false);

/** Where a report goes. */
export type Destination = 'terminal' | 'file' | 'pipe';

/**
 * Whether a report is painted: on a terminal, unless NO_COLOR is set or TERM says that it can not; in a pipe only if
 * FORCE_COLOR asks for it; in a file never, for nobody reads escape codes there. That a CI system runs it (CI, ...) says
 * nothing about where it goes: picocolors by itself would paint whatever CI reads.
 */
export function paints(to: Destination, env: NodeJS.ProcessEnv): boolean {
  if (to === 'file' || env.NO_COLOR) return false;
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== '0' && env.FORCE_COLOR !== 'false';
  return to === 'terminal' && env.TERM !== 'dumb';
}

/** The colors of what this process writes to standard output. */
export function stdoutColors(): Colors {
  return pc.createColors(paints(destination(), process.env));
}

function destination(): Destination {
  if (process.stdout.isTTY) return 'terminal';
  return fstatSync(1).isFile() ? 'file' : 'pipe';
}
