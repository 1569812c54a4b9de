import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const LIBRARIES = '/usr/lib';
const NAME = 'faketime/libfaketimeMT.so.1';

/** The wall clock of one process, to be set while it runs; its monotonic clock goes on as it was. */
export class WallClock {
  readonly #file: string;

  static library(): string | undefined {
    if (!existsSync(LIBRARIES)) return undefined;
    const folders = [LIBRARIES, ...readdirSync(LIBRARIES).map((name) => join(LIBRARIES, name))];
    return folders.map((folder) => join(folder, NAME)).find((path) => existsSync(path));
  }

  constructor(folder: string, name: string) {
    this.#file = join(folder, `${name}.clock`);
    this.set(0);
  }

  /** Off the true time by so many seconds. */
  set(seconds: number): void {
    writeFileSync(this.#file, `${seconds < 0 ? '-' : '+'}${Math.abs(seconds)}s\n`);
  }

  /** What a process with such a clock leaves behind when it is killed. */
  static forget(pid: number | undefined): void {
    for (const name of [`faketime_shm_${pid}`, `sem.faketime_sem_${pid}`]) {
      rmSync(join('/dev/shm', name), { force: true });
    }
  }

  /** Of a process whose clock this is. */
  get environment(): Record<string, string> {
    return {
      LD_PRELOAD: WallClock.library()!,
      FAKETIME_TIMESTAMP_FILE: this.#file,
      FAKETIME_CACHE_DURATION: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      DONT_FAKE_MONOTONIC: '1',
    };
  }
}
