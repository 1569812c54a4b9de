/** What a restored resource was found to be; `problems` is empty when it can be used. */
export interface Verdict {
  readonly problems: readonly string[];
  /** What was looked at, for the report. */
  readonly seen: string;
}

export interface RestoredVolume {
  readonly id: string;
  readonly sizeGiB: number | undefined;
  readonly encrypted: boolean | undefined;
  readonly state: string | undefined;
}

/** `expectedGiB`: the size of the snapshot it was restored from. */
export function judgeVolume(volume: RestoredVolume, expectedGiB: number | undefined): Verdict {
  const problems: string[] = [];
  if (volume.encrypted !== true) problems.push('is not encrypted');
  if (expectedGiB === undefined) problems.push('the size of its snapshot is not known');
  else if (volume.sizeGiB !== expectedGiB)
    problems.push(`has ${volume.sizeGiB} GiB, its snapshot ${expectedGiB} GiB`);
  if (volume.state !== 'available' && volume.state !== 'in-use') problems.push(`is ${volume.state}`);
  return {
    problems,
    seen: `volume ${volume.id}, ${volume.sizeGiB} GiB, encrypted ${volume.encrypted}, ${volume.state}`,
  };
}

export interface RestoredTable {
  readonly name: string;
  readonly status: string | undefined;
  /** Partition key and, after it, the sort key. */
  readonly keys: readonly string[];
  readonly encrypted: boolean;
  /** The lease item, decoded; an Error when it is none; undefined when it is not there. */
  readonly lease: { readonly epoch: number } | Error | undefined;
}

export function judgeTable(table: RestoredTable): Verdict {
  const problems: string[] = [];
  if (table.status !== 'ACTIVE') problems.push(`is ${table.status}`);
  if (table.keys.join() !== 'leaseKey')
    problems.push(`has the keys ${table.keys.join(', ') || 'none'} instead of leaseKey`);
  if (!table.encrypted) problems.push('is not encrypted with a key of ours');
  if (table.lease === undefined) problems.push('has no lease item');
  else if (table.lease instanceof Error) problems.push(table.lease.message);
  const epoch = table.lease === undefined || table.lease instanceof Error ? 'none' : table.lease.epoch;
  return {
    problems,
    seen: `table ${table.name}, ${table.status}, keys ${table.keys.join(', ')}, epoch ${epoch}`,
  };
}

export interface RestoredDatabase {
  readonly id: string;
  readonly status: string | undefined;
  readonly encrypted: boolean | undefined;
}

export function judgeDatabase(database: RestoredDatabase): Verdict {
  const problems: string[] = [];
  if (database.status !== 'available') problems.push(`is ${database.status}`);
  if (database.encrypted !== true) problems.push('is not encrypted');
  return { problems, seen: `database ${database.id}, ${database.status}, encrypted ${database.encrypted}` };
}
