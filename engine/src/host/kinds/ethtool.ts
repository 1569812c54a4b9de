import { escapeRegExp } from '../host-root.js';
import { type Finding, type HostContext, mustRun, type SettingKind } from '../setting.js';

/** How each section of settings is shown and set by ethtool. */
const SECTIONS = {
  ring: { show: '-g', set: '-G' },
  channels: { show: '-l', set: '-L' },
  coalesce: { show: '-c', set: '-C' },
  feature: { show: '-k', set: '-K' },
} as const;
type Section = keyof typeof SECTIONS;

/** Names that `ethtool` takes and what it shows them as, where these differ. */
const SHOWN: Readonly<Record<string, string>> = {
  'ring.rx': 'RX',
  'ring.tx': 'TX',
  'channels.combined': 'Combined',
  'coalesce.adaptive-rx': 'Adaptive RX',
};

/** Settings of the network cards driven by the ENA driver, whatever their interfaces are called. */
export const ethtool: SettingKind = {
  inspect: (knob, wanted, context) =>
    context.machine.enaInterfaces.map((name) => inspectOne(knob.target, wanted, name, context)),
  apply: (knob, { place, wanted }, context) => {
    const [section, setting] = split(knob.target);
    mustRun(context, 'ethtool', [SECTIONS[section].set, place.split(' ')[0]!, setting, wanted]);
  },
};

function inspectOne(target: string, wanted: string, name: string, { run }: HostContext): Finding {
  const [section, setting] = split(target);
  const place = `${name} ${target}`;
  const { code, stdout, stderr } = run('ethtool', [SECTIONS[section].show, name]);
  if (code !== 0) {
    const why =
      code === 127 ? stderr : `ethtool ${SECTIONS[section].show}: ${stderr || `failed with ${code}`}`;
    return { place, wanted, current: undefined, right: false, beyond: why };
  }
  const label = SHOWN[target] ?? setting;
  const values = valuesOf(stdout, label);
  const current = values.at(-1);
  if (current === undefined || current === 'n/a' || /\[fixed\]/.test(current)) {
    const why =
      current === undefined ? 'the card has no such setting' : 'the card does not let it be changed';
    return { place, wanted, current, right: false, beyond: why };
  }
  // Rings and channels show the most the card can do above what it does.
  const most = section === 'ring' || section === 'channels' ? Number(values[0]) : Number.NaN;
  const possible = Number(wanted) > most ? String(most) : wanted;
  return { place, wanted: possible, current, right: current === possible };
}

/** Values under a label in order: `RX: 1024`, `Adaptive RX: off  TX: n/a`, `rx-usecs: 0`. */
function valuesOf(text: string, label: string): string[] {
  const line = new RegExp(`^\\s*${escapeRegExp(label)}:[ \\t]+(.+?)(?:[ \\t]{2,}\\w+:.*)?$`, 'gm');
  return [...text.matchAll(line)].map((match) => match[1]!.trim());
}

function split(target: string): [Section, string] {
  const at = target.indexOf('.');
  return [target.slice(0, at) as Section, target.slice(at + 1)];
}
