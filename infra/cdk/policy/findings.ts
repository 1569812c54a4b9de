import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Acknowledged, Acknowledgment } from './acknowledgments.js';

/** One thing the policy refuses or warns of. */
export interface PolicyFinding {
  /** `TW-...` for our own rules, the pack's or the validator's id otherwise. */
  readonly rule: string;
  readonly severity: 'error' | 'warning';
  /** Where in the app, e.g. `Tradewind-prod-tokyo-Data/Database/Resource`. */
  readonly constructPath: string;
  /** Template and logical id, where the finding is on a resource of a template. */
  readonly resource?: string;
  /** What is wrong, with the value found. */
  readonly message: string;
  readonly fix?: string;
  /** The plugin that found it: `Tradewind`, `AwsSolutions`, ... */
  readonly source: string;
}

/** What a policy run over an app found. */
export interface PolicyResult {
  readonly findings: readonly PolicyFinding[];
  /** What was found and has a reason. */
  readonly acknowledged: readonly Acknowledged[];
  /** Every reason given; one that matches nothing any more is a reason nobody has. */
  readonly acknowledgments: readonly Acknowledgment[];
}

interface ReportedViolation {
  readonly ruleName: string;
  readonly description: string;
  readonly suggestedFix?: string;
  readonly severity: string;
  readonly violatingConstructs: ReadonlyArray<{
    readonly constructPath: string;
    readonly cloudFormationResource?: { readonly templatePath: string; readonly logicalId: string };
  }>;
}

interface Report {
  readonly pluginReports: ReadonlyArray<{
    readonly pluginName: string;
    readonly conclusion: 'success' | 'failure';
    readonly metadata?: { readonly error?: string };
    readonly violations: readonly ReportedViolation[];
  }>;
}

/** Reads the validation report the CDK leaves beside the templates it wrote; none means nothing was found. */
export function reportedFindings(assembly: string): PolicyFinding[] {
  const file = join(assembly, 'validation-report.json');
  if (!existsSync(file)) return [];
  const { pluginReports }: Report = JSON.parse(readFileSync(file, 'utf8'));
  const findings: PolicyFinding[] = [];
  for (const report of pluginReports) {
    if (report.metadata?.error) throw new Error(report.metadata.error);
    for (const violation of report.violations) {
      for (const place of violation.violatingConstructs) {
        findings.push({
          rule: violation.ruleName,
          severity: /^(error|fatal)$/.test(violation.severity) ? 'error' : 'warning',
          constructPath: place.constructPath,
          ...(place.cloudFormationResource
            ? {
                resource: `${place.cloudFormationResource.templatePath}#${place.cloudFormationResource.logicalId}`,
              }
            : {}),
          message: violation.description,
          ...(violation.suggestedFix ? { fix: violation.suggestedFix } : {}),
          source: report.pluginName,
        });
      }
    }
  }
  return findings;
}

/** Two or three lines: where, what, how to repair it. */
export function formatFinding(finding: PolicyFinding): string {
  const { severity, rule, constructPath, resource, message, fix } = finding;
  const where = resource ? `${constructPath || resource} (${resource.split('#')[1]})` : constructPath;
  return [`${severity} ${rule} ${where}`, `  ${message}`, ...(fix ? [`  fix: ${fix}`] : [])].join('\n');
}
