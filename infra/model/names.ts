import type { EnvironmentConfig } from './schema.js';

/**
 * Names we choose. Most resources are named by CloudFormation or the provider; a name is ours where something outside the
 * template has to know it: another Region, a host, a person on call, the venue.
 */
export function names(
  config: Pick<EnvironmentConfig, 'name' | 'account'>,
  place: 'home' | 'second' = 'home',
) {
  const prefix = `tradewind-${config.name}`;
  return {
    prefix,
    /** CloudFormation stacks and SSM documents, e.g. `Tradewind-prod-tokyo-Keys`; of a second Region `Tradewind-prod-tokyo-Dr-Keys`. */
    stack: (part: string) => `Tradewind-${config.name}-${place === 'second' ? 'Dr-' : ''}${part}`,
    /** SSM Automation documents an agent or a person starts. */
    document: (action: DocumentAction) => `Tradewind-${config.name}-${action}`,
    /** SSM parameters, e.g. `/tradewind/prod-tokyo/release/current`. */
    parameter: (path: string) => `/tradewind/${config.name}/${path}`,
    /** SSM parameter with the id of the Prometheus workspace, which is stood after the hosts that send to it. */
    prometheusParameter: `/tradewind/${config.name}/prometheus/workspace`,
    /** Bucket names are global: account and Region keep them ours. */
    bucket: (what: string, region: string) => `${prefix}-${what}-${config.account}-${region}`,
    secret: (venueSecret: string) => `tradewind/${config.name}/venues/${venueSecret}`,
    logGroup: (what: string) => `/tradewind/${config.name}/${what}`,
    function: (name: string) => `${prefix}-${name}`,
    /** Roles are global in an account, so those of a second Region are told apart. */
    role: (name: string) => `${prefix}-${place === 'second' ? 'dr-' : ''}${name}`,
    vault: `${prefix}-vault`,
    copyVault: `${prefix}-vault-copy`,
    leaseTable: `${prefix}-lease`,
    /** RDS instance, and prefix of what belongs to it. */
    database: `${prefix}-postgres`,
    /** ElastiCache takes 40 characters. */
    cache: `${prefix}-redis`,
    eventStream: `${prefix}-kafka`,
    keyAlias: (purpose: string) => `alias/${prefix}-${purpose}`,
    alarm: (id: string) => `${prefix}-${id}`,
    topic: (severity: 'critical' | 'warning') => `${prefix}-${severity}`,
  } as const;
}

/** Actions that exist as SSM Automation documents. */
export const DOCUMENT_ACTIONS = [
  'fence',
  'unfence',
  'move-address',
  'failover',
  'handover',
  'kill-switch',
  'resume',
  'rolling-upgrade',
  'rollback',
  'canary',
  'paper-shadow',
  'rotate-key',
  'snapshot',
] as const;

export type DocumentAction = (typeof DOCUMENT_ACTIONS)[number];

export type Names = ReturnType<typeof names>;
