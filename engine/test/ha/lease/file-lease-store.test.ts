import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeLeaseRow, encodeLeaseRow, LeaseRowError } from '../../../src/ha/index.js';
import { DiskLeaseFolder, FileLeaseStore, type LeaseFolder } from '../../../src/ha/lease/file/index.js';
import { leaseRow } from './support/stores.js';

/** A folder in memory that calls back before each thing it does. */
class MemoryFolder implements LeaseFolder {
  before: () => void = () => {};
  /** Every link that succeeded, in order. */
  readonly links: { readonly to: string; readonly text: string }[];
  readonly #files: Map<string, string>;

  constructor(files = new Map<string, string>(), links: MemoryFolder['links'] = []) {
    this.#files = files;
    this.links = links;
  }

  /** The same files for another process. */
  shared(): MemoryFolder {
    return new MemoryFolder(this.#files, this.links);
  }

  list() {
    this.before();
    return [...this.#files.keys()];
  }

  read(name: string) {
    this.before();
    return this.#files.get(name);
  }

  create(name: string, text: string) {
    this.before();
    this.#files.set(name, '');
    // A process may die between making a file and filling it.
    this.before();
    this.#files.set(name, text);
  }

  link(name: string, to: string) {
    this.before();
    if (this.#files.has(to)) return false;
    const text = this.#files.get(name)!;
    this.#files.set(to, text);
    this.links.push({ to, text });
    return true;
  }

  remove(name: string) {
    this.before();
    this.#files.delete(name);
  }

  sync() {
    this.before();
  }

  ageMs() {
    this.before();
    return 0;
  }
}

class Killed extends Error {}

/** Writes `count` versions after what is there. */
async function advance(store: FileLeaseStore, count: number, holder: string): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    const now = await store.read();
    const version = (now?.version ?? 0) + 1;
    const row = leaseRow({ version, epoch: version, holder });
    expect(await store.write(row, now?.version)).toEqual({ kind: 'stored' });
  }
}

describe('the lease in files', () => {
  test('a process killed at any call to the file system leaves the old row or the new one', async () => {
    let killed = 0;
    for (let at = 0; at < 40; at += 1) {
      const folder = new MemoryFolder();
      const survivor = new FileLeaseStore('lease', 'b', folder.shared());
      const victim = new FileLeaseStore('lease', 'a', folder);
      await advance(victim, 7, 'a');
      const old = (await victim.read())!;
      const next = leaseRow({ version: old.version + 1, epoch: 9, holder: 'new' });
      let calls = 0;
      folder.before = () => {
        if (calls++ >= at) throw new Killed();
      };
      // A dead process does nothing after its last call, whatever the code would do.
      await victim.write(next, old.version).catch(() => {});
      if (calls > at) killed += 1;
      const found = await survivor.read();
      expect([old, next]).toContainEqual(found);
      await advance(survivor, 30, 'b');
    }
    // Both before and after the last call.
    expect(killed).toBeGreaterThan(6);
    expect(killed).toBeLessThan(40);
  });

  test('a writer that stands still at any call, for as long as others like, never wins over them', () => {
    let swept = 0;
    fc.assert(
      fc.property(fc.nat(12), fc.nat(40), fc.boolean(), (at, others, renews) => {
        const folder = new MemoryFolder();
        const slow = new FileLeaseStore('lease', 'a', folder);
        const other = new FileLeaseStore('lease', 'b', folder.shared());
        for (const version of [1, 2, 3]) slow.writeNow(leaseRow({ version }), version - 1 || undefined);
        const row = leaseRow({ version: 4, epoch: renews ? 1 : 50, writeId: 'slow' });
        let calls = 0;
        let stoodStill = false;
        folder.before = () => {
          if (calls++ !== at) return;
          stoodStill = true;
          for (let index = 0; index < others; index += 1) {
            const now = other.readNow()!;
            const version = now.version + 1;
            const next = leaseRow({ version, epoch: 100 + version });
            expect(other.writeNow(next, now.version)).toEqual({ kind: 'stored' });
          }
        };
        const outcome = slow.writeNow(row, 3);
        folder.before = () => {};
        const fourth = folder.links.filter(({ to }) => to === 'lease.4');
        const ours = fourth.findIndex(({ text }) => decodeLeaseRow(text, '').writeId === 'slow');
        // It was swept and linked again: the hazard itself.
        if (fourth.length > 1) swept += 1;
        if (outcome.kind === 'stored') expect(ours).toBe(0);
        if (outcome.kind === 'conflict') expect(ours).toBe(-1);
        // Whoever was first to the highest version has the row.
        const last = folder.links.reduce((a, b) => (versionOf(b.to) > versionOf(a.to) ? b : a));
        expect(other.readNow()).toEqual(decodeLeaseRow(last.text, ''));
        if (!stoodStill || others === 0) expect(outcome).toEqual({ kind: 'stored' });
      }),
      { numRuns: 1_000 },
    );
    expect(swept).toBeGreaterThan(0);
  });

  test('several processes that write as fast as they can take turns, and no version has two writers', async () => {
    const path = mkdtempSync(join(tmpdir(), 'tradewind-lease-'));
    const program = fileURLToPath(new URL('./support/lease-writer.mjs', import.meta.url));
    const runs = [0, 1, 2].map(
      (index) =>
        new Promise<number[]>((resolve, reject) => {
          const child = spawn(process.execPath, [program, path, `w${index}`, '150'], {
            stdio: ['ignore', 'pipe', 'inherit'],
            env: { ...process.env, NODE_OPTIONS: '' },
          });
          let text = '';
          child.stdout.on('data', (chunk: Buffer) => {
            text += chunk.toString();
          });
          child.on('error', reject);
          child.on('exit', () => resolve(JSON.parse(text)));
        }),
    );
    const stored = (await Promise.all(runs)).flat();
    expect(new Set(stored).size).toBe(stored.length);
    expect(stored).toHaveLength(3 * 150);
    // What came out as unknown may have been stored too: no fewer versions than writes.
    const row = (await new FileLeaseStore(path, 'reader').read())!;
    expect(row.version).toBeGreaterThanOrEqual(stored.length);
    expect(readdirSync(path).length).toBeLessThan(40);
    rmSync(path, { recursive: true });
  }, 60_000);

  test('a version that a power cut left unreadable stands for the last readable one', async () => {
    const path = mkdtempSync(join(tmpdir(), 'tradewind-lease-'));
    const store = new FileLeaseStore(path, 'a', new DiskLeaseFolder(path));
    await advance(store, 3, 'a');
    const third = (await store.read())!;
    writeFileSync(join(path, 'lease.4'), '');
    expect(await store.read()).toEqual({ ...third, version: 4 });
    const next = leaseRow({ version: 5, epoch: 4, holder: 'b' });
    expect(await store.write(next, 4)).toEqual({ kind: 'stored' });
    expect(await store.read()).toEqual(next);
    for (const name of readdirSync(path)) writeFileSync(join(path, name), 'x');
    await expect(store.read()).rejects.toThrow(/lease\.5 is no lease: it is no JSON. Restore or delete it/);
    rmSync(path, { recursive: true });
  });

  test('a folder that cannot be written is an unknown outcome that names it', async () => {
    const path = mkdtempSync(join(tmpdir(), 'tradewind-lease-'));
    const file = join(path, 'file');
    writeFileSync(file, '');
    const store = new FileLeaseStore(join(file, 'lease'), 'a');
    const outcome = await store.write(leaseRow(), undefined);
    expect(outcome).toMatchObject({ kind: 'unknown', error: expect.stringContaining(file) });
    rmSync(path, { recursive: true });
  });
});

const versionOf = (name: string) => Number(name.slice('lease.'.length));

describe('a row as text', () => {
  test('comes back as it was', () => {
    const row = leaseRow({ fenced: 'x', handover: 'accepted', address: 'h:1' });
    expect(decodeLeaseRow(encodeLeaseRow(row), 'here')).toEqual(row);
  });

  test('any other text is one typed error', () => {
    const text = fc.oneof(
      fc.string(),
      fc.json(),
      fc.constant('x'.repeat(20_000)),
      fc.tuple(fc.nat(200), fc.string()).map(([at, junk]) => {
        const good = encodeLeaseRow(leaseRow());
        return good.slice(0, at) + junk + good.slice(at + 1);
      }),
    );
    fc.assert(
      fc.property(text, (given) => {
        try {
          expect(decodeLeaseRow(given, 'here').epoch).toBeGreaterThanOrEqual(0);
        } catch (error) {
          expect(error).toBeInstanceOf(LeaseRowError);
        }
      }),
      { numRuns: 500 },
    );
  });
});
