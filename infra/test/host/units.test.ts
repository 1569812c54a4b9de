import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import { REBOOT_STAMP } from '../../../engine/src/host/reboot.js';
import { filesBelow, HOST, run, temporaryFolder, testWith } from './support/tools.js';

// Programs are started by the dozen, on a machine that may be busy with other things.
jest.setTimeout(120_000);

const units = filesBelow(join(HOST, 'units')).filter((name) => /\.(service|timer)$/.test(name));
const services = units.filter((name) => name.endsWith('.service'));
const text = (name: string) => readFileSync(join(HOST, 'units', name), 'utf8');

/** Copies whose programs exist here: systemd looks for them. */
function runnableCopies(): string {
  const folder = temporaryFolder();
  for (const name of units) {
    const copy = text(name).replace(/^(Exec\w+=-?)\S+/gm, '$1/bin/true');
    writeFileSync(join(folder, name), copy.replace(/^(User|Group)=tradewind$/gm, '$1=root'));
  }
  return folder;
}

describe('units', () => {
  test('are the ones the hosts are made of', () => {
    expect(units).toEqual([
      'tradewind-agent.service',
      'tradewind-archive.service',
      'tradewind-archive.timer',
      'tradewind-clock.service',
      'tradewind-engine.service',
      'tradewind-journal.service',
      'tradewind-metrics.service',
      'tradewind-prometheus.service',
      'tradewind-prometheus.timer',
      'tradewind-shadow.service',
      'tradewind-tune.service',
      'tradewind-verify.service',
      'tradewind-verify.timer',
    ]);
  });

  testWith('systemd-analyze')('say nothing that systemd-analyze verify does not understand', () => {
    const folder = runnableCopies();
    const { code, stderr } = run('systemd-analyze', [
      '--man=no',
      'verify',
      ...units.map((name) => join(folder, name)),
    ]);
    // It exits with 0 even for unknown keys; what it did not understand it only mentions.
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  testWith('systemd-analyze')('systemd-analyze verify does notice a key that is misspelt', () => {
    const path = join(temporaryFolder(), 'wrong.service');
    writeFileSync(path, '[Service]\nExecStart=/bin/true\nProtectSytem=strict\n');
    expect(run('systemd-analyze', ['--man=no', 'verify', path]).stderr).toMatch(
      /Unknown key.*'ProtectSytem'/,
    );
  });

  const maxima = new Map(
    readFileSync(join(HOST, 'units/security-maximum.txt'), 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => line.split(' ') as [string, string]),
  );

  test('each have a committed maximum of exposure', () => {
    expect([...maxima.keys()].sort()).toEqual(services);
  });

  testWith('systemd-analyze').each(services)(
    '%s is no more exposed than committed, by systemd-analyze security',
    (name) => {
      const { stdout } = run('systemd-analyze', [
        'security',
        '--no-pager',
        '--offline=true',
        join(HOST, 'units', name),
      ]);
      const score = /Overall exposure level for \S+: ([\d.]+)/.exec(stdout)?.[1];
      expect(score).toBeDefined();
      expect(Number(score)).toBeLessThanOrEqual(Number(maxima.get(name)));
    },
  );

  test('start the engine by the line that was agreed on, as a user without rights', () => {
    const engine = text('tradewind-engine.service');
    expect(engine).toMatch(
      /^ExecStart=\/usr\/bin\/node \/opt\/tradewind\/current\/engine\/bin\/tradewind\.mjs paper --config \/etc\/tradewind\/engine\.yaml --metrics-port 9464$/m,
    );
    expect(engine).toMatch(/^User=tradewind$/m);
    expect(engine).toMatch(/^CapabilityBoundingSet=$/m);
    expect(engine).toMatch(/^KillSignal=SIGINT$/m);
    // Who runs is the agent's affair: systemd must not start what the lease has ended.
    expect(engine).toMatch(/^Restart=no$/m);
  });

  test('name the log of a start anew, and never by a name that is left from another', () => {
    const lines = text('tradewind-engine.service').split('\n');
    const at = (line: string) => lines.indexOf(line);
    const forget = '-/usr/bin/rm -f /run/tradewind/record.env';
    expect([
      lines.includes(`ExecStopPost=${forget}`),
      at(`ExecStartPre=${forget}`) >= 0,
      at('ExecStartPre=-/opt/tradewind/current/host/bin/name-record.sh') > at(`ExecStartPre=${forget}`),
      lines.includes('EnvironmentFile=-/run/tradewind/record.env'),
    ]).toEqual([true, true, true, true]);
  });

  test('tune a host whose data volume is not there yet, and remember on the disk that is tuned', () => {
    expect(text('tradewind-tune.service')).not.toMatch(/^RequiresMountsFor=/m);
    // On the volume, the stamp of another machine would keep a host that takes its place from the reboot it needs.
    expect(REBOOT_STAMP).not.toMatch(/^\/var\/lib\/tradewind\//);
    for (const name of ['tradewind-engine.service', 'tradewind-agent.service'])
      expect(text(name)).toMatch(/^RequiresMountsFor=\/var\/lib\/tradewind$/m);
  });

  test('are begun again for as long as it takes: systemd gives up after five starts in ten seconds', () => {
    for (const name of [...services, 'single-host.conf']) {
      const restart = /^Restart=(?:always|on-failure)$/m.test(text(name));
      const seconds = Number(/^RestartSec=(\d+)s$/m.exec(text(name))?.[1] ?? 0);
      const patient = /^StartLimitIntervalSec=0$/m.test(text(name)) || seconds >= 5;
      expect([name, !restart || patient]).toEqual([name, true]);
    }
  });

  test('never see each packet by an address filter on the trading line', () => {
    for (const name of ['tradewind-engine.service', 'tradewind-shadow.service']) {
      expect(text(name)).not.toMatch(/^IPAddress(Deny|Allow)=/m);
    }
  });

  test('name scripts of the host files that exist', () => {
    const named = services.flatMap((name) =>
      [...text(name).matchAll(/\/opt\/tradewind\/current\/host\/bin\/(\S+\.sh)/g)].map((match) => match[1]),
    );
    expect(new Set(named)).toEqual(
      new Set([
        'archive-records.sh',
        'find-prometheus.sh',
        'floating-address.sh',
        'load-keys.sh',
        'name-record.sh',
        'pin-engine.sh',
        'ship-journal.sh',
      ]),
    );
    const present = filesBelow(join(HOST, 'bin')).map((path) => basename(path));
    expect(named.filter((script) => !present.includes(script!))).toEqual([]);
  });
});
