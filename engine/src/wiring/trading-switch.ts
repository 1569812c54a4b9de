import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { TradingState } from '../domain/index.js';

/** What a person, or a breaker, has decided about trading. */
export interface TradingSetting {
  readonly state: TradingState;
  readonly who: string;
  readonly why: string;
}

const WORDS = {
  active: TradingState.Active,
  reducing: TradingState.Reducing,
  halted: TradingState.Halted,
} as const;
const word = (state: TradingState) =>
  (Object.keys(WORDS) as (keyof typeof WORDS)[]).find((key) => WORDS[key] === state)!;

const stored = z.strictObject({
  state: z.enum(['active', 'reducing', 'halted']),
  who: z.string(),
  why: z.string(),
  at: z.string(),
});

const ACTIVE: TradingSetting = { state: TradingState.Active, who: '', why: '' };

/**
 * The kill switch as a file in the state folder, so that it is latched across restarts: whoever halted trading, a person
 * or a breaker, it stays halted until a person says otherwise. No file means active; a file that cannot be understood
 * means halted.
 */
export class TradingSwitch {
  readonly path: string;
  /** When what {@link poll} told last was decided, microseconds; 0 when nobody did, or it can not be told. */
  decidedUs = 0;
  #last = '';

  constructor(stateDir: string) {
    this.path = join(stateDir, 'trading-state.json');
  }

  /** The setting now, or undefined when the file has not changed since the last call. */
  poll(): TradingSetting | undefined {
    let text: string;
    try {
      text = readFileSync(this.path, 'utf8');
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      text = code === 'ENOENT' ? '' : `unreadable: ${code}`;
    }
    if (text === this.#last) return undefined;
    this.#last = text;
    const decided = text === '' ? undefined : parse(text);
    this.decidedUs = decided?.decidedUs ?? 0;
    if (text === '') return ACTIVE;
    return (
      decided?.setting ?? {
        ...{ state: TradingState.Halted, who: 'engine' },
        why: `${this.path} cannot be understood`,
      }
    );
  }

  /** Stores a setting durably; the next {@link poll} of this object does not tell it again. */
  set(setting: TradingSetting, nowUs: number): void {
    const { state, who, why } = setting;
    const at = new Date(nowUs / 1000).toISOString();
    const text = `${JSON.stringify({ state: word(state), who, why, at }, null, 2)}\n`;
    mkdirSync(dirname(this.path), { recursive: true });
    const draft = `${this.path}.${process.pid}.new`;
    const file = openSync(draft, 'w');
    try {
      writeSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(draft, this.path);
    this.#last = text;
  }
}

function parse(text: string): { readonly setting: TradingSetting; readonly decidedUs: number } | undefined {
  try {
    const { state, who, why, at } = stored.parse(JSON.parse(text));
    return { setting: { state: WORDS[state], who, why }, decidedUs: (Date.parse(at) || 0) * 1000 };
  } catch {
    return undefined;
  }
}
