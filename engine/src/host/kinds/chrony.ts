import type { Finding, SettingKind } from '../setting.js';
import { file, makeFelt } from './file.js';

/** Place of what the running daemon listens to. */
const RUNNING = 'chronyd sources';

/**
 * The configuration of the clock daemon. It is ours as a whole, as any further source in it would be averaged with ours:
 * the hardware clock does not smear leap seconds, Amazon's NTP does, and the two must never be mixed.
 */
export const chrony: SettingKind = {
  inspect: (knob, wanted, context) => {
    const findings: Finding[] = [...file.inspect(knob, wanted, context)];
    const { root, run, machine } = context;
    if (machine.environment.get('TRADEWIND_CLOCK') === 'ptp' && machine.ptpDevice === undefined) {
      findings.push({
        place: 'hardware clock',
        wanted: 'present',
        current: 'absent',
        right: false,
        waits: 'host.env wants it; it appears at a boot with a driver and an instance type that have it',
      });
    }
    // What the running daemon really listens to, where it runs.
    if (root.exists('/run/chrony') && findings[0]!.right) {
      const { code, stdout } = run('chronyc', ['-c', '-n', 'sources']);
      const modes = new Set(
        stdout
          .split('\n')
          .filter((line) => line.includes(','))
          .map((line) => (line.startsWith('#') ? 'hardware clock' : 'NTP')),
      );
      if (code === 0 && modes.size > 0) {
        const current = [...modes].sort().join(' and ');
        const expected = wanted.includes('phc') ? 'hardware clock' : 'NTP';
        findings.push({ place: RUNNING, wanted: expected, current, right: current === expected });
      }
    }
    return findings;
  },
  apply: (knob, finding, context) => {
    // The file is right and the daemon has not read it: restart it.
    if (finding.place === RUNNING) makeFelt(knob, context);
    else file.apply!(knob, finding, context);
  },
};
