import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

/** File systems the kernel answers in: a file there is written in place, and what is read back is the kernel's word. */
const KERNEL_TREES = ['/proc/', '/sys/'];

/**
 * The machine's files, below a prefix: `/` is this machine, anything else a tree that stands for one (a test's, or an
 * image being made). Paths given are always the machine's own, e.g. `/proc/cmdline`.
 */
export class HostRoot {
  readonly prefix: string;

  constructor(prefix = '/') {
    this.prefix = resolve(prefix);
  }

  /** Whether this is the running machine itself. */
  get live(): boolean {
    return this.prefix === '/';
  }

  /** The path as this process sees it. */
  real(path: string): string {
    return join(this.prefix, path);
  }

  exists(path: string): boolean {
    return existsSync(this.real(path));
  }

  /** Text without trailing white space, or undefined when there is no such file or the kernel refuses to answer. */
  read(path: string): string | undefined {
    return this.readWhole(path)?.trimEnd();
  }

  /** The text as it is. */
  readWhole(path: string): string | undefined {
    try {
      return readFileSync(this.real(path), 'utf8');
    } catch {
      return undefined;
    }
  }

  /** Last part of what a link points to, e.g. the driver of a device. */
  linkName(path: string): string | undefined {
    try {
      return basename(readlinkSync(this.real(path)));
    } catch {
      return undefined;
    }
  }

  /** The very target of a link; undefined when it is none. */
  linkTarget(path: string): string | undefined {
    try {
      return lstatSync(this.real(path)).isSymbolicLink() ? readlinkSync(this.real(path)) : undefined;
    } catch {
      return undefined;
    }
  }

  /** Names in a folder in natural order; none when it is absent. */
  list(path: string): string[] {
    try {
      return readdirSync(this.real(path)).sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
    } catch {
      return [];
    }
  }

  /** Existing paths that fit a pattern in which `*` stands within one name. */
  glob(pattern: string): string[] {
    let found = [''];
    for (const part of pattern.split('/').filter((name) => name !== '')) {
      if (!part.includes('*')) found = found.map((base) => `${base}/${part}`);
      else {
        const fits = new RegExp(`^${part.split('*').map(escapeRegExp).join('.*')}$`);
        found = found.flatMap((base) =>
          this.list(base === '' ? '/' : base)
            .filter((name) => fits.test(name))
            .map((name) => `${base}/${name}`),
        );
      }
    }
    return found.filter((path) => this.exists(path));
  }

  /** Writes a text; files outside the kernel's trees appear whole or not at all. */
  write(path: string, text: string, mode = 0o644): void {
    const target = this.real(path);
    if (KERNEL_TREES.some((tree) => path.startsWith(tree))) {
      writeFileSync(target, text);
      return;
    }
    mkdirSync(dirname(target), { recursive: true });
    writeAtomically(target, text, existsSync(target) ? statSync(target).mode & 0o7777 : mode);
  }

  remove(path: string): void {
    rmSync(this.real(path), { force: true });
  }
}

/** Readers see the old file or the new one, never half of one. */
export function writeAtomically(path: string, text: string, mode = 0o644): void {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.new`);
  writeFileSync(temporary, text, { mode });
  renameSync(temporary, path);
}

export function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
