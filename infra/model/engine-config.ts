import { dirname, resolve } from 'node:path';
import { type Config, ConfigError, loadConfig } from '@tradewind/engine/config';
import type { EnvironmentConfig } from './schema.js';

/** Where the engine's configuration of an environment lies. */
export function engineConfigPath({ engine }: Pick<EnvironmentConfig, 'engine'>, file: string): string {
  return resolve(dirname(file), engine.config);
}

/** The engine's configuration of an environment, or undefined where it is not accepted; the checks say why. */
export function engineConfigOf(config: Pick<EnvironmentConfig, 'engine'>, file: string): Config | undefined {
  try {
    // The variables of whoever runs this are not those of the hosts.
    return loadConfig(engineConfigPath(config, file), {}).config;
  } catch (error) {
    if (error instanceof ConfigError) return undefined;
    throw error;
  }
}
