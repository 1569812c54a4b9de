/** A synthesized CloudFormation stack. */
export interface SynthesizedStack {
  readonly name: string;
  readonly region: string;
  /** Has termination protection: it holds state. */
  readonly stateful: boolean;
  readonly template: Template;
}

export interface Template {
  readonly Resources?: Readonly<Record<string, TemplateResource>>;
}

export interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: string;
}

/** Resources of all stacks, in order. */
export function* resources(stacks: readonly SynthesizedStack[]) {
  for (const stack of stacks) {
    for (const [id, resource] of Object.entries(stack.template.Resources ?? {})) {
      yield { stack, id, resource };
    }
  }
}

/**
 * A value of a template as a person would say it: `LeaseTable.Arn` for a reference, `tradewind-x-*` for a joined name,
 * with account and Region left to stand for themselves.
 */
export function readable(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return value.map(readable).join(', ');
  if (value === null || typeof value !== 'object') return '';
  const [[name, argument] = ['', undefined]] = Object.entries(value);
  switch (name) {
    case 'Ref':
      return pseudo(String(argument));
    case 'Fn::GetAtt':
      return Array.isArray(argument) ? argument.map(String).join('.') : String(argument);
    case 'Fn::GetStackOutput': {
      const { StackName, OutputName } = argument as { StackName?: unknown; OutputName?: unknown };
      return `${readable(StackName)}/${trimOutput(readable(OutputName))}`;
    }
    case 'Fn::Join': {
      const [separator, parts] = argument as [string, unknown[]];
      return parts.map(readable).join(separator);
    }
    case 'Fn::Sub': {
      const [text, variables] = (Array.isArray(argument) ? argument : [argument, {}]) as [
        string,
        Record<string, unknown>,
      ];
      return text.replace(/\$\{([^}]+)\}/g, (_, key: string) =>
        key in variables ? readable(variables[key]) : pseudo(key),
      );
    }
    case 'Fn::ImportValue':
      return readable(argument);
    case 'Fn::Select': {
      const [index, list] = argument as [number, unknown];
      return `${readable(list)}[${index}]`;
    }
    default:
      return JSON.stringify(value);
  }
}

const PSEUDO: Readonly<Record<string, string>> = {
  'AWS::Partition': 'aws',
  'AWS::Region': '<region>',
  'AWS::AccountId': '<account>',
  'AWS::URLSuffix': 'amazonaws.com',
  'AWS::StackName': '<stack>',
};

function pseudo(name: string): string {
  return PSEUDO[name] ?? name;
}

/** Names of outputs that synthesis makes begin with words that say nothing. */
function trimOutput(name: string): string {
  return name.replace(/^(?:ExportsOutput|WeakOutput|Output)(?:FnGetAtt|Ref)?/, '');
}
