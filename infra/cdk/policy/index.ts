/**
 * policy: what no environment may be deployed with. An app enters; findings leave, each with the construct, the value and
 * the fix. Rules on templates are Rego in `rules/`, rules on what no template shows are TypeScript; cdk-nag packs and the
 * validator of aws-cdk-lib run beside them. It never changes an app, and never looks at anything deployed.
 */
export type { Acknowledged, Acknowledgment } from './acknowledgments.js';
export { type AppliedPolicy, applyPolicy, type PolicyOptions, templateValidator } from './apply-policy.js';
export { formatFinding, type PolicyFinding, type PolicyResult } from './findings.js';
export { NAG_PACKS } from './nag-packs.js';
export { type PolicyRule, policyRules } from './rules.js';
export { DATA_TYPES, GUARDED_TYPES } from './stateful-types.js';
