import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parseConfig } from '../../src/config/index.js';
import { claimJournalFolder } from '../../src/wiring/journal-folder.js';
import { runPair } from '../../src/wiring/pair.js';
import { claimNode } from '../../src/wiring/pair-node.js';
import type { EngineContext } from '../../src/wiring/solo.js';
import { temporaryFolder } from '../e2e/support/engine-process.js';

const configOf = (session: object) => parseConfig(Buffer.from(JSON.stringify({ session })));

describe('a pair', () => {
  it('refuses to record into one file what belongs to several terms, and says where it is', async () => {
    const stateDir = temporaryFolder();
    const config = configOf({ stateDir, recordTo: join(stateDir, 'events.twev') });
    const context = { options: { loaded: { config } } } as unknown as EngineContext;
    await expect(runPair(context)).rejects.toThrow(/^session\.recordTo \(--record\): .*a\/journal$/);
  });

  it('gives each node a name of its own, and a name to one process only', () => {
    const stateDir = temporaryFolder();
    const [a, b] = [claimNode(stateDir, undefined), claimNode(stateDir, undefined)];
    expect([a.name, b.name]).toEqual(['a', 'b']);
    expect(() => claimNode(stateDir, undefined)).toThrow(/^ha\.node \(--node\): both a and b/);
    expect(() => claimNode(stateDir, 'b')).toThrow(`b is running already, as process ${process.pid}`);
    b.release();
    expect(claimNode(stateDir, 'b').name).toBe('b');
  });

  it('says which setting is wrong where its state can not be kept', () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    const words = /^session\.stateDir: cannot write in .*: name a folder that can be written to$/;
    expect(() => claimNode(file, 'a')).toThrow(words);
    expect(() => claimJournalFolder(configOf({ stateDir: file }))).toThrow(words);
  });
});
