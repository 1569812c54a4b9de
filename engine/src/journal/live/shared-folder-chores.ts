import type { JournalDisk } from '../disk.js';
import type { SharedFolder } from '../shared-folder.js';
import { FolderChores } from './folder-chores.js';

export interface SharedFolderChoresOptions {
  readonly disk: JournalDisk;
  readonly shared: SharedFolder;
  readonly retainBytes: number;
  readonly compress: boolean;
  /** See `FolderChoresOptions`. */
  readonly everyUs?: number;
}

/** Nobody reads this journal from here. */
const noStandby = () => Number.POSITIVE_INFINITY;

/**
 * The chores of a folder that another thread writes in: only closed segments, never while the history there is being replaced,
 * and from the beginning after it was.
 */
export class SharedFolderChores {
  readonly #options: SharedFolderChoresOptions;
  #chores: FolderChores;
  #serial: number;

  constructor(options: SharedFolderChoresOptions) {
    this.#options = options;
    this.#serial = options.shared.serial;
    this.#chores = this.#begin();
  }

  /** As `FolderChores.step`; nothing while somebody else has the folder to himself. */
  step(nowUs: number): boolean {
    const { shared } = this.#options;
    return (
      shared.ifFree(() => {
        if (this.#serial !== shared.serial) {
          // The segment that was being compressed may be no part of the journal any more.
          this.#chores.close();
          this.#serial = shared.serial;
          this.#chores = this.#begin();
        }
        return this.#chores.step(nowUs);
      }) ?? false
    );
  }

  /** Leaves a segment that is being compressed as it was. */
  close(): void {
    this.#chores.close();
  }

  #begin(): FolderChores {
    const { shared: _shared, ...options } = this.#options;
    return new FolderChores({ ...options, neededByStandby: noStandby });
  }
}
