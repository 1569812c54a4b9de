import { FolderDisk, type FolderKeeping, SharedFolder, SharedFolderChores } from '../../journal/index.js';

/** A folder in which there is nothing to do is looked at so often. */
const LOOK_MS = 200;

/** The chores of a standby's folder, on a thread that waits for a journal: between two slices it hears what it is told. */
export class IdleChores {
  readonly #chores: SharedFolderChores;
  readonly #nowUs: () => number;
  #soon: NodeJS.Immediate | undefined;
  #later: NodeJS.Timeout | undefined;

  constructor({ folder, shared, ...rest }: FolderKeeping, nowUs: () => number) {
    this.#nowUs = nowUs;
    const disk = new FolderDisk(folder);
    this.#chores = new SharedFolderChores({ disk, shared: new SharedFolder(shared), ...rest });
    this.#step();
  }

  /** Ends them before the thread writes in that folder itself. */
  close(): void {
    clearImmediate(this.#soon);
    clearTimeout(this.#later);
    this.#chores.close();
  }

  #step(): void {
    if (this.#chores.step(this.#nowUs())) this.#soon = setImmediate(() => this.#step());
    else this.#later = setTimeout(() => this.#step(), LOOK_MS);
  }
}
