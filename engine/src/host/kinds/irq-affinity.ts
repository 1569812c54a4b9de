import { formatCpuList, parseCpuList } from '../cpu-list.js';
import { escapeRegExp } from '../host-root.js';
import type { HostContext, SettingKind } from '../setting.js';

/**
 * Queue interrupts of the network cards of a driver, one CPU each in turn. Found by name in `/proc/interrupts` at every
 * run: their numbers change between boots and with the count of queues.
 */
export const irqAffinity: SettingKind = {
  inspect: (knob, wanted, context) => {
    const { root } = context;
    const cpus = parseCpuList(wanted, knob.id);
    return queueInterrupts(context).map(({ irq, name }, i) => {
      const path = `/proc/irq/${irq}/smp_affinity_list`;
      const cpu = String(cpus[i % cpus.length]);
      const current = root.read(path);
      const right = current !== undefined && formatCpuList(parseCpuList(current, path)) === cpu;
      return { place: `${path} (${name})`, wanted: cpu, current, right };
    });
  },
  apply: (_, { place, wanted }, { root }) => root.write(place.split(' ')[0]!, `${wanted}\n`),
};

function queueInterrupts({ root, machine }: HostContext): { irq: string; name: string }[] {
  const interfaces = machine.enaInterfaces.map(escapeRegExp).join('|');
  if (interfaces === '') return [];
  // `ens5-Tx-Rx-0`; the driver's management interrupt has another name and may go anywhere.
  const queue = new RegExp(`^\\s*(\\d+):.*\\s((?:${interfaces})-Tx-Rx-\\d+)$`);
  return (root.read('/proc/interrupts') ?? '').split('\n').flatMap((line) => {
    const match = queue.exec(line.trimEnd());
    return match === null ? [] : [{ irq: match[1]!, name: match[2]! }];
  });
}
