import type { RecordedItem } from '../recorded-item.js';

const SEPARATOR = Buffer.from(': ');
const HEADER = Buffer.from(' header: {');
const CONFIGURATION = 'configuration';
const NOTHING = new Uint8Array(0);
const SECONDS = /^(\d{1,12})(?:\.(\d+))?$/;

/** Unix seconds as a decimal number (`1633998512.0633569`) in whole microseconds; undefined when it is none. */
export function secondsToMicros(text: string): number | undefined {
  const match = SECONDS.exec(text);
  if (match === null) return undefined;
  return Number(match[1]) * 1_000_000 + Number((match[2] ?? '').slice(0, 6).padEnd(6, '0'));
}

/**
 * One line of a cryptofeed v1 capture: undefined for lines that hold no traffic (blank, the recorder's configuration), a
 * text for what is wrong with it otherwise. The message itself is never looked into, except that a REST answer may have
 * its response headers appended.
 */
export function parseCryptofeedLine(line: Buffer): RecordedItem | undefined | string {
  if (line.length === 0) return undefined;
  const colon = line.indexOf(SEPARATOR);
  const prefix = line.toString('latin1', 0, colon < 0 ? line.length : colon);
  if (prefix === CONFIGURATION) return undefined;
  const words = prefix.split(' ');
  if (colon < 0) {
    const [url, arrow, time] = words;
    const tsUs = words.length === 3 && arrow === '<->' ? secondsToMicros(time!) : undefined;
    return tsUs === undefined
      ? 'is no record of a capture'
      : { tsUs, kind: 'connect', url: url!, bytes: NOTHING };
  }
  const tsUs = secondsToMicros(words.at(-1)!);
  if (tsUs === undefined) return 'has no time where one belongs';
  const message = line.subarray(colon + SEPARATOR.length);
  if (words.length === 1) return { tsUs, kind: 'frame', bytes: message };
  const [url, arrow] = words;
  if (words.length === 3 && arrow === '->')
    return { tsUs, kind: 'rest', url: url!, bytes: withoutHeaders(message) };
  if (words.length === 3 && arrow === '<-') return { tsUs, kind: 'sent', url: url!, bytes: message };
  return 'has neither of the arrows <-, -> and <->';
}

function withoutHeaders(body: Buffer): Buffer {
  const at = body.lastIndexOf(HEADER);
  return at > 0 && (body[at - 1] === 0x7d || body[at - 1] === 0x5d) ? body.subarray(0, at) : body;
}
