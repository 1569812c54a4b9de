import { parseArgs } from 'node:util';

/** How often each fault is injected. */
export interface FaultCounts {
  readonly kills: number;
  readonly stops: number;
  readonly partitions: number;
  readonly fullDisks: number;
  readonly torn: number;
  readonly flips: number;
  readonly clockJumps: number;
}

export const DURABILITIES = ['async', 'fsync-before-send', 'replicated-before-send'] as const;
export type Durability = (typeof DURABILITIES)[number];

export interface Options {
  readonly counts: FaultCounts;
  readonly seed: number;
  readonly durability: Durability;
  readonly symbols: number;
  /** Where the report goes as JSON. */
  readonly json: string | undefined;
  /** State folders are kept even when all went well. */
  readonly keep: boolean;
}

/** What issue and documentation promise: the run before a release. */
export const RELEASE_COUNTS: FaultCounts = {
  kills: 500,
  stops: 50,
  partitions: 50,
  fullDisks: 20,
  torn: 100,
  flips: 100,
  clockJumps: 20,
};

const FLAGS = {
  kills: 'kills',
  stops: 'stops',
  partitions: 'partitions',
  'full-disks': 'fullDisks',
  torn: 'torn',
  flips: 'flips',
  'clock-jumps': 'clockJumps',
} as const satisfies Record<string, keyof FaultCounts>;

export const HELP = `npm run chaos:real -- [options]

Runs a pair of engines, a simulated venue and etcd as real processes under load, and breaks them. Without a count: all
of them, as before a release (about two hours). With any: only those.

  --kills N         kill -9 of the leader
  --stops N         SIGSTOP of the leader for 1 to 30 s, then SIGCONT
  --partitions N    links down between the engines, or between the leader and etcd (root, network namespaces)
  --full-disks N    no space left for the leader's journal (root, tmpfs)
  --torn N          kill -9, then the last segment cut or overwritten at a random offset
  --flips N         one bit of a copied journal turned over
  --clock-jumps N   wall clocks set by up to 5 minutes either way (libfaketime)
  --seed S          of every choice made here; what the processes make of it is theirs
  --durability MODE ${DURABILITIES.join(', ')} (default async)
  --symbols N       markets made (default 6, 1 to 16)
  --json FILE       the report
  --keep            keep the state folders of runs without a finding too
`;

/** Throws an Error that names the option. `random` gives the seed when there is none. */
export function readOptions(args: readonly string[], random: () => number): Options | 'help' {
  const { values } = parseArgs({
    args: [...args],
    strict: true,
    options: {
      ...Object.fromEntries(Object.keys(FLAGS).map((flag) => [flag, { type: 'string' } as const])),
      seed: { type: 'string' },
      durability: { type: 'string' },
      symbols: { type: 'string' },
      json: { type: 'string' },
      keep: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  }) as { values: Record<string, string | boolean | undefined> };
  if (values.help === true) return 'help';
  const number = (name: string, otherwise: number, most = 100_000): number => {
    const text = values[name];
    if (text === undefined) return otherwise;
    const value = /^\d{1,10}$/.test(String(text)) ? Number(text) : Number.NaN;
    if (!(value <= most)) throw new Error(`--${name}: a whole number up to ${most}, not ${text}`);
    return value;
  };
  const chosen = Object.keys(FLAGS).some((flag) => values[flag] !== undefined);
  const counts = Object.fromEntries(
    Object.entries(FLAGS).map(([flag, name]) => [name, number(flag, chosen ? 0 : RELEASE_COUNTS[name])]),
  ) as unknown as FaultCounts;
  const durability = (values.durability ?? 'async') as Durability;
  if (!DURABILITIES.includes(durability)) throw new Error(`--durability: one of ${DURABILITIES.join(', ')}`);
  const symbols = number('symbols', 6, 16);
  if (symbols === 0) throw new Error('--symbols: from 1 to 16');
  return {
    counts,
    seed: number('seed', random(), 4_294_967_295),
    durability,
    symbols,
    json: values.json as string | undefined,
    keep: values.keep === true,
  };
}
