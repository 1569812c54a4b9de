/** An SSM Automation document, schema 0.3, as far as ours use it. */
export interface AutomationDocument {
  readonly schemaVersion: '0.3';
  readonly description: string;
  readonly assumeRole: string;
  readonly parameters: Readonly<Record<string, DocumentParameter>>;
  readonly mainSteps: readonly AutomationStep[];
}

export interface DocumentParameter {
  readonly type: 'String' | 'StringList';
  readonly description: string;
  readonly default?: string | readonly string[];
  readonly allowedValues?: readonly string[];
  readonly allowedPattern?: string;
}

export type AutomationAction =
  | 'aws:approve'
  | 'aws:assertAwsResourceProperty'
  | 'aws:branch'
  | 'aws:executeAutomation'
  | 'aws:executeAwsApi'
  | 'aws:invokeLambdaFunction'
  | 'aws:runCommand'
  | 'aws:sleep'
  | 'aws:waitForAwsResourceProperty';

export interface StepOutput {
  readonly Name: string;
  readonly Selector: string;
  readonly Type: 'String';
}

/**
 * One step. A step that fails ends the automation unless `onFailure` names where to go on; a critical step (the default)
 * that failed makes the whole automation count as failed, whatever was repaired after it.
 */
export interface AutomationStep {
  readonly name: string;
  readonly action: AutomationAction;
  readonly description?: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly outputs?: readonly StepOutput[];
  readonly timeoutSeconds?: number;
  readonly maxAttempts?: number;
  readonly onFailure?: 'Abort' | 'Continue' | `step:${string}`;
  readonly isCritical?: boolean;
  readonly nextStep?: string;
  readonly isEnd?: boolean;
}

/** Steps in a row: each goes on to the next, and the last one to `then`, or ends. Steps that say where they go on are left alone. */
export function inARow(steps: readonly AutomationStep[], then?: string): AutomationStep[] {
  return steps.map((step, index) => {
    // A branch names its ways itself.
    if (step.nextStep !== undefined || step.isEnd || step.action === 'aws:branch') return step;
    const next = steps[index + 1]?.name ?? then;
    return next === undefined ? { ...step, isEnd: true } : { ...step, nextStep: next };
  });
}

/** A whole number of seconds as SSM wants it, e.g. `PT300S`. */
export function isoSeconds(ms: number): string {
  return `PT${Math.ceil(ms / 1_000)}S`;
}
