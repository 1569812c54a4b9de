import { ABSENT, type Knob } from './knob-schema.js';
import { profileDifferences } from './profile-diff.js';

/** `docs/host-tuning.md`: the knob table for people. */
export function knobPage(knobs: readonly Knob[]): string {
  const groups = [...new Set(knobs.map(({ group }) => group))];
  return [
    '# Host tuning',
    '',
    'What `tradewind host tune` sets on a trading host, why, what each setting costs, and where that is known from. The page is',
    'generated from [`infra/host/knobs.yaml`](../infra/host/knobs.yaml), which is also what the command reads; a test compares',
    'the two (`UPDATE_DOCS=1 npm test -- infra/test/host` writes it again).',
    '',
    '| To | Type |',
    '|---|---|',
    '| see what would change on this machine, and why | `tradewind host plan` |',
    '| change it | `tradewind host tune` |',
    '| check every setting after a boot; exit code 1 on drift | `tradewind host verify` |',
    '| read the clock, its offset and its error bound | `tradewind host clock` |',
    '| see what the faster profile gives up | `tradewind host profile diff` |',
    '',
    'Values that begin with `$` are computed on the machine at each boot. A CPU layout splits whole cores: core 0 is always',
    'housekeeping, a machine of fewer than four cores isolates nothing, and interrupts of the network card go to housekeeping',
    'cores other than core 0 where there are any.',
    '',
    '## Profiles',
    '',
    '`audited` is the default. `max-speed` is chosen by `TRADEWIND_PROFILE=max-speed` in `/etc/tradewind/host.env`; everything it',
    'gives up is here.',
    '',
    '| Setting | audited | max-speed | What max-speed gives up |',
    '|---|---|---|---|',
    ...profileDifferences(knobs).map(
      ({ title, audited, maxSpeed, relaxes }) =>
        `| ${cell(title)} | ${code(audited)} | ${code(maxSpeed)} | ${cell(relaxes)} |`,
    ),
    '',
    ...groups.flatMap((group) => [
      `## ${group}`,
      '',
      ...knobs.filter((knob) => knob.group === group).flatMap(section),
    ]),
  ].join('\n');
}

function section(knob: Knob): string[] {
  const { audited, 'max-speed': fast } = knob.wanted;
  const value = audited === fast ? code(audited) : `${code(audited)}; max-speed: ${code(fast)}`;
  return [
    `### ${knob.title}`,
    '',
    `${code(knob.id)}: ${knob.kind} ${code(knob.target)} = ${value}; takes effect ${knob.effect === 'now' ? 'at once' : 'at the next boot'}.`,
    '',
    ...(knob.when.length > 0 ? [`- Where: ${knob.when.map(code).join(', ')}`] : []),
    `- Does: ${knob.does}`,
    `- Costs: ${knob.cost}`,
    `- Source: ${knob.source}`,
    '',
  ];
}

function code(text: string): string {
  return text === ABSENT ? 'absent' : `\`${text}\``;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
