import { beforeEach, describe, expect, it } from '@jest/globals';
import { FolderReplicaStore } from '../../../src/ha/replication/replica-store.js';
import {
  FolderChores,
  type FolderChoresOptions,
  JOURNAL_START,
  listSegments,
  recoverJournal,
  SegmentWriter,
  SharedFolder,
  SharedFolderChores,
  verifyJournal,
  writeSnapshot,
} from '../../../src/journal/index.js';
import { MemoryDisk } from '../../support/memory-disk.js';
import { makeFiller, readAll } from '../support/records.js';

const SEGMENT = { segmentBytes: 64 * 1024 };
const SECOND = 1_000_000;
const RECORDS = 300;
const NOTHING = new Uint8Array(0);

let disk: MemoryDisk;
let before: string[];

beforeEach(() => {
  disk = new MemoryDisk();
  const writer = SegmentWriter.open(disk, SEGMENT, JOURNAL_START);
  for (let sequence = 1; sequence <= RECORDS; sequence++) writer.append(makeFiller(sequence, 1, 1_000));
  writer.close();
  before = readAll(disk).records;
});

function snapshotOf(sequence: number): void {
  writeSnapshot(disk, {
    ...{ sequence, epoch: 1, checksum: 0, stateHash: '', options: NOTHING, state: NOTHING },
  });
}

function make(options: Partial<FolderChoresOptions> = {}): FolderChores {
  const rest = { retainBytes: Number.POSITIVE_INFINITY, compress: true };
  return new FolderChores({ disk, ...rest, neededByStandby: () => Number.POSITIVE_INFINITY, ...options });
}

/** To the end of what there is to do from `nowUs` on. */
function finish(chores: Pick<FolderChores, 'step'>, nowUs: number): number {
  let steps = 0;
  // A look that finds nothing ends it.
  for (let now = nowUs; now < nowUs + 60 * SECOND; now += SECOND) {
    while (chores.step(now)) steps++;
    if (!chores.step(now + SECOND)) break;
  }
  return steps;
}

const isCompressed = () => listSegments(disk).map(({ compressed }) => compressed);

describe('FolderChores', () => {
  it('compresses all closed segments but the last, in many steps, and changes no record', () => {
    const chores = make();
    expect(finish(chores, SECOND)).toBeGreaterThan(10);
    const states = isCompressed();
    expect(states.length).toBeGreaterThan(3);
    expect(states.slice(0, -1)).toEqual(states.slice(0, -1).map(() => true));
    expect(states.at(-1)).toBe(false);
    expect(readAll(disk)).toEqual({ records: before, error: undefined });
  });

  it('deletes the oldest segments beyond what is retained, and none that recovery or a standby needs', () => {
    let acked = 40;
    snapshotOf(150);
    const chores = make({ retainBytes: 1, compress: false, neededByStandby: () => acked + 1 });
    const first = () => listSegments(disk)[0]!.firstSequence;
    chores.step(SECOND);
    expect(first()).toBeLessThanOrEqual(41);
    acked = RECORDS;
    // Not before it is time to look again.
    chores.step(SECOND + SECOND / 2);
    expect(first()).toBeLessThanOrEqual(41);
    chores.step(2 * SECOND);
    expect(first()).toBeGreaterThan(41);
    expect(first()).toBeLessThanOrEqual(150);
    snapshotOf(RECORDS);
    chores.step(3 * SECOND);
    expect(first()).toBeLessThanOrEqual(150);
    expect(readAll(disk, 150).error).toBeUndefined();
  });

  it('is overdue on a thread without an idle moment: a slice now and then, a look after a while', () => {
    const chores = make();
    expect(chores.isOverdue(1.5 * SECOND)).toBe(true);
    expect(chores.step(1.5 * SECOND)).toBe(true);
    let now = 1.5 * SECOND;
    expect(chores.isOverdue(now + 5_000)).toBe(false);
    let slices = 0;
    for (; isCompressed().slice(0, -1).includes(false) && now < 100 * SECOND; now += 1_000) {
      if (!chores.isOverdue(now)) continue;
      chores.step(now);
      slices++;
    }
    expect(isCompressed().slice(0, -1)).not.toContain(false);
    // Of ten milliseconds at most one goes to it, but for the looks for the next segment.
    expect(slices).toBeLessThan((now - 1.5 * SECOND) / 10_000 + 1);
    // With nothing in hand there is time until the next look is late.
    while (chores.step(now)) now += SECOND;
    expect(chores.isOverdue(now + SECOND)).toBe(false);
    expect(chores.isOverdue(now + 2.5 * SECOND)).toBe(true);
  });

  it('leaves a damaged segment alone after one attempt, says so, and goes on with the others', () => {
    const [damaged] = listSegments(disk);
    disk.bytes(damaged!.name)[5_000]! ^= 1;
    const chores = make();
    finish(chores, SECOND);
    expect(chores.error).toMatchObject({ code: 'TW_JOURNAL_DAMAGED' });
    finish(chores, 100 * SECOND);
    expect(isCompressed().slice(0, 3)).toEqual([false, true, true]);
    expect(disk.list().filter((name) => name.endsWith('.partial'))).toEqual([]);
  });

  it('closed in the middle of a segment leaves it as it was', () => {
    const chores = make();
    chores.step(SECOND);
    chores.step(SECOND);
    expect(disk.list().some((name) => name.endsWith('.partial'))).toBe(true);
    chores.close();
    expect(disk.list().some((name) => name.endsWith('.partial'))).toBe(false);
    expect(isCompressed()).not.toContain(true);
    expect(readAll(disk).records).toEqual(before);
  });
});

describe('SharedFolderChores', () => {
  it('do nothing while somebody else has the folder, and begin anew once the history was replaced', () => {
    const shared = new SharedFolder();
    // What another thread has of the same memory.
    const mine = new SharedFolder(shared.memory);
    const store = new FolderReplicaStore(disk, { ...SEGMENT, shared }, recoverJournal(disk).position);
    const rest = { retainBytes: Number.POSITIVE_INFINITY, compress: true };
    const chores = new SharedFolderChores({ disk, shared: mine, ...rest });
    for (let slice = 0; slice < 3; slice++) expect(chores.step(SECOND)).toBe(true);
    expect(disk.list().some((name) => name.endsWith('.partial'))).toBe(true);
    shared.alone(() => {
      const { operations } = disk;
      expect(chores.step(2 * SECOND)).toBe(false);
      expect(disk.operations).toBe(operations);
    });
    // The very segment that is being compressed goes: the standby's history ends within it.
    const last = 20;
    store.setAside(last);
    finish(chores, 3 * SECOND);
    expect(readAll(disk)).toEqual({ records: before.slice(0, last), error: undefined });
    for (let sequence = last + 1; sequence <= RECORDS; sequence++) {
      store.append(makeFiller(sequence, 1, 1_000, 1));
      if (sequence % 10 === 0) store.sync();
      chores.step(sequence * SECOND);
    }
    store.close();
    finish(chores, 1_000 * SECOND);
    chores.close();
    expect(isCompressed().slice(0, -1)).not.toContain(false);
    const steps = verifyJournal(disk);
    for (let step = steps.next(); ; step = steps.next()) {
      if (!step.done) continue;
      expect(step.value.damage).toEqual([]);
      break;
    }
    expect(recoverJournal(disk).position.sequence).toBe(RECORDS);
  });
});
