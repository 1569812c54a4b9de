import { machine } from '../lib/machine.mjs';
import { printCells } from '../lib/report.mjs';

const WORDS = {
  pass: 'pass',
  regression: 'REGRESSION',
  inconclusive: 'INCONCLUSIVE',
  skipped: 'skipped',
  waived: 'waived',
};

/** What was compared, and where. */
export function describe(base, head, seed) {
  return { base, head, seed, machine: { node: process.versions.node, ...machine() } };
}

export function printFindings(findings) {
  printCells([
    ['workload', 'gate', 'verdict', 'head to base'],
    ...findings.map(({ workload, gate, state, detail }) => [workload, gate, WORDS[state], detail]),
  ]);
}

export function conclusion(findings) {
  const named = (wanted) =>
    findings.filter(({ state }) => state === wanted).map(({ workload, gate }) => `${workload} (${gate})`);
  const [slower, unknown, skipped] = [named('regression'), named('inconclusive'), named('skipped')];
  if (slower.length > 0) return `refused: ${slower.join(', ')}`;
  if (unknown.length > 0) return `not known: ${unknown.join(', ')}; run it again on a quieter machine`;
  return `no regression${skipped.length > 0 ? `; not looked at: ${skipped.join(', ')}` : ''}`;
}

/** A summary for a pull request. */
export function markdown(findings, { base, head, machine: { node, cpu, cores } }) {
  const rows = findings.map(
    ({ workload, gate, state, detail }) =>
      `| ${workload} | ${gate} | ${state === 'regression' ? '**REGRESSION**' : WORDS[state]} | ${detail.replaceAll('|', '\\|')} |`,
  );
  return [
    `### Performance: ${conclusion(findings)}`,
    '',
    `\`${head.slice(0, 11)}\` against \`${base.slice(0, 10)}\`, Node ${node}, ${cores} x ${cpu}`,
    '',
    '| workload | gate | verdict | head to base |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}
