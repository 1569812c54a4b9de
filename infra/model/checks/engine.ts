import { readFileSync } from 'node:fs';
import {
  type Config,
  ConfigError,
  venueEndpoints as engineEndpoints,
  formatIssue,
  loadConfig,
  nearestKey,
  tradingMode,
} from '@tradewind/engine/config';
import { parse } from 'yaml';
import { engineConfigPath } from '../engine-config.js';
import type { EnvironmentProblem } from '../problems.js';
import type { EnvironmentConfig } from '../schema.js';
import { venueEndpoints } from '../venue-endpoints.js';
import { check, oneOf } from './check.js';
import { secretProblems } from './secrets.js';

const TESTNET = '-testnet';

/** Venues, and the engine's own configuration beside them. */
export const engineChecks = [
  check(['venues'], ({ venues }) => venueProblems(venues)),
  check(['venues', 'stage'], ({ venues, stage }) => keyProblems(venues, stage)),
  check(['engine', 'venues', 'stage'], ({ engine, venues, stage }, { file }): EnvironmentProblem[] => {
    const path = engineConfigPath({ engine }, file);
    const at = { path: 'engine.config', value: engine.config };
    let text: string;
    try {
      text = readFileSync(path, 'utf8');
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      return [{ ...at, message: `can not be read (${code})`, fix: 'give a path from the environment file' }];
    }
    const secrets = secretProblems(plain(text), text).map(({ path: where, message, fix }) => ({
      ...at,
      message: `${where === '$' ? 'a line' : where} ${message}`,
      fix: `${fix}; the configuration refers to it by {env: NAME} or {file: PATH}`,
    }));
    if (secrets.length > 0) return secrets;
    let config: Config;
    try {
      // The variables of whoever runs this are not those of the hosts.
      ({ config } = loadConfig(path, {}));
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      return error.issues.map((issue) => {
        const { source: _, ...rest } = issue;
        return {
          ...at,
          message: `is refused by the engine: ${formatIssue(rest)}`,
          fix: 'correct it, and try `tradewind config check` on it',
        };
      });
    }
    return [...unreachable(config, venues), ...trading(config, venues, stage)];
  }),
];

/** The YAML as values; nothing where it is broken, which the engine's own loading tells of. */
function plain(text: string): unknown {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}

function venueProblems(venues: EnvironmentConfig['venues']): EnvironmentProblem[] {
  const known = Object.keys(venueEndpoints());
  return venues.flatMap(({ id }, index): EnvironmentProblem[] => {
    const at = { path: `venues[${index}].id`, value: id };
    if (!known.includes(id)) {
      const nearest = nearestKey(id, known);
      return [
        {
          ...at,
          message: 'is no venue of infra/data/venue-endpoints.json',
          fix: nearest ? `use ${nearest}` : `use ${oneOf(known)}, or add its endpoints there`,
        },
      ];
    }
    const first = venues.findIndex((venue) => venue.id === id);
    if (first === index) return [];
    return [{ ...at, message: `is there already, as venues[${first}]`, fix: 'name each venue once' }];
  });
}

/** Real money is traded in production alone. */
function keyProblems(
  venues: EnvironmentConfig['venues'],
  stage: EnvironmentConfig['stage'],
): EnvironmentProblem[] {
  const known = Object.keys(venueEndpoints());
  return venues.flatMap(({ id, secret }, index): EnvironmentProblem[] => {
    if (stage === 'prod' || secret === undefined || id.endsWith(TESTNET) || !known.includes(id)) return [];
    return [
      {
        path: `venues[${index}].secret`,
        value: secret,
        message: `gives a ${stage} environment a key to real money at ${id}`,
        fix: known.includes(id + TESTNET) ? `use ${id}${TESTNET}, or remove the secret` : 'remove the secret',
      },
    ];
  });
}

/** Addresses the engine opens that no listed venue has: the security group would drop them. */
function unreachable(config: Config, venues: EnvironmentConfig['venues']): EnvironmentProblem[] {
  const open = new Set(venues.flatMap(({ id }) => (venueEndpoints()[id] ?? []).map(hostPort)));
  const missing = Object.values(engineEndpoints(config) ?? {})
    .map((url) => addressOf(new URL(url)))
    .filter(({ host }) => !isLoopback(host))
    .map(hostPort)
    .filter((address, index, all) => !open.has(address) && all.indexOf(address) === index);
  if (missing.length === 0) return [];
  const having = Object.entries(venueEndpoints())
    .filter(([, endpoints]) => missing.every((one) => endpoints.some((each) => hostPort(each) === one)))
    .map(([id]) => id);
  return [
    {
      path: 'venues',
      value: venues.map(({ id }) => id).join(', '),
      message: `have no endpoint ${missing.join(', ')}, which the engine's configuration uses`,
      fix:
        having.length > 0
          ? `add ${oneOf(having)} to venues`
          : 'correct venue.endpoints there, or add the addresses to infra/data/venue-endpoints.json',
    },
  ];
}

function trading(
  config: Config,
  venues: EnvironmentConfig['venues'],
  stage: EnvironmentConfig['stage'],
): EnvironmentProblem[] {
  const mode = tradingMode(config);
  if (mode === 'live' && stage !== 'prod') {
    return [
      {
        path: 'stage',
        value: stage,
        message: "does not go with the engine's configuration, which trades real money",
        fix: 'set trading.paper: true there, or make this a prod environment',
      },
    ];
  }
  if (mode !== 'live' && mode !== 'testnet') return [];
  const id = mode === 'testnet' ? `${config.venue.name}${TESTNET}` : config.venue.name;
  const index = venues.findIndex((venue) => venue.id === id);
  if (index < 0 || venues[index]?.secret !== undefined) return [];
  return [
    {
      path: `venues[${index}].secret`,
      message: `is missing, and the engine's configuration sends orders to ${id}`,
      fix: 'name the secret that holds its API key, or set trading.paper: true there',
    },
  ];
}

function addressOf(url: URL): { host: string; port: number } {
  const secure = url.protocol === 'https:' || url.protocol === 'wss:';
  return { host: url.hostname, port: url.port === '' ? (secure ? 443 : 80) : Number(url.port) };
}

function hostPort({ host, port }: { readonly host: string; readonly port: number }): string {
  return `${host}:${port}`;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host.startsWith('127.') || host === '[::1]';
}
