import { leaseSettingProblems } from '../ha/lease/index.js';
import type { Config } from './config.js';
import type { Conflict } from './cross-checks.js';

const ENABLED = ['ha', 'enabled'];

/** Conflicts of the journal's settings and of those of a pair. */
export function pairConflicts(config: Config): Conflict[] {
  return [...journalConflicts(config), ...leaseConflicts(config), ...venueOfPairConflicts(config)];
}

function journalConflicts({ journal, ha }: Config): Conflict[] {
  const conflicts: Conflict[] = [];
  if (journal.backlogBytes > journal.ringBytes) {
    conflicts.push({
      path: ['journal', 'backlogBytes'],
      involves: [['journal', 'ringBytes']],
      message: 'is more than the ring holds, so that it would never deny an order',
      allowed: `${journal.ringBytes} (journal.ringBytes) or less`,
    });
  }
  if (journal.durability === 'replicated-before-send' && !ha.enabled) {
    conflicts.push({
      path: ['journal', 'durability'],
      involves: [ENABLED],
      message: 'waits for a standby, and there is none',
      allowed: 'async or fsync-before-send, or replicated-before-send with ha.enabled (--ha)',
    });
  }
  return conflicts;
}

function leaseConflicts({ ha }: Config): Conflict[] {
  const conflicts: Conflict[] = [];
  const { lease } = ha;
  for (const { setting, message } of leaseSettingProblems(lease)) {
    conflicts.push({
      path: ['ha', 'lease', setting],
      involves: Object.keys(lease)
        .filter((other) => other !== setting)
        .map((other) => ['ha', 'lease', other]),
      message,
    });
  }
  if (ha.secret !== undefined && (ha.secret.env === undefined) === (ha.secret.file === undefined)) {
    conflicts.push({
      path: ['ha', 'secret'],
      involves: [],
      message: ha.secret.env === undefined ? 'refers to nothing' : 'refers to two places',
      allowed: 'either {env: NAME} or {file: PATH}',
    });
  }
  if (ha.enabled && ha.secret === undefined && !isLoopback(ha.listen)) {
    conflicts.push({
      path: ['ha', 'secret'],
      involves: [['ha', 'listen']],
      message: `is missing, and anyone who reaches ha.listen ${ha.listen} could read every order`,
      allowed: '{env: NAME} or {file: PATH}, or ha.listen on 127.0.0.1',
    });
  }
  return conflicts;
}

/** The other one of a pair can only take over what does not end with the first. */
function venueOfPairConflicts({ ha, venue, trading }: Config): Conflict[] {
  if (!ha.enabled || venue.environment === 'simulator' || !trading.paper) return [];
  return [
    {
      path: ENABLED,
      involves: [
        ['venue', 'environment'],
        ['trading', 'paper'],
      ],
      message: 'makes no sense with execution simulated in this process: its orders end with it',
      allowed: 'false, or venue.environment: simulator, or trading.paper: false on testnet or live',
    },
  ];
}

function isLoopback(address: string): boolean {
  const host = address.slice(0, address.lastIndexOf(':'));
  return host === 'localhost' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host);
}
