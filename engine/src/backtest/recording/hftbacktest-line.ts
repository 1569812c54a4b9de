import type { RecordedItem } from '../recorded-item.js';

const SPACE = 0x20;
const NANOSECONDS = /^\d{4,19}$/;
const LAST_UPDATE_ID = Buffer.from('"lastUpdateId"');
const STREAM = Buffer.from('{"stream"');
/** How far into a message its kind must show. */
const HEAD = 256;

/**
 * One line of an hftbacktest capture: `NANOSECONDS MESSAGE`. The one message that is no combined-stream frame but has a
 * `lastUpdateId` is the REST depth snapshot. A text says what is wrong with a line that is neither.
 */
export function parseHftbacktestLine(line: Buffer): RecordedItem | undefined | string {
  if (line.length === 0) return undefined;
  const space = line.indexOf(SPACE);
  const time = line.toString('latin1', 0, Math.max(0, Math.min(space, 32)));
  if (!NANOSECONDS.test(time)) return 'does not begin with a time in nanoseconds';
  const bytes = line.subarray(space + 1);
  if (bytes.length === 0) return 'has no message after its time';
  const head = bytes.subarray(0, HEAD);
  const rest = head.indexOf(STREAM) !== 0 && head.indexOf(LAST_UPDATE_ID) >= 0;
  return { tsUs: Number(time.slice(0, -3)), kind: rest ? 'rest' : 'frame', bytes };
}
