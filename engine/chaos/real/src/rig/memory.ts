import { existsSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';

const MEMORY = '/dev/shm';

/**
 * A new folder in memory, or in `folder` where that can not be had. The disk belongs to the journals: whoever else writes
 * to it waits seconds, now and then, for what they have synced.
 */
export function memoryFolder(folder: string, name: string): string {
  return mkdtempSync(join(existsSync(MEMORY) ? MEMORY : folder, `tradewind-${name}-`));
}
