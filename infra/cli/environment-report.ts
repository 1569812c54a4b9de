import {
  type Consequence,
  consequences,
  EnvironmentError,
  type EnvironmentProblem,
  formatConsequence,
  formatProblem,
  loadEnvironment,
  type RecoveryScenario,
  recoveryScenarios,
  shortDuration,
} from '../model/index.js';
import type { Colors } from './colors.js';

/** What there is to say about one environment file. */
export type EnvironmentReport =
  | { readonly file: string; readonly ok: false; readonly problems: readonly EnvironmentProblem[] }
  | {
      readonly file: string;
      readonly ok: true;
      readonly name: string;
      readonly stage: string;
      readonly region: string;
      readonly recovery: readonly RecoveryScenario[];
      readonly consequences: readonly Consequence[];
    };

/** Checks a file. What is wrong with it is data; only a fault of this program throws. */
export function environmentReport(file: string): EnvironmentReport {
  try {
    const { config } = loadEnvironment(file);
    const { name, stage, region } = config;
    const recovery = recoveryScenarios(config);
    return { file, ok: true, name, stage, region, recovery, consequences: consequences(config, file) };
  } catch (error) {
    if (error instanceof EnvironmentError) return { file, ok: false, problems: error.problems };
    throw error;
  }
}

/** For people. One line to a problem. */
export function formatReport(report: EnvironmentReport, colors: Colors): string {
  if (!report.ok) {
    const count = report.problems.length === 1 ? '1 problem' : `${report.problems.length} problems`;
    const lines = report.problems.map((problem) => `  ${formatProblem(problem)}`);
    return [`${report.file}: ${colors.red(count)}`, ...lines, ''].join('\n');
  }
  const { file, name, stage, region } = report;
  return [
    `${file}: ${colors.green('OK')}, ${name} (${stage}, ${region})`,
    '',
    ...report.recovery.flatMap((scenario) => recoveryTable(scenario, colors)),
    ...consequenceList(report.consequences, colors),
    '',
  ].join('\n');
}

const INDENT = '  ';

function recoveryTable(
  { lost, covered, stages, totalMs, lossMs, lossWhy }: RecoveryScenario,
  colors: Colors,
): string[] {
  const title = `${INDENT}${colors.bold(`loss of the ${lost}`)}`;
  if (!covered) return [`${title}: no way back, ${lossWhy}`, ''];
  const rows = stages.map(({ name, ms, source }) => [shortDuration(ms), name, source] as const);
  rows.push([shortDuration(totalMs), 'until the first order', 'sum']);
  const width = (column: 0 | 1) => Math.max(...rows.map((row) => row[column].length));
  const [figures, names] = [width(0), width(1)];
  const loss =
    lossMs === 0 ? 'nothing' : Number.isFinite(lossMs) ? `up to ${shortDuration(lossMs)}` : 'everything';
  return [
    title,
    ...rows.map(([figure, name, source]) =>
      `${INDENT}${INDENT}${figure.padStart(figures)}  ${name.padEnd(names)}  ${colors.dim(source)}`.trimEnd(),
    ),
    `${INDENT}${INDENT}loses ${loss}: ${lossWhy}`,
    '',
  ];
}

const MARKS: Readonly<Record<Consequence['severity'], string>> = {
  info: ' ',
  warning: '!',
  irreversible: 'X',
};

function consequenceList(list: readonly Consequence[], colors: Colors): string[] {
  const topics = [...new Set(list.map(({ topic }) => topic))];
  const paint = { info: (text: string) => text, warning: colors.yellow, irreversible: colors.red };
  return [
    `${INDENT}${colors.bold('what the choices entail')} (! a risk or a cost, X can not be taken back)`,
    ...topics.flatMap((topic) =>
      list
        .filter((one) => one.topic === topic)
        .map(
          (one) =>
            `${INDENT}${paint[one.severity](MARKS[one.severity])} ${colors.dim(`${topic}:`)} ${formatConsequence(one)}`,
        ),
    ),
  ];
}
