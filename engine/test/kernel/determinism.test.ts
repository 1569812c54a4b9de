import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { transformFileSync } from '@swc/core';
import { BinaryWriter, EventLogWriter, encodeCommands } from '../../src/journal/index.js';
import { SETTINGS, Session } from './support/session.js';

const here = dirname(fileURLToPath(import.meta.url));
const ROOMS = ['domain', 'telemetry', 'book', 'portfolio', 'risk', 'oms', 'strategies', 'kernel', 'journal'];

let folder: string;

/** Compiles what the replay needs, so that the child runs today's sources and no stale build. */
function compile(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const { name } = entry;
    if (entry.isDirectory()) compile(join(from, name), join(to, name));
    if (!name.endsWith('.ts')) continue;
    const { code } = transformFileSync(join(from, name), {
      jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
      module: { type: 'es6' },
    });
    writeFileSync(join(to, name.replace('.ts', '.js')), code.replaceAll('../../../src/', '../src/'));
  }
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tradewind-replay-'));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  for (const room of ROOMS) compile(join(here, '../../src', room), join(folder, 'src', room));
  compile(join(here, 'support'), join(folder, 'test'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a session while logging it; answers with what a replay must come to. */
async function record(seed: number, path: string) {
  const log = new EventLogWriter(path);
  const writer = new BinaryWriter();
  const all = createHash('sha256');
  let events = 0;
  const session = new Session(seed, SETTINGS, {
    onApplied(event, commands) {
      events++;
      log.append(event, commands);
      writer.reset();
      if (commands.length > 0) encodeCommands(commands, writer);
      all.update(writer.bytes);
    },
  });
  session.open().run(4000);
  session.stop();
  await log.close();
  const { view } = session.kernel;
  return { view, outcome: { events, commands: all.digest('hex'), stateHash: session.kernel.stateHash() } };
}

describe('a recorded session', () => {
  it('replays in a fresh process to the same commands byte for byte and the same state hash', async () => {
    const path = join(folder, 'session.log');
    const { view, outcome } = await record(20_240_607, path);
    // Worth replaying: it traded, was refused, and went through trouble.
    expect(view.orders.counters.fills).toBeGreaterThan(50);
    expect(view.orders.counters.rejected).toBeGreaterThan(5);
    expect(view.counters.booksInvalidated).toBeGreaterThan(3);
    expect(view.counters.queries).toBeGreaterThan(5);
    const output = execFileSync(process.execPath, [join(here, 'support/replay-child.mjs'), folder, path], {
      env: { ...process.env, NODE_OPTIONS: '', REPLAY_SETTINGS: JSON.stringify(SETTINGS) },
      encoding: 'utf8',
    });
    expect(JSON.parse(output)).toEqual({ ...outcome, differences: 0 });
  });

  it('differs for another seed', async () => {
    const first = await record(1, join(folder, 'first.log'));
    const second = await record(2, join(folder, 'second.log'));
    expect(first.outcome.stateHash).not.toBe(second.outcome.stateHash);
    expect(first.outcome.commands).not.toBe(second.outcome.commands);
  });
});
