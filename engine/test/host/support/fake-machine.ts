import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from '@jest/globals';
import { formatCpuList, loadKnobs } from '../../../src/host/index.js';

/** The host files of this repository. */
export const HOST_FILES = fileURLToPath(new URL('../../../../infra/host', import.meta.url));

export interface MachineShape {
  readonly product?: string;
  readonly cores?: number;
  /** Threads per core; siblings are numbered after all first threads, as on Intel machines. */
  readonly threads?: number;
  readonly nodes?: number;
  readonly family?: 'debian' | 'amazon-linux';
  readonly arm?: boolean;
  /** Interfaces of the ENA driver, each with so many queues. */
  readonly ena?: Readonly<Record<string, number>>;
  readonly networkNode?: number;
  readonly ptp?: boolean;
  readonly memoryKib?: number;
  /** Whether systemd runs there. */
  readonly running?: boolean;
}

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A tree of files that looks like a machine, with stand-ins for its commands that change these files only. */
export class FakeMachine {
  readonly root = mkdtempSync(join(tmpdir(), 'tradewind-host-'));

  constructor(readonly shape: MachineShape = {}) {
    folders.push(this.root);
    this.#cpus();
    this.#identity();
    this.#kernel();
    this.#network();
    this.#commands();
  }

  write(path: string, text: string): void {
    const real = join(this.root, path);
    mkdirSync(dirname(real), { recursive: true });
    writeFileSync(real, text);
  }

  read(path: string): string {
    return readFileSync(join(this.root, path), 'utf8').trimEnd();
  }

  remove(path: string): void {
    rmSync(join(this.root, path), { recursive: true, force: true });
  }

  link(path: string, target: string): void {
    const real = join(this.root, path);
    mkdirSync(dirname(real), { recursive: true });
    symlinkSync(target, real);
  }

  standIn(name: string, script: string): void {
    const path = `/run/tradewind/stand-ins/${name}`;
    this.write(path, `#!/bin/sh\ncd "$TRADEWIND_ROOT" || exit 9\n${script}\n`);
    chmodSync(join(this.root, path), 0o755);
  }

  /** Commands that stand-ins were asked for, in order. */
  get asked(): string[] {
    return this.read('/run/tradewind/asked').split('\n');
  }

  /** Boots: what is stored for the kernel's command line and its modules comes into force. */
  boot(): void {
    const stored =
      this.shape.family === 'amazon-linux'
        ? /^options (.*)$/m.exec(this.read('/boot/loader/entries/one.conf'))![1]!
        : /linux \S+ (.*)$/m.exec(this.read('/boot/grub/grub.cfg'))![1]!;
    this.write('/proc/cmdline', `BOOT_IMAGE=/vmlinuz root=/dev/nvme0n1p1 ${stored}\n`);
    for (const [, module, option, value] of this.#modprobe().matchAll(/^options (\w+) (\w+)=(.*)$/gm)) {
      this.write(`/sys/module/${module}/parameters/${option}`, `${value}\n`);
    }
  }

  #modprobe(): string {
    try {
      return this.read('/etc/modprobe.d/60-tradewind.conf');
    } catch {
      return '';
    }
  }

  #cpus(): void {
    const { cores = 2, threads = 1, nodes = 1 } = this.shape;
    const cpu = '/sys/devices/system/cpu';
    const members: number[][] = Array.from({ length: nodes }, () => []);
    for (let id = 0; id < cores * threads; id++) {
      const core = id % cores;
      const node = Math.floor((core * nodes) / cores);
      this.write(`${cpu}/cpu${id}/topology/physical_package_id`, `${node}\n`);
      this.write(`${cpu}/cpu${id}/topology/core_id`, `${core}\n`);
      this.write(`${cpu}/cpu${id}/cpufreq/scaling_governor`, 'powersave\n');
      members[node]!.push(id);
    }
    members.forEach((ids, node) => {
      this.write(`/sys/devices/system/node/node${node}/cpulist`, `${formatCpuList(ids)}\n`);
    });
    this.write(`${cpu}/online`, `${formatCpuList(members.flat())}\n`);
    this.write(`${cpu}/smt/control`, threads > 1 ? 'on\n' : 'notsupported\n');
    this.write(`${cpu}/cpuidle/current_driver`, 'intel_idle\n');
    const mask = ((1n << BigInt(cores * threads)) - 1n).toString(16);
    this.write('/sys/devices/virtual/workqueue/cpumask', `${mask}\n`);
    this.write('/proc/irq/default_smp_affinity', `${mask}\n`);
  }

  #identity(): void {
    const { product = 'c7i.large', arm, family = 'debian', memoryKib = 16_000_000 } = this.shape;
    const guest = product.includes('.metal') ? '' : ' hypervisor';
    this.write('/sys/class/dmi/id/product_name', `${product}\n`);
    this.write(
      '/proc/cpuinfo',
      arm ? 'CPU implementer\t: 0x41\n' : `vendor_id\t: GenuineIntel\nflags\t\t: fpu tsc${guest} sse\n`,
    );
    this.write('/proc/meminfo', `MemTotal:       ${memoryKib} kB\n`);
    this.write('/etc/os-release', family === 'debian' ? 'ID=debian\n' : 'ID="amzn"\nID_LIKE="fedora"\n');
    if (this.shape.running) this.write('/run/systemd/system/.keep', '');
    const chrony = family === 'debian' ? 'chrony' : 'chronyd';
    for (const unit of [chrony, 'nftables', 'auditd', 'irqbalance']) {
      this.write(`/usr/lib/systemd/system/${unit}.service`, '[Unit]\n');
    }
  }

  #kernel(): void {
    for (const { kind, target } of loadKnobs(HOST_FILES)) {
      if (kind === 'sysctl') this.write(`/proc/sys/${target.replaceAll('.', '/')}`, '7\n');
    }
    this.write('/proc/sys/kernel/osrelease', '6.12.0\n');
    this.write('/proc/cmdline', 'BOOT_IMAGE=/vmlinuz root=/dev/nvme0n1p1\n');
    this.write('/sys/kernel/mm/transparent_hugepage/enabled', '[always] madvise never\n');
    this.write(
      '/sys/devices/system/clocksource/clocksource0/available_clocksource',
      'kvm-clock tsc acpi_pm\n',
    );
    this.write('/sys/devices/system/clocksource/clocksource0/current_clocksource', 'kvm-clock\n');
    if (this.shape.family === 'amazon-linux') {
      for (const name of ['one', 'two']) {
        this.write(
          `/boot/loader/entries/${name}.conf`,
          'title Amazon Linux\noptions quiet nvme_core.io_timeout=4294967295\n',
        );
      }
    } else {
      this.write('/etc/default/grub', 'GRUB_CMDLINE_LINUX=""\n');
      this.write('/boot/grub/grub.cfg', '\tlinux /vmlinuz ro quiet\n');
    }
  }

  #network(): void {
    const { ena = {}, networkNode = 0, ptp } = this.shape;
    this.write('/sys/class/net/lo/type', '772\n');
    let irq = 30;
    const lines = ['           CPU0', '  9:   0  IO-APIC   9-fasteoi   acpi'];
    for (const [name, queues] of Object.entries(ena)) {
      this.link(`/sys/class/net/${name}/device/driver`, '../../../../bus/pci/drivers/ena');
      this.write(`/sys/class/net/${name}/device/numa_node`, `${networkNode}\n`);
      lines.push(`${irq}:   1  PCI-MSIX-0000:00:05.0   0-edge   ena-mgmnt@pci:0000:00:05.0`);
      this.write(`/proc/irq/${irq++}/smp_affinity_list`, '0\n');
      for (let queue = 0; queue < queues; queue++) {
        lines.push(` ${irq}:  99  PCI-MSIX-0000:00:05.0   ${queue + 1}-edge   ${name}-Tx-Rx-${queue}`);
        this.write(`/proc/irq/${irq++}/smp_affinity_list`, '0-95\n');
      }
      if (ptp) this.write(`/sys/class/net/${name}/device/phc_error_bound`, '25000\n');
    }
    this.write('/proc/interrupts', `${lines.join('\n')}\n`);
    if (Object.keys(ena).length > 0) this.write('/sys/module/ena/parameters/phc_enable', ptp ? '1\n' : '0\n');
    if (ptp) this.write('/dev/ptp_ena', '');
  }

  #commands(): void {
    const log = 'echo "$(basename "$0") $*" >> run/tradewind/asked';
    this.write('/run/tradewind/asked', '');
    // As an ENA card answers; what is set is remembered per interface.
    this.standIn(
      'ethtool',
      `${log}
state=run/tradewind/ethtool-$2; mkdir -p $state
of() { cat $state/$1 2>/dev/null || echo "$2"; }
case $1 in
-g) printf 'Ring parameters for %s:\\nPre-set maximums:\\nRX:\\t\\t8192\\nRX Mini:\\tn/a\\nTX:\\t\\t1024\\nCurrent hardware settings:\\nRX:\\t\\t%s\\nRX Mini:\\tn/a\\nTX:\\t\\t1024\\n' $2 "$(of rx 1024)" ;;
-l) printf 'Channel parameters for %s:\\nPre-set maximums:\\nRX:\\t\\tn/a\\nCombined:\\t32\\nCurrent hardware settings:\\nRX:\\t\\tn/a\\nCombined:\\t%s\\n' $2 "$(of combined 32)" ;;
-c) printf 'Coalesce parameters for %s:\\nAdaptive RX: %s  TX: n/a\\nrx-usecs:\\t%s\\nrx-frames:\\tn/a\\n\\ntx-usecs:\\tn/a\\n' $2 "$(of adaptive-rx on)" "$(of rx-usecs 20)" ;;
-k) printf 'Features for %s:\\nrx-checksumming: on\\ngeneric-receive-offload: %s\\nlarge-receive-offload: off [fixed]\\n' $2 "$(of generic-receive-offload on)" ;;
-G|-L|-C|-K) echo "$4" > $state/$3 ;;
esac`,
    );
    this.standIn(
      'systemctl',
      `${log}
case $1 in
mask) ln -sf /dev/null etc/systemd/system/$2 ;;
unmask) [ ! -L etc/systemd/system/$2 ] || rm -f etc/systemd/system/$2 ;;
enable) mkdir -p etc/systemd/system/multi-user.target.wants; ln -sf /usr/lib/systemd/system/$2 etc/systemd/system/multi-user.target.wants/$2 ;;
disable) rm -f etc/systemd/system/*.wants/$2 ;;
start) touch run/tradewind/active-$2 ;;
stop) rm -f run/tradewind/active-$2 ;;
is-active) test -e run/tradewind/active-$3 ;;
esac`,
    );
    mkdirSync(join(this.root, 'etc/systemd/system'), { recursive: true });
    this.standIn(
      'update-grub',
      `${log}
words=$(sed -n 's/^GRUB_CMDLINE_LINUX="$GRUB_CMDLINE_LINUX \\(.*\\)"$/\\1/p' etc/default/grub.d/*.cfg 2>/dev/null)
printf '\\tlinux /vmlinuz ro quiet %s\\n' "$words" > boot/grub/grub.cfg`,
    );
    this.standIn(
      'grubby',
      `${log}
for option; do
  case $option in
  --remove-args=*) for name in \${option#--remove-args=}; do sed -i "s/ $name=[^ ]*//" boot/loader/entries/*.conf; done ;;
  --args=*) for word in \${option#--args=}; do
    sed -i "s/ \${word%%=*}=[^ ]*//; s/^options.*/& $word/" boot/loader/entries/*.conf; done ;;
  esac
done`,
    );
    for (const name of ['udevadm', 'augenrules']) this.standIn(name, log);
  }
}
