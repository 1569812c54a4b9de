import { type Check, type Spread, spreadOf, type Violation } from './judge/index.js';
import type { Options } from './options.js';
import type { RoundResult } from './rounds/round.js';

/** A fault of one kind over all its rounds. Durations in milliseconds. */
export interface ReportRow {
  readonly name: string;
  readonly runs: number;
  readonly faults: number;
  readonly orders: number;
  readonly requests: number;
  readonly fills: number;
  /** Placed and canceled, a second, from the first to the last. */
  readonly requestsPerSecond: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly breached: number;
  /** Of any other kind. */
  readonly otherViolations: number;
  /** Orders that ended untraded before anybody who lived had heard of them. */
  readonly unseen: number;
  readonly unforced: number;
  readonly failoverMs: Spread | undefined;
  readonly recoveryMs: Spread | undefined;
  readonly problems: number;
}

export interface Report {
  readonly seed: number;
  readonly durability: string;
  readonly symbols: number;
  readonly lease: 'etcd' | 'file' | 'none';
  readonly seconds: number;
  readonly skipped: Readonly<Record<string, string>>;
  readonly rows: readonly ReportRow[];
  readonly total: ReportRow;
  readonly rounds: readonly RoundResult[];
}

const LOST: readonly Check[] = ['order lost', 'fill lost'];
const DUPLICATED: readonly Check[] = ['order duplicated', 'two leaders', 'fill booked twice'];

export function makeReport(
  options: Options,
  rounds: readonly RoundResult[],
  skipped: Readonly<Record<string, string>>,
  seconds: number,
): Report {
  const names = [...new Set(rounds.map(({ name }) => name))];
  return {
    seed: options.seed,
    durability: options.durability,
    symbols: options.symbols,
    lease: rounds.find(({ lease }) => lease !== undefined)?.lease ?? 'none',
    seconds: Math.round(seconds),
    skipped,
    rows: names.map((name) =>
      rowOf(
        name,
        rounds.filter((round) => round.name === name),
      ),
    ),
    total: rowOf('all', rounds),
    rounds,
  };
}

function rowOf(name: string, rounds: readonly RoundResult[]): ReportRow {
  const sum = (of: (round: RoundResult) => number) => rounds.reduce((total, round) => total + of(round), 0);
  const violations = rounds.flatMap((round) => round.violations);
  const count = (checks: readonly Check[]) => violations.filter(({ check }) => checks.includes(check)).length;
  const [lost, duplicated, breached] = [count(LOST), count(DUPLICATED), count(['limit breached'])];
  const seconds = sum((round) => round.seconds);
  return {
    ...{ name, runs: rounds.length, faults: sum((round) => round.faults) },
    ...{ orders: sum((round) => round.orders), requests: sum((round) => round.requests) },
    fills: sum((round) => round.fills),
    requestsPerSecond: seconds === 0 ? 0 : Math.round(sum((round) => round.requests) / seconds),
    ...{ lost, duplicated, breached },
    otherViolations: violations.length - lost - duplicated - breached,
    unseen: sum((round) => round.unseen),
    unforced: sum((round) => round.unforced),
    failoverMs: spreadOf(rounds.flatMap((round) => round.failoversMs)),
    recoveryMs: spreadOf(rounds.flatMap((round) => round.recoveriesMs)),
    problems: sum((round) => round.problems.length),
  };
}

/** Whether nothing was found and everything happened that should have. */
export function isClean({ total }: Report): boolean {
  const { lost, duplicated, breached, otherViolations, problems } = total;
  return lost + duplicated + breached + otherViolations + problems === 0;
}

const COLUMNS: readonly (readonly [string, (row: ReportRow) => string | number])[] = [
  ['', ({ name }) => name],
  ['runs', ({ runs }) => runs],
  ['faults', ({ faults }) => faults],
  ['orders', ({ orders }) => orders],
  ['requests/s', ({ requestsPerSecond }) => requestsPerSecond],
  ['fills', ({ fills }) => fills],
  ['lost', ({ lost }) => lost],
  ['duplicated', ({ duplicated }) => duplicated],
  ['breached', ({ breached }) => breached],
  ['other', ({ otherViolations, problems }) => otherViolations + problems],
  ['unforced', ({ unforced }) => unforced],
  ['failover ms p50/p99/max', ({ failoverMs }) => spreadText(failoverMs)],
  ['recovery ms p50/p99/max', ({ recoveryMs }) => spreadText(recoveryMs)],
];

const spreadText = (spread: Spread | undefined) =>
  spread === undefined ? '-' : [spread.p50, spread.p99, spread.max].map((ms) => Math.round(ms)).join('/');

/** For people. */
export function renderReport(report: Report): string {
  const rows = report.rows.length > 1 ? [...report.rows, report.total] : report.rows;
  const cells = [
    COLUMNS.map(([title]) => title),
    ...rows.map((row) => COLUMNS.map(([, of]) => `${of(row)}`)),
  ];
  const widths = COLUMNS.map((_, i) => Math.max(...cells.map((row) => row[i]!.length)));
  const lines = cells.map((row) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  '),
  );
  for (const [name, why] of Object.entries(report.skipped)) lines.push(`SKIPPED ${name}: ${why}`);
  if (report.lease === 'file') {
    lines.push('NO ETCD on this machine (Debian: etcd-server): the lease was kept in files.');
  }
  for (const round of report.rounds) lines.push(...findings(round));
  const { unseen } = report.total;
  if (unseen > 0) {
    lines.push(
      `${unseen} orders ended untraded before anybody who lived had heard of them (${report.durability})`,
    );
  }
  lines.push(
    `seed ${report.seed}, ${report.seconds} s: ${isClean(report) ? 'nothing lost, nothing sent twice' : 'FAILED'}`,
  );
  return lines.join('\n');
}

const SHOWN = 10;

function findings({ name, seed, folder, violations, problems }: RoundResult): string[] {
  if (violations.length + problems.length === 0) return [];
  return [
    `${name}, seed ${seed}: ${violations.length} violations, ${problems.length} problems; kept in ${folder}`,
    ...violations.slice(0, SHOWN).map((violation) => `  ${violationText(violation)}`),
    ...problems.slice(0, SHOWN).map((problem) => `  ${problem}`),
  ];
}

function violationText({ check, us, detail }: Violation): string {
  return `${check}${us === 0 ? '' : ` at ${new Date(us / 1000).toISOString()}`}: ${detail}`;
}
