import { createHash } from 'node:crypto';
import { type HostContext, mustRun } from './setting.js';
import type { TuneResult } from './tune.js';

/** Remembers for which settings a reboot was already tried: on the disk that boots, as the data volume outlives it. */
export const REBOOT_STAMP = '/etc/tradewind/reboot-for';

/**
 * Reboots when settings wait for that, once for the same settings: a machine whose kernel never takes them must not boot
 * for ever. Says what it did.
 */
export function rebootOnce(result: TuneResult): 'not needed' | 'rebooting' | 'already tried' {
  if (result.awaitingReboot.length === 0) return 'not needed';
  const context: HostContext = result.after.context;
  const digest = createHash('sha256')
    .update(result.awaitingReboot.map(({ place, wanted }) => `${place}=${wanted}`).join('\n'))
    .digest('hex');
  if (context.root.read(REBOOT_STAMP) === digest) return 'already tried';
  context.root.write(REBOOT_STAMP, `${digest}\n`);
  mustRun(context, 'systemctl', ['reboot']);
  return 'rebooting';
}
