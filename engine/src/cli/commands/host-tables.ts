import {
  type ClockReading,
  formatCpuList,
  type Machine,
  type PlannedSetting,
  type ProfileDifference,
} from '../../host/index.js';

/** A setting as JSON output has it. */
export function settingRow({ knob, state, place, wanted, current, why }: PlannedSetting) {
  return { knob: knob.id, state, place, wanted, current: current ?? null, why };
}

export function settingTable(settings: readonly PlannedSetting[], summary: string): string {
  if (settings.length === 0) return `${summary}\n`;
  const rows = settings.map(({ knob, state, place, wanted, current, why }) => [
    state,
    knob.id,
    place,
    current ?? '-',
    wanted,
    why === '' ? knob.title : `${knob.title}: ${why}`,
  ]);
  return `${columns(['state', 'knob', 'place', 'now', 'wanted', 'why'], rows)}\n${summary}\n`;
}

/** What the machine is, and how many settings are in which state. */
export function summaryLine(profile: string, machine: Machine, settings: readonly PlannedSetting[]): string {
  const counts = new Map<string, number>();
  for (const { state } of settings) counts.set(state, (counts.get(state) ?? 0) + 1);
  const { layout, cpus } = machine;
  const split =
    layout.isolated.length === 0
      ? `${cpus.length} CPUs, none isolated`
      : `${cpus.length} CPUs: ${formatCpuList(layout.isolated)} isolated, ${formatCpuList(layout.housekeeping)} housekeeping`;
  const states = [...counts].map(([state, count]) => `${count} ${state}`).join(', ');
  return `profile ${profile}; ${split}; settings: ${states}`;
}

export function differenceTable(differences: readonly ProfileDifference[]): string {
  return differences
    .map(
      ({ title, audited, maxSpeed, relaxes }) =>
        `${title}\n  audited    ${audited}\n  max-speed  ${maxSpeed}\n  cost       ${relaxes}\n`,
    )
    .join('\n');
}

export function clockTable(reading: ClockReading): string {
  const { synchronized, source, stratum, offset, errorBound, hardwareErrorBound } = reading;
  if (!synchronized) return 'not synchronized: chrony follows no source\n';
  const rows: [string, string][] = [
    ['source', `${source}, stratum ${stratum}`],
    ['offset', `${micros(offset)} (${offset < 0 ? 'behind' : 'ahead'})`],
    ['error bound', micros(errorBound)],
  ];
  if (hardwareErrorBound !== undefined) rows.push(['of the device', micros(hardwareErrorBound)]);
  return rows.map(([label, text]) => `${label.padEnd(14)} ${text}\n`).join('');
}

function micros(seconds: number): string {
  return `${(seconds * 1e6).toFixed(3)} µs`;
}

/** Columns as wide as their widest cell; the last one is not padded. */
function columns(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]!.length)));
  return [header, ...rows]
    .map((row) =>
      row
        .map((text, i) => (i === row.length - 1 ? text : text.padEnd(widths[i]!)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
