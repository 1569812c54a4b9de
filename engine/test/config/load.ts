import { expect } from '@jest/globals';
import {
  type Config,
  ConfigError,
  type ConfigIssue,
  type Environment,
  parseConfig,
} from '../../src/config/index.js';

export const SOURCE = 'test.yaml';

export function load(yaml: string, env: Environment = {}): Config {
  return parseConfig(new TextEncoder().encode(yaml), env, SOURCE);
}

/** The error that loading must give. */
export function failure(yaml: string, env: Environment = {}): ConfigError {
  try {
    load(yaml, env);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return error as ConfigError;
  }
  throw new Error('it was accepted');
}

/** The only issue that loading must give. */
export function issue(yaml: string, env: Environment = {}): ConfigIssue {
  const { issues, message } = failure(yaml, env);
  expect({ count: issues.length, message }).toEqual({ count: 1, message });
  return issues[0]!;
}
