import { describe, expect, it } from '@jest/globals';
import { CommanderError } from 'commander';
import { createProgram } from '../../src/cli/program.js';

/** What the command says to `args`, and the exit code commander wants. Nothing runs: the arguments are wrong, or ask for help. */
async function say(...args: string[]): Promise<{ out: string; err: string; code: number }> {
  let out = '';
  let err = '';
  const program = createProgram({
    writeOut: (text) => {
      out += text;
    },
    writeErr: (text) => {
      err += text;
    },
    getOutHelpWidth: () => 80,
    getErrHelpWidth: () => 80,
  });
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return { out, err, code: error.exitCode };
    throw error;
  }
  throw new Error(`it ran: ${args.join(' ')}`);
}

describe('wrong arguments', () => {
  it.each<[string, string[], RegExp]>([
    ['an unknown command', ['papr'], /unknown command 'papr' \(Did you mean paper\?\)/],
    ['an unknown subcommand', ['config', 'chekc'], /unknown command 'chekc' \(Did you mean check\?\)/],
    ['an unknown option', ['paper', '--fro', '5s'], /unknown option '--fro' \(Did you mean --for\?\)/],
    ['an argument too many', ['paper', 'now'], /too many arguments for 'paper'/],
    ['an argument too few', ['replay'], /missing required argument 'recording'/],
    ['a duration without meaning', ['paper', '--for', '5x'], /--for <duration>' argument '5x'.*such as 20s/],
    ['no time at all', ['paper', '--for', '0s'], /--for <duration>' argument '0s'.*greater than 0/],
    ['a negative duration', ['paper', '--for', '-3s'], /--for <duration>' argument '-3s'.*greater than 0/],
    ['a port past the last', ['paper', '--metrics-port', '65536'], /'65536'.*from 0 to 65535/],
    ['a port in words', ['sim', '--port', 'http'], /--port <port>' argument 'http'.*from 0 to 65535/],
    ['a port with a fraction', ['sim', '--port', '80.5'], /--port <port>' argument '80.5'.*from 0 to 65535/],
    ['a seed below 0', ['sim', '--seed', '-1'], /--seed <number>' argument '-1'.*from 0 to 4294967295/],
    ['a seed past the last', ['sim', '--seed', '4294967296'], /argument '4294967296'.*to 4294967295/],
    ['an option without its value', ['paper', '--config'], /'-c, --config <file>' argument missing/],
    ['a halt without a reason', ['halt'], /required option '--why <reason>' not specified/],
  ])('%s gets one line that says what is right', async (_, args, words) => {
    const { out, err, code } = await say(...args);
    expect({ out, err, failed: code !== 0 }).toEqual({
      out: '',
      err: expect.stringMatching(words),
      failed: true,
    });
    expect(err).toMatch(/^tradewind: [^\n]+\n$/);
  });
});

describe('--help', () => {
  it.each([
    [[]],
    [['paper']],
    [['replay']],
    [['sim']],
    [['config']],
    [['config', 'check']],
    [['config', 'schema']],
    [['venue']],
    [['venue', 'check']],
    [['halt']],
    [['reduce']],
    [['resume']],
  ])('explains %j within 80 columns', async (command) => {
    const { out, err, code } = await say(...command, '--help');
    expect({ err, code }).toEqual({ err: '', code: 0 });
    expect(out).toMatch(new RegExp(`^Usage: ${['tradewind', ...command].join(' ')} `));
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  it('knows its version', async () => {
    expect(await say('--version')).toEqual({
      out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
      err: '',
      code: 0,
    });
  });
});
