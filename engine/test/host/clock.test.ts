import { describe, expect, it } from '@jest/globals';
import { clockMetrics, driftMetrics, readClock, tuneHost, verifyHost } from '../../src/host/index.js';
import { namingFaults } from '../../src/telemetry/index.js';
import { FakeMachine, HOST_FILES } from './support/fake-machine.js';

/** As `chronyc -c -n tracking` of chrony 4.3 answers. */
const PHC =
  '50484330,PHC0,1,1763733600.123456789,0.000000412,-0.000000021,0.000000300,-12.345,0.001,0.010,0.000010000,0.000002000,1.0,Normal';
const NTP =
  'A9FEA97B,169.254.169.123,4,1763733590.500000000,-0.000012500,0.000003000,0.000004000,1.5,-0.002,0.02,0.000240000,0.000150000,16.2,Normal';
const NOBODY =
  '7F7F0101,,0,0.000000000,0.000000000,0.000000000,0.000000000,0.0,0.0,0.0,1.000000000,1.000000000,0.0,Not synchronised';

function machineThat(answers: string, ptp: boolean): FakeMachine {
  const machine = new FakeMachine({ ena: { ens5: 2 }, ptp });
  machine.standIn('chronyc', `[ "$*" = "-c -n tracking" ] && echo '${answers}'`);
  return machine;
}

describe('the clock', () => {
  it('is as wrong as chrony and the hardware clock say together', () => {
    const reading = readClock(machineThat(PHC, true).root);
    expect(reading).toMatchObject({ synchronized: true, source: 'PHC0', stratum: 1 });
    // chrony has yet to add 412 ns: the system clock is behind.
    expect(reading.offset).toBeCloseTo(-412e-9, 12);
    expect(reading.hardwareErrorBound).toBeCloseTo(25e-6, 12);
    expect(reading.errorBound).toBeCloseTo(412e-9 + 5e-6 + 2e-6 + 25e-6, 12);
  });

  it('does not count a hardware clock it does not follow', () => {
    const reading = readClock(machineThat(NTP, true).root);
    expect(reading.hardwareErrorBound).toBeUndefined();
    expect(reading.offset).toBeCloseTo(12.5e-6, 12);
    expect(reading.errorBound).toBeCloseTo(12.5e-6 + 120e-6 + 150e-6, 12);
  });

  it('has neither offset nor bound while it follows nobody', async () => {
    const text = await clockMetrics(readClock(machineThat(NOBODY, false).root));
    expect(text).toMatch(/^tradewind_clock_synchronized 0$/m);
    expect(text).not.toMatch(/offset_seconds|error_bound_seconds/);
  });

  it('is exported under well-formed names', async () => {
    const text = await clockMetrics(readClock(machineThat(PHC, true).root));
    expect(text).toMatch(/^tradewind_clock_synchronized 1$/m);
    expect(text).toMatch(/^tradewind_clock_error_bound_seconds 0\.0000324\d*$/m);
    expect(text).toMatch(/^tradewind_clock_source_info\{source="PHC0"\} 1$/m);
    expectGoodNames(text);
  });

  it.each([
    [
      'chrony is not there',
      (m: FakeMachine) => m.remove('/run/tradewind/stand-ins/chronyc'),
      /chronyc -c -n tracking: failed with 127: chronyc is not installed/,
    ],
    [
      'chrony does not answer',
      (m: FakeMachine) => m.standIn('chronyc', 'echo "506 Cannot talk to daemon"; exit 1'),
      /failed with 1: 506 Cannot talk to daemon/,
    ],
    [
      'the answer is another',
      (m: FakeMachine) => m.standIn('chronyc', 'echo "a,b"'),
      /"a,b" is no tracking report: 14 values were expected/,
    ],
  ])('is an error when %s', (_, break_, message) => {
    const machine = machineThat(PHC, true);
    break_(machine);
    expect(() => readClock(machine.root)).toThrow(message);
  });
});

describe('drift as metrics', () => {
  it('counts per knob and in all, and tells when a boot is missing', async () => {
    const machine = new FakeMachine();
    const options = { root: machine.root, files: HOST_FILES };
    tuneHost(options);
    machine.write('/proc/sys/vm/swappiness', '60\n');
    const verdict = verifyHost(options);
    const text = await driftMetrics(verdict, 1_763_733_600);
    expect(text).toMatch(/^tradewind_host_setting_drift\{knob="swappiness"\} 1$/m);
    expect(text).toMatch(/^tradewind_host_setting_drift\{knob="busy-poll"\} 0$/m);
    expect(text).not.toMatch(/knob="isolcpus"/);
    // swappiness, and skew_tick with the two idle state limits, which wait for a boot.
    expect(text).toMatch(/^tradewind_host_drift 4$/m);
    expect(text).toMatch(/^tradewind_host_reboot_required 1$/m);
    expect(text).toMatch(/^tradewind_host_profile_info\{profile="audited"\} 1$/m);
    expect(text).toMatch(/^tradewind_host_verified_timestamp_seconds 1763733600$/m);
    expectGoodNames(text);
  });
});

function expectGoodNames(text: string): void {
  const families = [...text.matchAll(/^# HELP (\S+) (.+)$/gm)];
  expect(families.length).toBeGreaterThan(3);
  for (const [, name, help] of families)
    expect([name, namingFaults('gauge', name!, help!, {})]).toEqual([name, []]);
}
