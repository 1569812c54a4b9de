import type { Prng } from './engine.js';

const SECTOR = 512;

/** What the disk tells of itself; the harness stops, slows or kills the caller there. */
export interface DiskHooks {
  /** Before and after each call that leaves a trace on the disk. */
  boundary(what: string): void;
  /** What a sync costs the thread that asks, microseconds. */
  synced(): void;
}

/** An error as the file system throws it. */
export class DiskError extends Error {
  readonly code: string;

  constructor(code: string, what: string) {
    super(`${code}: ${what}`);
    this.code = code;
  }
}

/** One file: what a reader sees, what the platter holds, and what is on its way from one to the other. */
class Inode {
  data = new Uint8Array(0);
  size = 0;
  durable = new Uint8Array(0);
  durableSize = 0;
  /** Every content a sector had since the last sync, oldest first. */
  readonly dirty = new Map<number, Uint8Array[]>();
  /** Every size it had since the last sync. */
  readonly sizes: number[] = [];

  resize(size: number): void {
    if (size > this.data.length) {
      const grown = new Uint8Array(Math.max(size, this.data.length * 2, 4096));
      grown.set(this.data.subarray(0, this.size));
      this.data = grown;
    } else if (size < this.size) this.data.fill(0, size, this.size);
    else if (size > this.size) this.data.fill(0, this.size, size);
    if (size !== this.size) this.sizes.push(size);
    this.size = size;
  }

  write(bytes: Uint8Array, at: number): void {
    if (at + bytes.length > this.size) this.resize(at + bytes.length);
    this.data.set(bytes, at);
    this.touch(at, bytes.length);
  }

  touch(at: number, length: number): void {
    for (let sector = Math.floor(at / SECTOR); sector * SECTOR < at + length; sector++) {
      const versions = this.dirty.get(sector) ?? [];
      versions.push(this.data.slice(sector * SECTOR, (sector + 1) * SECTOR));
      this.dirty.set(sector, versions);
    }
  }

  /** Copies what has changed: a journal syncs its last few sectors a thousand times a second. */
  sync(): void {
    if (this.durable.length < this.size) {
      const grown = new Uint8Array(this.data.length);
      grown.set(this.durable);
      this.durable = grown;
    }
    if (this.size < this.durableSize) this.durable.fill(0, this.size, this.durableSize);
    for (const sector of this.dirty.keys()) {
      const from = sector * SECTOR;
      if (from < this.size)
        this.durable.set(this.data.subarray(from, Math.min(this.size, from + SECTOR)), from);
    }
    this.durableSize = this.size;
    this.dirty.clear();
    this.sizes.length = 0;
  }

  /** What is seen now is all there is. */
  settle(): void {
    this.durable = this.data.slice(0, this.size);
    this.durableSize = this.size;
    this.dirty.clear();
    this.sizes.length = 0;
  }

  /** Power is gone: each unsynced sector is as it was, as it became, or as it was in between; in no order, or in that of the file. */
  crash(random: Prng, keep: number): { lost: number; torn: boolean } {
    const size = random.chance(0.5) && this.sizes.length > 0 ? pick(random, this.sizes) : this.durableSize;
    const after = new Uint8Array(Math.max(size, 0));
    after.set(this.durable.subarray(0, Math.min(size, this.durableSize)));
    let lost = 0;
    let kept = 0;
    // Often what was written first arrives first, and then it ends in the middle of something.
    const isInOrder = random.chance(0.5);
    const reached = random.below(this.dirty.size + 1);
    const sectors = [...this.dirty].sort(([a], [b]) => a - b);
    for (const [index, [sector, versions]] of sectors.entries()) {
      const isLost = isInOrder ? index >= reached : !random.chance(keep);
      if (isLost) {
        lost++;
        continue;
      }
      const version = random.chance(0.7) ? versions.at(-1)! : pick(random, versions);
      if (version !== versions.at(-1)) lost++;
      const from = sector * SECTOR;
      if (from < size) after.set(version.subarray(0, Math.min(version.length, size - from)), from);
      kept++;
    }
    this.data = after;
    this.size = size;
    this.settle();
    return { lost, torn: lost > 0 && kept > 0 };
  }
}

function pick<T>(random: Prng, values: readonly T[]): T {
  return values[random.below(values.length)]!;
}

/** What a crash did to a disk. */
export interface CrashReport {
  /** Sectors that were written and are not there. */
  readonly lost: number;
  /** Some of a file's sectors made it and some did not. */
  readonly torn: boolean;
  /** Names that were made, moved or removed and are again as before. */
  readonly undone: number;
}

/**
 * A disk that keeps what was synced and nothing else for sure. Writes of one sync are lost one sector (512 bytes) at a
 * time and in no order; names come and go in the order they were changed, durably with `syncFolder` alone.
 */
export class SimulatedDisk {
  /** Bytes that fit in all. */
  capacity = 64 * 1024 * 1024;
  /** Thrown by the next syncs, this many times. */
  failingSyncs = 0;
  #names = new Map<string, Inode>();
  #durableNames = new Map<string, Inode>();
  /** Changes of names since the last `syncFolder`, as the state after each. */
  #unsynced: Map<string, Inode>[] = [];
  /** Bumped with every crash: files opened before are of a machine that is no more. */
  #power = 0;

  /** The disk as one process sees it. */
  mount(hooks: DiskHooks): MountedDisk {
    return new MountedDisk(this, hooks, this.#power);
  }

  get usedBytes(): number {
    let used = 0;
    for (const inode of this.#names.values()) used += inode.size;
    return used;
  }

  /** The machine loses power. `keep`: how much of what was not synced reaches the platter after all, 0 to 1. */
  crash(random: Prng, keep: number): CrashReport {
    this.#power++;
    let undone = 0;
    const states = [this.#durableNames, ...this.#unsynced];
    const at = random.chance(keep) ? states.length - 1 : random.below(states.length);
    undone = states.length - 1 - at;
    this.#names = new Map(states[at]);
    this.#durableNames = new Map(this.#names);
    this.#unsynced = [];
    let lost = 0;
    let torn = false;
    for (const inode of new Set(this.#names.values())) {
      const report = inode.crash(random, keep);
      lost += report.lost;
      torn ||= report.torn;
    }
    return { lost, torn, undone };
  }

  /** The process dies, the machine goes on: everything written is there. */
  kill(): void {
    this.#power++;
  }

  /** Another disk in its place: nothing is on it. */
  wipe(): void {
    this.#power++;
    this.#names = new Map();
    this.#durableNames = new Map();
    this.#unsynced = [];
  }

  /** @internal */
  alive(power: number): boolean {
    return power === this.#power;
  }

  /** @internal */
  names(): Map<string, Inode> {
    return this.#names;
  }

  /** @internal */
  renamed(): void {
    this.#unsynced.push(new Map(this.#names));
  }

  /** @internal */
  syncNames(): void {
    this.#durableNames = new Map(this.#names);
    this.#unsynced = [];
  }
}

/** A file of a {@link MountedDisk}. */
export class SimulatedFile {
  readonly name: string;
  readonly #inode: Inode;
  readonly #mount: MountedDisk;

  constructor(name: string, inode: Inode, mount: MountedDisk) {
    this.name = name;
    this.#inode = inode;
    this.#mount = mount;
  }

  get size(): number {
    return this.#inode.size;
  }

  read(into: Uint8Array, at: number): number {
    const count = Math.max(0, Math.min(into.length, this.#inode.size - at));
    into.set(this.#inode.data.subarray(at, at + count));
    return count;
  }

  write(bytes: Uint8Array, at: number): void {
    this.#mount.change('write', () => {
      const grows = at + bytes.length - this.#inode.size;
      if (grows > 0) this.#mount.claim(grows, this.name);
      this.#inode.write(bytes, at);
    });
  }

  sync(): void {
    this.#mount.change('sync', () => this.#mount.sync(() => this.#inode.sync()));
  }

  truncate(size: number): void {
    this.#mount.change('truncate', () => {
      if (size > this.#inode.size) this.#mount.claim(size - this.#inode.size, this.name);
      const { size: before } = this.#inode;
      this.#inode.resize(size);
      if (size < before) this.#inode.touch(size, before - size);
    });
  }

  close(): void {}
}

/** The `JournalDisk` of one process: every call can be where it dies. */
export class MountedDisk {
  readonly #disk: SimulatedDisk;
  readonly #hooks: DiskHooks;
  readonly #power: number;

  constructor(disk: SimulatedDisk, hooks: DiskHooks, power: number) {
    this.#disk = disk;
    this.#hooks = hooks;
    this.#power = power;
  }

  list(): string[] {
    return [...this.#disk.names().keys()].sort();
  }

  open(name: string): SimulatedFile {
    return new SimulatedFile(name, this.#inode(name), this);
  }

  create(name: string): SimulatedFile {
    return this.change('create', () => {
      const names = this.#disk.names();
      if (names.has(name)) throw new DiskError('EEXIST', `file already exists, open '${name}'`);
      this.claim(1, name);
      const inode = new Inode();
      names.set(name, inode);
      this.#disk.renamed();
      return new SimulatedFile(name, inode, this);
    });
  }

  rename(from: string, to: string): void {
    this.change('rename', () => {
      const inode = this.#inode(from);
      this.#disk.names().delete(from);
      this.#disk.names().set(to, inode);
      this.#disk.renamed();
    });
  }

  remove(name: string): void {
    this.change('remove', () => {
      this.#inode(name);
      this.#disk.names().delete(name);
      this.#disk.renamed();
    });
  }

  syncFolder(): void {
    this.change('sync folder', () => this.sync(() => this.#disk.syncNames()));
  }

  freeBytes(): number {
    return Math.max(0, this.#disk.capacity - this.#disk.usedBytes);
  }

  /** @internal */
  claim(bytes: number, name: string): void {
    if (this.freeBytes() < bytes) throw new DiskError('ENOSPC', `no space left on device, write '${name}'`);
  }

  /** @internal */
  sync(work: () => void): void {
    if (this.#disk.failingSyncs > 0) {
      this.#disk.failingSyncs--;
      throw new DiskError('EIO', 'i/o error, fdatasync');
    }
    work();
    this.#hooks.synced();
  }

  /** @internal */
  change<T>(what: string, work: () => T): T {
    this.#hooks.boundary(`before ${what}`);
    // What a process that is gone still asks for does not happen.
    if (!this.#disk.alive(this.#power)) throw new DiskError('EIO', 'the machine is gone');
    const result = work();
    this.#hooks.boundary(`after ${what}`);
    return result;
  }

  #inode(name: string): Inode {
    const inode = this.#disk.names().get(name);
    if (inode === undefined) throw new DiskError('ENOENT', `no such file or directory, open '${name}'`);
    return inode;
  }
}
