import type { AutomationDocument, AutomationStep } from '../../model/documents/index.js';

/** What a document acts upon. Everything may throw, which fails the step. */
export interface AutomationWorld {
  api(service: string, api: string, inputs: Readonly<Record<string, unknown>>): unknown;
  /** Runs on one host; returns its output. */
  command(instanceId: string, commands: readonly string[]): string;
  invoke(functionName: string, payload: Readonly<Record<string, unknown>>): unknown;
  automation(document: string, parameters: Readonly<Record<string, readonly string[]>>): void;
  approve(approvers: unknown): void;
  /** Seconds pass. */
  pass(seconds: number): void;
  /** After every step, whatever became of it. */
  afterStep?(name: string): void;
}

export interface AutomationResult {
  readonly status: 'Success' | 'Failed';
  /** In order. */
  readonly steps: readonly { readonly name: string; readonly error?: string }[];
}

export interface RunOptions {
  readonly parameters?: Readonly<Record<string, string | readonly string[]>>;
  /** A step that fails before it does anything, as when Systems Manager can not reach what it needs. */
  readonly failAt?: string;
}

const MOST_STEPS = 200;

/** Executes a document as the user guide of Systems Manager says Automation does, as far as our documents use it. */
export function runAutomation(
  document: AutomationDocument,
  world: AutomationWorld,
  { parameters = {}, failAt }: RunOptions = {},
): AutomationResult {
  const values = new Map<string, unknown>([
    ['automation:EXECUTION_ID', '00000000-0000-4000-8000-000000000000'],
    ...checkedParameters(document, parameters),
  ]);
  const byName = new Map(document.mainSteps.map((step) => [step.name, step]));
  const done: { name: string; error?: string }[] = [];
  let failed = false;
  let step: AutomationStep | undefined = document.mainSteps[0];
  while (step !== undefined) {
    if (done.length > MOST_STEPS) throw new Error(`${step.name}: the document goes round in circles`);
    const current: AutomationStep = step;
    let next: string | undefined = current.isEnd
      ? undefined
      : (current.nextStep ?? following(document, current));
    try {
      if (current.name === failAt) throw new Error('injected');
      const chosen = execute(
        current,
        resolve(current.inputs, values) as Record<string, unknown>,
        world,
        values,
      );
      if (chosen !== undefined) next = chosen;
      done.push({ name: current.name });
    } catch (error) {
      done.push({ name: current.name, error: (error as Error).message });
      if (current.isCritical ?? true) failed = true;
      const then = current.onFailure ?? 'Abort';
      if (then === 'Abort') next = undefined;
      else if (then !== 'Continue') next = then.slice('step:'.length);
    }
    world.afterStep?.(current.name);
    step = next === undefined ? undefined : byName.get(next);
    if (next !== undefined && step === undefined)
      throw new Error(`${current.name}: there is no step ${next}`);
  }
  return { status: failed ? 'Failed' : 'Success', steps: done };
}

/** Without `nextStep` the next one in the list. */
function following({ mainSteps }: AutomationDocument, step: AutomationStep): string | undefined {
  return mainSteps[mainSteps.indexOf(step) + 1]?.name;
}

function checkedParameters(
  { parameters }: AutomationDocument,
  given: Readonly<Record<string, string | readonly string[]>>,
): [string, unknown][] {
  for (const name of Object.keys(given)) {
    if (!(name in parameters)) throw new Error(`${name}: the document has no such parameter`);
  }
  return Object.entries(parameters).map(([name, { default: fallback, allowedValues, allowedPattern }]) => {
    const value = given[name] ?? fallback;
    if (value === undefined) throw new Error(`${name}: is not given`);
    for (const one of [value].flat()) {
      if (allowedValues && !allowedValues.includes(one)) throw new Error(`${name} ${one}: is not allowed`);
      if (allowedPattern && !new RegExp(allowedPattern).test(one))
        throw new Error(`${name} ${one}: no match`);
    }
    return [name, value];
  });
}

/** Puts variables in; a whole text that is one variable keeps its type. */
export function resolve(value: unknown, values: ReadonlyMap<string, unknown>): unknown {
  const get = (name: string) => {
    if (!values.has(name)) throw new Error(`{{ ${name} }} is not defined`);
    return values.get(name);
  };
  if (typeof value === 'string') {
    const whole = /^\{\{ ([\w:.]+) \}\}$/.exec(value);
    if (whole) return get(whole[1] as string);
    return value.replaceAll(/\{\{ ([\w:.]+) \}\}/g, (_, name: string) => String(get(name)));
  }
  if (Array.isArray(value)) return value.map((one) => resolve(one, values));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, resolve(one, values)]));
}

/** Returns the step a branch chose. */
function execute(
  step: AutomationStep,
  inputs: Record<string, unknown>,
  world: AutomationWorld,
  values: Map<string, unknown>,
): string | undefined {
  const { Service, Api, PropertySelector, DesiredValues, ...rest } = inputs as Record<string, never>;
  const call = () => world.api(Service, Api, rest);
  switch (step.action) {
    case 'aws:branch': {
      const { Choices, Default } = inputs as never as {
        Choices: { Variable: string; StringEquals: string; NextStep: string }[];
        Default: string;
      };
      return Choices.find((choice) => choice.Variable === choice.StringEquals)?.NextStep ?? Default;
    }
    case 'aws:runCommand': {
      const { InstanceIds, Parameters } = inputs as never as {
        InstanceIds: string[];
        Parameters: { commands: string[] };
      };
      const errors: string[] = [];
      const outputs = InstanceIds.map((id) => {
        try {
          return world.command(id, Parameters.commands);
        } catch (error) {
          errors.push(`${id}: ${(error as Error).message}`);
          return '';
        }
      });
      if (errors.length > 0) throw new Error(errors.join('; '));
      values.set(`${step.name}.Output`, outputs.join(''));
      return undefined;
    }
    case 'aws:executeAwsApi': {
      const answer = call();
      for (const { Name, Selector } of step.outputs ?? []) {
        values.set(`${step.name}.${Name}`, select(answer, Selector));
      }
      return undefined;
    }
    case 'aws:assertAwsResourceProperty':
      check(select(call(), PropertySelector), DesiredValues);
      return undefined;
    case 'aws:waitForAwsResourceProperty': {
      for (let waited = 0; ; waited++) {
        try {
          check(select(call(), PropertySelector), DesiredValues);
          return undefined;
        } catch (error) {
          if (waited >= (step.timeoutSeconds ?? 3_600)) throw error;
          world.pass(1);
        }
      }
    }
    case 'aws:invokeLambdaFunction':
      world.invoke(inputs.FunctionName as string, inputs.InputPayload as Record<string, unknown>);
      return undefined;
    case 'aws:executeAutomation':
      world.automation(inputs.DocumentName as string, inputs.RuntimeParameters as Record<string, string[]>);
      return undefined;
    case 'aws:approve':
      world.approve(inputs.Approvers);
      return undefined;
    case 'aws:sleep':
      world.pass(Number(/^PT(\d+)S$/.exec(inputs.Duration as string)?.[1]));
      return undefined;
  }
}

function check(found: unknown, desired: readonly string[]): void {
  if (!desired.includes(String(found))) throw new Error(`is ${found}, not ${desired.join(' or ')}`);
}

/** `$.a.b[0]['c d']`. */
export function select(answer: unknown, path: string): unknown {
  const parts = [...path.slice(1).matchAll(/\.(\w+)|\[(\d+)\]|\['([^']+)'\]/g)];
  return parts.reduce<unknown>((at, [, name, index, quoted]) => {
    if (at === null || typeof at !== 'object') throw new Error(`${path}: there is nothing at it`);
    return (at as Record<string, unknown>)[name ?? index ?? (quoted as string)];
  }, answer);
}
