import { escapeRegExp, type HostRoot } from './host-root.js';
import { parseArguments } from './kernel-arguments.js';
import { type HostContext, mustRun } from './setting.js';

/** Debian's GRUB reads its settings from these files in order. */
export const GRUB_DROP_IN = '/etc/default/grub.d/60-tradewind.cfg';
const GRUB_CONFIG = '/boot/grub/grub.cfg';
/** Boot loader specification entries, as Amazon Linux 2023 has them; `grubby` edits them. */
const ENTRIES = '/boot/loader/entries/*.conf';

type Loader = 'grub' | 'grubby' | undefined;

function loaderOf(root: HostRoot): Loader {
  if (root.glob(ENTRIES).length > 0) return 'grubby';
  return root.exists('/etc/default/grub') ? 'grub' : undefined;
}

/** The arguments every next boot will have, as far as they are told apart; undefined without a known boot loader. */
export function bootArguments({ root }: HostContext): ReadonlyMap<string, string> | undefined {
  switch (loaderOf(root)) {
    case 'grubby':
      return common(root.glob(ENTRIES).map((path) => entryArguments(root.read(path) ?? '')));
    case 'grub': {
      const line = /^GRUB_CMDLINE_LINUX="\$GRUB_CMDLINE_LINUX (.*)"$/m.exec(root.read(GRUB_DROP_IN) ?? '');
      const own = parseArguments(line?.[1] ?? '');
      const config = root.read(GRUB_CONFIG);
      if (config === undefined) return own;
      // A drop-in that never reached the generated file is not stored.
      const reached = ([name, value]: [string, string]) =>
        new RegExp(`\\s${escapeRegExp(`${name}=${value}`)}(\\s|$)`, 'm').test(config);
      return new Map([...own].filter(reached));
    }
    case undefined:
      return undefined;
  }
}

/**
 * Makes the next boots have exactly `wanted` of the `managed` names. Returns what was changed; throws when a tool of the
 * boot loader fails.
 */
export function storeBootArguments(
  context: HostContext,
  wanted: ReadonlyMap<string, string>,
  managed: Iterable<string>,
): string[] {
  const { root } = context;
  const loader = loaderOf(root);
  const stored = bootArguments(context);
  if (loader === undefined || stored === undefined) return [];
  const names = [...new Set(managed)];
  if (names.every((name) => stored.get(name) === wanted.get(name))) return [];
  const words = [...wanted].map(([name, value]) => `${name}=${value}`).join(' ');
  if (loader === 'grubby') {
    const gone = names.filter((name) => !wanted.has(name) && stored.has(name));
    const args = ['--update-kernel=ALL'];
    if (gone.length > 0) args.push(`--remove-args=${gone.join(' ')}`);
    if (words !== '') args.push(`--args=${words}`);
    mustRun(context, 'grubby', args);
    return [ENTRIES];
  }
  if (words === '') root.remove(GRUB_DROP_IN);
  else {
    root.write(
      GRUB_DROP_IN,
      `# Written by \`tradewind host tune\` from the knob table: changes here are overwritten.\nGRUB_CMDLINE_LINUX="$GRUB_CMDLINE_LINUX ${words}"\n`,
    );
  }
  mustRun(context, 'update-grub', []);
  return [GRUB_DROP_IN];
}

function entryArguments(entry: string): ReadonlyMap<string, string> {
  const options = [...entry.matchAll(/^options\s+(.*)$/gm)].map((match) => match[1]).join(' ');
  return parseArguments(options);
}

/**
 * What all entries agree on. One entry alone with another value makes the name `mixed`, which no setting wants: it is
 * written again for all of them.
 */
function common(entries: readonly ReadonlyMap<string, string>[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const name of new Set(entries.flatMap((entry) => [...entry.keys()]))) {
    const values = new Set(entries.map((entry) => entry.get(name)));
    found.set(name, values.size === 1 ? [...values][0]! : 'mixed');
  }
  return found;
}
