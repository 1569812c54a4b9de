import type { EnvironmentConfig } from '../schema.js';

/**
 * The Change Calendar in which no upgrade may start, as iCalendar text (RFC 5545) in the form Systems Manager takes:
 * open by default, each window of `operations.tradingHours` an event that closes it.
 */
export function changeCalendar({ name, operations }: Pick<EnvironmentConfig, 'name' | 'operations'>): string {
  const lines = [
    'BEGIN:VCALENDAR',
    `PRODID:-//AWS//Change Calendar 1.0//EN`,
    'VERSION:2.0',
    'X-CALENDAR-TYPE:DEFAULT_OPEN',
    `X-WR-CALDESC:${text(`Trading hours of ${name}: no upgrade starts in them`)}`,
    ...operations.tradingHours.flatMap(({ start, end, why }, index) => [
      'BEGIN:VEVENT',
      // Nothing here may change from one synthesis to the next but what the file says.
      `DTSTAMP:${utc(start)}`,
      `UID:${name}-${index + 1}@tradewind`,
      `SUMMARY:${text(why)}`,
      `DTSTART:${utc(start)}`,
      `DTEND:${utc(end)}`,
      'END:VEVENT',
    ]),
    'END:VCALENDAR',
  ];
  return lines
    .flatMap(fold)
    .map((line) => `${line}\r\n`)
    .join('');
}

/** `20270104T130000Z`. */
function utc(iso: string): string {
  return `${new Date(iso).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
}

function text(value: string): string {
  return value.replaceAll(/[\\;,]/g, '\\$&').replaceAll('\n', '\\n');
}

/** Lines hold at most 75 octets; the next ones begin with a space. */
function fold(line: string): string[] {
  const folded: string[] = [];
  let rest = Buffer.from(line);
  while (rest.length > 75) {
    let cut = folded.length === 0 ? 75 : 74;
    // Not within a character.
    while (((rest[cut] as number) & 0xc0) === 0x80) cut--;
    folded.push(rest.subarray(0, cut).toString());
    rest = rest.subarray(cut);
  }
  folded.push(rest.toString());
  return folded.map((part, index) => (index === 0 ? part : ` ${part}`));
}
