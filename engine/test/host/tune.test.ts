import { describe, expect, it, jest } from '@jest/globals';
import { planHost, rebootOnce, type SettingState, tuneHost, verifyHost } from '../../src/host/index.js';
import { FakeMachine, HOST_FILES, type MachineShape } from './support/fake-machine.js';

// Stand-ins are programs of their own, and the machine may be busy with other things.
jest.setTimeout(120_000);

const METAL: MachineShape = {
  product: 'c7i.metal-24xl',
  cores: 48,
  threads: 2,
  ena: { enp125s0: 32 },
  ptp: true,
  memoryKib: 190_000_000,
};
const options = (machine: FakeMachine, profile?: string) => ({
  root: machine.root,
  files: HOST_FILES,
  profile,
});
/** States of a knob's places. */
const statesOf = (machine: FakeMachine, id: string, profile?: string): SettingState[] =>
  planHost(options(machine, profile))
    .settings.filter(({ knob }) => knob.id === id)
    .map(({ state }) => state);

describe('tune on a metal machine', () => {
  const machine = new FakeMachine(METAL);
  const before = machine.read('/proc/sys/vm/swappiness');
  const plan = planHost(options(machine));
  const first = tuneHost(options(machine));

  it('is preceded by a plan that changes nothing', () => {
    expect(before).toBe('7');
    expect(plan.settings.filter(({ state }) => state === 'change').length).toBeGreaterThan(40);
    expect(plan.settings.find(({ knob }) => knob.id === 'swappiness')).toMatchObject({
      state: 'change',
      current: '7',
      wanted: '1',
      why: 'another value is in force',
    });
  });

  it('sets what a running machine takes', () => {
    expect(first.failures).toEqual([]);
    expect(machine.read('/proc/sys/net/ipv4/tcp_rmem')).toBe('4096 262144 16777216');
    expect(machine.read('/sys/devices/system/cpu/smt/control')).toBe('off');
    expect(machine.read('/sys/devices/system/cpu/cpu17/cpufreq/scaling_governor')).toBe('performance');
    expect(machine.read('/sys/devices/system/clocksource/clocksource0/current_clocksource')).toBe('tsc');
    expect(machine.read('/proc/sys/vm/min_free_kbytes')).toBe(String(1024 * 1024));
    expect(machine.read('/etc/sysctl.d/60-tradewind.conf')).toMatch(/^vm\.dirty_bytes = 268435456$/m);
    expect(machine.read('/etc/modprobe.d/60-tradewind.conf')).toMatch(/^options ena phc_enable=1$/m);
    expect(machine.read('/etc/security/limits.d/60-tradewind.conf')).toMatch(/^tradewind - nofile 1048576$/m);
  });

  it('computes masks and lists from this machine: 48 cores, 8 of them housekeeping', () => {
    expect(machine.read('/sys/devices/virtual/workqueue/cpumask')).toBe('ff');
    expect(machine.read('/proc/irq/default_smp_affinity')).toBe('ff');
    expect(machine.read('/etc/systemd/system.conf.d/60-tradewind.conf')).toMatch(/^CPUAffinity=0-7$/m);
    expect(machine.read('/run/tradewind/cpu.env').split('\n').slice(1)).toEqual([
      'TRADEWIND_TRADING_CPU=8',
      'TRADEWIND_ISOLATED_CPUS=8-47',
      'TRADEWIND_HOUSEKEEPING_CPUS=0-7',
    ]);
  });

  it('moves each queue interrupt to a housekeeping CPU other than 0, and no other interrupt', () => {
    const cpus = Array.from({ length: 32 }, (_, i) => machine.read(`/proc/irq/${31 + i}/smp_affinity_list`));
    expect(cpus.slice(0, 9)).toEqual(['1', '2', '3', '4', '5', '6', '7', '1', '2']);
    expect(new Set(cpus)).toEqual(new Set(['1', '2', '3', '4', '5', '6', '7']));
    expect(machine.read('/proc/irq/30/smp_affinity_list')).toBe('0');
  });

  it('sets the card found by its driver, and leaves alone what it cannot do', () => {
    const set = machine.asked.filter((line) => /^ethtool -[GLCK] /.test(line));
    expect(set).toEqual([
      'ethtool -L enp125s0 combined 7',
      'ethtool -G enp125s0 rx 4096',
      'ethtool -C enp125s0 adaptive-rx off',
      'ethtool -C enp125s0 rx-usecs 0',
      'ethtool -K enp125s0 generic-receive-offload off',
    ]);
    expect(statesOf(machine, 'ena-tx-usecs')).toEqual(['skipped']);
  });

  it('follows the hardware clock alone where there is one', () => {
    const chrony = machine.read('/etc/chrony/chrony.conf');
    expect(chrony).toMatch(/^refclock PHC \/dev\/ptp_ena poll 0 delay 0\.000010 prefer$/m);
    expect(chrony).not.toMatch(/^(server|pool|peer|include|confdir|sourcedir)\b/m);
  });

  it('stores what needs a boot and says so', () => {
    const grub = machine.read('/etc/default/grub.d/60-tradewind.cfg');
    expect(grub).toMatch(/ isolcpus=managed_irq,domain,8-47 nohz_full=8-47 rcu_nocbs=8-47 irqaffinity=0-7 /);
    expect(grub).not.toMatch(/mitigations|idle=/);
    expect(first.awaitingReboot.map(({ knob }) => knob.id)).toEqual([
      'isolcpus',
      'nohz-full',
      'rcu-nocbs',
      'irq-default-boot',
      'skew-tick',
      'intel-idle-cstate',
      'acpi-cstate',
    ]);
  });

  it('changes nothing when run again', () => {
    expect(tuneHost(options(machine))).toMatchObject({ changes: [], failures: [] });
  });

  it('is verified in full after a boot', () => {
    expect(verifyHost(options(machine)).drift).toHaveLength(7);
    machine.boot();
    expect(verifyHost(options(machine))).toMatchObject({ drift: [], checked: expect.any(Number) });
  });

  it('finds a single value somebody changed, and sets it right', () => {
    machine.write('/proc/sys/net/core/busy_poll', '0\n');
    machine.write('/sys/devices/system/cpu/cpu3/cpufreq/scaling_governor', 'powersave\n');
    expect(verifyHost(options(machine)).drift.map(({ place, current }) => [place, current])).toEqual([
      ['/sys/devices/system/cpu/cpu3/cpufreq/scaling_governor', 'powersave'],
      ['net.core.busy_poll', '0'],
    ]);
    expect(tuneHost(options(machine)).changes).toHaveLength(2);
    expect(verifyHost(options(machine)).drift).toEqual([]);
  });

  it('relaxes for max-speed and takes every relaxation back for audited', () => {
    const fast = tuneHost(options(machine, 'max-speed'));
    expect(fast.failures).toEqual([]);
    expect(machine.read('/boot/grub/grub.cfg')).toMatch(/ idle=poll mitigations=off$/m);
    expect(machine.read('/etc/nftables.conf')).toMatch(/notrack/);
    expect(machine.read('/etc/audit/rules.d/audit.rules')).toMatch(/^-a never,task$/m);
    machine.boot();
    expect(verifyHost(options(machine, 'max-speed')).drift).toEqual([]);
    const back = tuneHost(options(machine, 'audited'));
    expect(back.awaitingReboot.map(({ place, current, wanted }) => [place, current, wanted])).toEqual([
      ['idle', 'poll', 'absent'],
      ['mitigations', 'off', 'absent'],
    ]);
    machine.boot();
    expect(verifyHost(options(machine, 'audited')).drift).toEqual([]);
    expect(machine.read('/etc/nftables.conf')).not.toMatch(/notrack/);
  });
});

describe('tune on a machine of two cores', () => {
  const machine = new FakeMachine({ cores: 2, ena: { ens5: 2 } });
  const { failures } = tuneHost(options(machine));

  it('isolates nothing, and keeps both CPUs for everything', () => {
    expect(failures).toEqual([]);
    expect(statesOf(machine, 'isolcpus')).toEqual(['skipped']);
    expect(machine.read('/boot/grub/grub.cfg')).not.toMatch(/isolcpus|nohz_full/);
    expect(machine.read('/run/tradewind/cpu.env')).toMatch(
      /^TRADEWIND_TRADING_CPU=\nTRADEWIND_ISOLATED_CPUS=$/m,
    );
    expect(machine.read('/proc/sys/kernel/timer_migration')).toBe('0');
  });

  it('has NTP as its only clock without a hardware clock', () => {
    expect(machine.read('/etc/chrony/chrony.conf')).toMatch(/^server 169\.254\.169\.123 /m);
    expect(machine.read('/etc/chrony/chrony.conf')).not.toMatch(/^(refclock|pool)\b/m);
  });

  it('drops the isolation of a larger machine when its image boots here', () => {
    const small = new FakeMachine({ cores: 2 });
    small.write(
      '/etc/default/grub.d/60-tradewind.cfg',
      'GRUB_CMDLINE_LINUX="$GRUB_CMDLINE_LINUX isolcpus=8-47 skew_tick=1"\n',
    );
    small.write('/boot/grub/grub.cfg', '\tlinux /vmlinuz ro isolcpus=8-47 skew_tick=1\n');
    small.boot();
    expect(statesOf(small, 'isolcpus')).toEqual(['store']);
    tuneHost(options(small));
    expect(statesOf(small, 'isolcpus')).toEqual(['reboot']);
    small.boot();
    expect(statesOf(small, 'isolcpus')).toEqual(['skipped']);
  });
});

describe('tune on Amazon Linux', () => {
  const machine = new FakeMachine({ ...METAL, family: 'amazon-linux', cores: 8, threads: 1 });
  const { failures } = tuneHost(options(machine));

  it('edits every boot entry with grubby and keeps what others put there', () => {
    expect(failures).toEqual([]);
    for (const entry of ['one', 'two']) {
      const text = machine.read(`/boot/loader/entries/${entry}.conf`);
      expect(text).toMatch(
        /^options quiet nvme_core\.io_timeout=4294967295 .*isolcpus=managed_irq,domain,2-7 /m,
      );
    }
    expect(tuneHost(options(machine)).changes).toEqual([]);
  });

  it('sees an entry of a new kernel that lacks the arguments', () => {
    machine.write('/boot/loader/entries/three.conf', 'options quiet\n');
    expect(statesOf(machine, 'isolcpus')).toEqual(['store']);
    tuneHost(options(machine));
    expect(machine.read('/boot/loader/entries/three.conf')).toMatch(/nohz_full=2-7/);
  });

  it('knows its places', () => {
    expect(machine.read('/etc/chrony.conf')).toMatch(/^refclock PHC/m);
    expect(machine.read('/etc/sysconfig/nftables.conf')).toMatch(/policy drop/);
    expect(machine.read('/etc/audit/rules.d/audit.rules')).toMatch(
      /^-w \/etc\/sysconfig\/nftables\.conf -p wa/m,
    );
  });
});

describe('a running machine', () => {
  it('starts, stops and reloads what its settings concern', () => {
    const machine = new FakeMachine({ running: true });
    machine.write('/run/tradewind/active-irqbalance.service', '');
    const { failures } = tuneHost(options(machine));
    expect(failures).toEqual([]);
    expect(machine.asked).toEqual(
      expect.arrayContaining([
        'systemctl mask irqbalance.service',
        'systemctl stop irqbalance.service',
        'systemctl start auditd.service',
        'systemctl restart chrony.service',
        'systemctl try-reload-or-restart nftables.service',
        'augenrules --load',
        'udevadm control --reload',
      ]),
    );
    expect(verifyHost(options(machine)).drift.filter(({ knob }) => knob.kind === 'service')).toEqual([]);
    machine.remove('/run/tradewind/active-auditd.service');
    expect(verifyHost(options(machine)).drift.map(({ knob, current }) => [knob.id, current])).toContainEqual([
      'auditd',
      'enabled, not running',
    ]);
  });

  it('is rebooted once for the same settings', () => {
    const machine = new FakeMachine({ ...METAL, running: true });
    const result = tuneHost(options(machine));
    expect([rebootOnce(result), rebootOnce(result)]).toEqual(['rebooting', 'already tried']);
    expect(machine.asked.filter((line) => line === 'systemctl reboot')).toHaveLength(1);
    machine.boot();
    expect(rebootOnce(tuneHost(options(machine)))).toBe('not needed');
  });
});

describe('what cannot be set', () => {
  it('is told by name, and everything else is set all the same', () => {
    const machine = new FakeMachine();
    machine.remove('/proc/sys/vm/swappiness');
    machine.standIn('update-grub', 'echo "no space left on device" >&2; exit 3');
    const { failures } = tuneHost(options(machine));
    expect(failures).toEqual(
      [
        {
          knob: 'kernel-cmdline',
          message: expect.stringMatching(/update-grub: failed with 3: no space left on device/),
        },
        { knob: 'swappiness', message: expect.stringMatching(/vm\.swappiness.*no such setting/) },
      ]
        .sort((a, b) => Number(a.knob > b.knob))
        .reverse(),
    );
    expect(machine.read('/proc/sys/vm/stat_interval')).toBe('120');
  });

  it('keeps command line settings as not stored until they reached the boot loader', () => {
    const machine = new FakeMachine();
    machine.standIn('update-grub', 'exit 0');
    tuneHost(options(machine));
    expect(statesOf(machine, 'skew-tick')).toEqual(['store']);
  });

  it('says so when the kernel takes a write and keeps its own value', () => {
    const machine = new FakeMachine({ cores: 4 });
    machine.standIn('ethtool', 'case $1 in -g) printf "RX: 8192\\nRX: 256\\n" ;; esac');
    machine.link('/sys/class/net/ens5/device/driver', '../ena');
    expect(tuneHost(options(machine)).failures).toEqual([
      { knob: 'ena-rx-ring', message: 'ens5 ring.rx: is still 256 after it was set to 4096' },
    ]);
  });

  it('leaves the command line alone without a known boot loader', () => {
    const machine = new FakeMachine();
    machine.remove('/etc/default/grub');
    expect(planHost(options(machine)).settings.find(({ knob }) => knob.id === 'skew-tick')).toMatchObject({
      state: 'skipped',
      why: 'no boot loader whose settings can be changed here',
    });
  });

  it.each<[string, (machine: FakeMachine) => void, RegExp]>([
    [
      'a profile',
      (m) => m.write('/etc/tradewind/host.env', 'TRADEWIND_PROFILE=fast\n'),
      /TRADEWIND_PROFILE: "fast" is no profile: use audited or max-speed/,
    ],
    [
      'huge pages',
      (m) => m.write('/etc/tradewind/host.env', 'TRADEWIND_HUGEPAGES_MB=lots\n'),
      /TRADEWIND_HUGEPAGES_MB: "lots" is no whole number/,
    ],
    [
      'host.env',
      (m) => m.write('/etc/tradewind/host.env', 'OK=1\nnot a line\n'),
      /host\.env:2: "not a line" is no KEY=value line/,
    ],
    [
      'sysfs',
      (m) => m.remove('/sys/devices/system/cpu/online'),
      /cpu\/online: cannot be read: is \/sys mounted\?/,
    ],
  ])('is refused with what would be right: %s', (_, break_, message) => {
    const machine = new FakeMachine();
    break_(machine);
    expect(() => planHost(options(machine))).toThrow(message);
  });

  it('reserves the huge pages asked for, up to a quarter of memory', () => {
    const machine = new FakeMachine({ memoryKib: 8 * 1024 * 1024 });
    machine.write('/etc/tradewind/host.env', '# comment\nTRADEWIND_HUGEPAGES_MB="1024"\n');
    tuneHost(options(machine));
    expect(machine.read('/proc/sys/vm/nr_hugepages')).toBe('512');
    machine.write('/etc/tradewind/host.env', 'TRADEWIND_HUGEPAGES_MB=99999\n');
    tuneHost(options(machine));
    expect(machine.read('/proc/sys/vm/nr_hugepages')).toBe('1024');
  });
});

describe('the clock host.env wants', () => {
  it('is NTP though there is a hardware clock', () => {
    const machine = new FakeMachine({ ena: { ens5: 2 }, ptp: true });
    machine.write('/etc/tradewind/host.env', 'TRADEWIND_CLOCK=ntp\n');
    tuneHost(options(machine));
    expect(machine.read('/etc/chrony/chrony.conf')).toMatch(/^server 169\.254\.169\.123 /m);
  });

  it('is drift, and no failure, while the hardware clock is missing', () => {
    const machine = new FakeMachine({ ena: { ens5: 2 } });
    machine.write('/etc/tradewind/host.env', 'TRADEWIND_CLOCK=ptp\n');
    expect(tuneHost(options(machine)).failures).toEqual([]);
    expect(verifyHost(options(machine)).drift).toContainEqual(
      expect.objectContaining({ place: 'hardware clock', state: 'reboot' }),
    );
  });

  it('is what the running daemon listens to, and nothing else beside it', () => {
    const machine = new FakeMachine({ ena: { ens5: 2 }, ptp: true, running: true });
    machine.write('/run/chrony/chronyd.pid', '1\n');
    machine.standIn(
      'chronyc',
      'printf "#,*,PHC0,0,0,377,1,0,0,0\\n"; [ -e once ] || printf "^,+,203.0.113.7,2,6,377,1,0,0,0\\n"',
    );
    tuneHost(options(machine));
    expect(verifyHost(options(machine)).drift).toContainEqual(
      expect.objectContaining({ place: 'chronyd sources', current: 'NTP and hardware clock' }),
    );
    machine.write('/once', '');
    expect(verifyHost(options(machine)).drift.filter(({ knob }) => knob.kind === 'chrony')).toEqual([]);
  });
});
