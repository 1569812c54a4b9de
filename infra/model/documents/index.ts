/**
 * documents: what people and agents do to an environment, as SSM Automation documents in plain data. The plan and the ids
 * of what a back end made enter; documents, the roles they run under and the Change Calendar leave. Nothing here talks to
 * AWS or knows a resource class, so that both back ends make the same documents.
 */
import type { DocumentAction } from '../names.js';
import type { EnvironmentPlan } from '../plan/environment-plan.js';
import { movesAddress } from '../plan/lease.js';
import type { AutomationDocument } from './automation.js';
import { rotateKey, snapshot } from './custody.js';
import { rollback } from './rollback.js';
import { failover, handover } from './switching.js';
import { fence, moveAddress, unfence } from './takeover.js';
import type { DocumentContext, DocumentTargets } from './targets.js';
import { killSwitch, resume } from './trading.js';
import { canary, paperShadow, rollingUpgrade } from './upgrades.js';

export { DOCUMENT_WILDCARDS, type DocumentArns, documentAccess, documentGroups } from './access.js';
export type { AutomationDocument, AutomationStep, DocumentParameter } from './automation.js';
export { changeCalendar } from './calendar.js';
export { type CommandDocument, type KeyCommand, keyCommand, keyCommandName } from './commands.js';
export {
  automationRoleName,
  DOCUMENT_GROUPS,
  type DocumentGroup,
  type DocumentTargets,
} from './targets.js';
export { calendarName } from './upgrades.js';

const WRITERS: Readonly<Record<DocumentAction, (context: DocumentContext) => AutomationDocument>> = {
  fence,
  unfence,
  'move-address': moveAddress,
  failover,
  handover,
  'kill-switch': killSwitch,
  resume,
  'rolling-upgrade': rollingUpgrade,
  rollback,
  canary,
  'paper-shadow': paperShadow,
  'rotate-key': rotateKey,
  snapshot,
};

/** The documents an environment has. What is about two hosts needs both to stand; without a host there are none. */
export function documentActions({ config, hosts }: EnvironmentPlan): DocumentAction[] {
  const { standing } = hosts;
  if (standing.length === 0) return [];
  const pair: DocumentAction[] = ['fence', 'unfence', 'failover', 'handover', 'canary'];
  return [
    'kill-switch',
    'resume',
    'rolling-upgrade',
    'rollback',
    'paper-shadow',
    'snapshot',
    ...(standing.length > 1 ? pair : []),
    ...(movesAddress(config) ? (['move-address'] as const) : []),
    ...(config.venues.some(({ secret }) => secret) ? (['rotate-key'] as const) : []),
  ];
}

/** One document. */
export function automationDocument(
  action: DocumentAction,
  plan: EnvironmentPlan,
  targets: DocumentTargets,
): AutomationDocument {
  return WRITERS[action]({ plan, targets });
}
