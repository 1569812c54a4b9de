import { describe, expect, it } from '@jest/globals';
import { MemoryDisk } from './memory-disk.js';

const filled = (value: number, length = 2048) => new Uint8Array(length).fill(value);

describe('the disk in memory', () => {
  it('keeps what was synced, and of the rest any sectors, each whole', () => {
    const outcomes = new Set<string>();
    for (let seed = 1; seed <= 60; seed++) {
      const disk = new MemoryDisk();
      const file = disk.create('a');
      file.write(filled(1), 0);
      file.sync();
      disk.syncFolder();
      file.write(filled(2, 1024), 512);
      let state = seed;
      disk.crash(() => {
        state = (state * 48_271) % 2_147_483_647;
        return state / 2_147_483_647;
      });
      expect(() => file.sync()).toThrow(/EBADF/);
      const sectors = [0, 1, 2, 3].map((sector) => [
        ...new Set(disk.bytes('a').subarray(sector * 512, sector * 512 + 512)),
      ]);
      for (const values of sectors) expect(values).toHaveLength(1);
      expect([sectors[0], sectors[3]]).toEqual([[1], [1]]);
      outcomes.add(sectors.join());
    }
    expect([...outcomes].sort()).toEqual(['1,1,1,1', '1,1,2,1', '1,2,1,1', '1,2,2,1']);
  });

  it('may lose sizes and names that were not synced', () => {
    for (const [random, names, size] of [
      [0, [], 0],
      [0.99, ['a'], 512],
    ] as const) {
      const disk = new MemoryDisk();
      disk.create('a').write(filled(1, 512), 0);
      disk.crash(() => random);
      expect(disk.list()).toEqual(names);
      // The size is of the two that are possible by the other half of the dice.
      if (names.length > 0) expect([0, size]).toContain(disk.bytes('a').length);
    }
    const disk = new MemoryDisk();
    disk.create('a').sync();
    disk.syncFolder();
    disk.rename('a', 'b');
    disk.crash(() => 0);
    expect(disk.list()).toEqual(['a']);
  });

  it('loses nothing when only the process ends', () => {
    const disk = new MemoryDisk();
    const file = disk.create('a');
    file.write(filled(3), 0);
    disk.kill();
    expect(() => file.size).toThrow(/EBADF/);
    expect(disk.bytes('a')).toEqual(filled(3));
    expect(disk.open('a').size).toBe(2048);
  });

  it('is full where it is said to be, as a real one, with a write half done', () => {
    const disk = new MemoryDisk({ capacity: 1000 });
    const file = disk.create('a');
    expect(() => file.write(filled(1), 0)).toThrow(expect.objectContaining({ code: 'ENOSPC' }));
    expect(file.size).toBe(1000);
    file.write(filled(2, 500), 0);
    expect(disk.freeBytes()).toBe(0);
    file.truncate(100);
    expect(disk.freeBytes()).toBe(900);
    expect(() => disk.open('none')).toThrow(expect.objectContaining({ code: 'ENOENT' }));
    expect(() => disk.create('a')).toThrow(expect.objectContaining({ code: 'EEXIST' }));
  });
});
