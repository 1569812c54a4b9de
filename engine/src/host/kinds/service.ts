import { type HostContext, mustRun, type SettingKind, withVariables } from '../setting.js';
import { unitEnablement } from '../unit-files.js';

/** A systemd unit of the distribution: runs now and after boots, or neither. */
export const service: SettingKind = {
  inspect: (knob, wanted, context) => {
    const unit = withVariables(knob.target, context.variables, knob.id);
    const state = unitEnablement(context.root, unit);
    const running = isRunning(context, unit);
    const stored = state === wanted || (wanted === 'disabled' && state !== 'enabled');
    const lives = running === undefined || running === (wanted === 'enabled');
    const current = running === undefined ? state : `${state}, ${running ? 'running' : 'not running'}`;
    return [{ place: unit, wanted, current, right: stored && lives, stored }];
  },
  apply: (_, { place, wanted, stored }, context) => {
    const verb = { enabled: 'enable', disabled: 'disable', masked: 'mask' }[wanted]!;
    if (stored === false) {
      if (wanted !== 'masked') mustRun(context, 'systemctl', ['unmask', place]);
      mustRun(context, 'systemctl', [verb, place]);
    }
    if (isRunning(context, place) === undefined) return;
    mustRun(context, 'systemctl', [wanted === 'enabled' ? 'start' : 'stop', place]);
  },
};

/** Undefined where no systemd runs: in an image, a container or a test's root. */
function isRunning({ root, run }: HostContext, unit: string): boolean | undefined {
  if (!root.exists('/run/systemd/system')) return undefined;
  return run('systemctl', ['is-active', '--quiet', unit]).code === 0;
}
