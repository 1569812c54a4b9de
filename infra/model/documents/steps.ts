import type { AutomationStep, DocumentParameter, StepOutput } from './automation.js';
import { isoSeconds } from './automation.js';
import { PLAIN_TEXT } from './shell.js';

export const REASON: DocumentParameter = {
  type: 'String',
  description: 'Why, for the record; at least five letters, digits or plain punctuation.',
  allowedPattern: PLAIN_TEXT,
};

export const REQUESTED_BY: DocumentParameter = {
  type: 'String',
  description: 'Who asks, for the record.',
  default: 'a person through Systems Manager',
  allowedPattern: PLAIN_TEXT,
};

export const DRY_RUN: DocumentParameter = {
  type: 'String',
  description: 'true: check everything and change nothing.',
  default: 'false',
  allowedValues: ['true', 'false'],
};

/** Seconds until a host that does not take the command counts as gone. */
const DELIVERY_SECONDS = 60;

/** Shell on hosts; fails when it fails on one of them. `seconds`: how long it may run. */
export function onHosts(
  name: string,
  instanceIds: readonly string[],
  commands: readonly string[],
  seconds: number,
): AutomationStep {
  return {
    name,
    action: 'aws:runCommand',
    timeoutSeconds: seconds + DELIVERY_SECONDS + 30,
    inputs: {
      DocumentName: 'AWS-RunShellScript',
      InstanceIds: instanceIds,
      TimeoutSeconds: DELIVERY_SECONDS,
      // One host that fails does not keep the other from being reached.
      ...(instanceIds.length > 1 ? { MaxConcurrency: '100%', MaxErrors: '100%' } : {}),
      Parameters: { commands, executionTimeout: [String(seconds)] },
    },
  };
}

export function invoke(
  name: string,
  functionName: string,
  payload: Readonly<Record<string, string | boolean>>,
): AutomationStep {
  return {
    name,
    action: 'aws:invokeLambdaFunction',
    timeoutSeconds: 60,
    inputs: { FunctionName: functionName, InvocationType: 'RequestResponse', InputPayload: payload },
  };
}

export function callApi(
  name: string,
  service: string,
  api: string,
  inputs: Readonly<Record<string, unknown>>,
  outputs?: readonly StepOutput[],
): AutomationStep {
  return {
    name,
    action: 'aws:executeAwsApi',
    timeoutSeconds: 60,
    inputs: { Service: service, Api: api, ...inputs },
    ...(outputs ? { outputs } : {}),
  };
}

export interface Property {
  readonly service: string;
  readonly api: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  /** JSONPath into the answer. */
  readonly selector: string;
  readonly values: readonly string[];
}

/** Fails at once when the property has none of the values. */
export function assertProperty(name: string, property: Property): AutomationStep {
  return {
    name,
    action: 'aws:assertAwsResourceProperty',
    timeoutSeconds: 60,
    inputs: propertyInputs(property),
  };
}

/** Waits until it has one, and fails after `seconds`. */
export function waitForProperty(name: string, property: Property, seconds: number): AutomationStep {
  return {
    name,
    action: 'aws:waitForAwsResourceProperty',
    timeoutSeconds: seconds,
    inputs: propertyInputs(property),
  };
}

function propertyInputs({ service, api, inputs, selector, values }: Property): Record<string, unknown> {
  return {
    Service: service,
    Api: api,
    ...inputs,
    PropertySelector: selector,
    DesiredValues: values,
  };
}

/** `variable` decides: to the step it is mapped to, otherwise to `otherwise`. */
export function branch(
  name: string,
  variable: string,
  ways: Readonly<Record<string, string>>,
  otherwise: string,
): AutomationStep {
  return {
    name,
    action: 'aws:branch',
    inputs: {
      Choices: Object.entries(ways).map(([value, step]) => ({
        Variable: variable,
        StringEquals: value,
        NextStep: step,
      })),
      Default: otherwise,
    },
  };
}

export function sleep(name: string, ms: number): AutomationStep {
  return { name, action: 'aws:sleep', inputs: { Duration: isoSeconds(ms) } };
}

/** Another of our documents, waited for. */
export function runDocument(
  name: string,
  document: string,
  parameters: Readonly<Record<string, string>>,
  seconds: number,
): AutomationStep {
  return {
    name,
    action: 'aws:executeAutomation',
    timeoutSeconds: seconds,
    inputs: {
      DocumentName: document,
      RuntimeParameters: Object.fromEntries(Object.entries(parameters).map(([key, value]) => [key, [value]])),
    },
  };
}

/** Tells the people on a topic; that it could not be told takes nothing back. */
export function tell(name: string, topicArn: string, subject: string, message: string): AutomationStep {
  return {
    ...callApi(name, 'sns', 'Publish', { TopicArn: topicArn, Subject: subject, Message: message }),
    isCritical: false,
  };
}
