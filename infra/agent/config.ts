import { readFileSync } from 'node:fs';
import { DEFAULT_LEASE_TIMING, timingProblems } from '@tradewind/engine/ha/lease';
import { z } from 'zod';
import { InputError, parseInput } from '../shared/index.js';

const ms = (fallback: number) => z.number({ error: 'write milliseconds' }).positive().default(fallback);
const text = z.string({ error: 'write a text' }).min(1, 'write a text');
const path = text.regex(/^\//, 'write an absolute path');
const url = z.url({
  protocol: /^http$/,
  hostname: /^(127\.0\.0\.1|localhost)$/,
  error: 'write a http URL of this host',
});

const lease = z.strictObject({
  /** Name of the DynamoDB table. */
  table: text,
  renewEveryMs: ms(DEFAULT_LEASE_TIMING.renewEveryMs),
  observeEveryMs: ms(DEFAULT_LEASE_TIMING.observeEveryMs),
  selfFenceMs: ms(DEFAULT_LEASE_TIMING.selfFenceMs),
  expireAfterMs: ms(DEFAULT_LEASE_TIMING.expireAfterMs),
  requestTimeoutMs: ms(DEFAULT_LEASE_TIMING.requestTimeoutMs),
  tickMs: ms(DEFAULT_LEASE_TIMING.tickMs),
  killMs: ms(DEFAULT_LEASE_TIMING.killMs),
  clockRatePpm: z.number().min(0).default(DEFAULT_LEASE_TIMING.clockRatePpm),
});

const engine = z
  .strictObject({
    /** systemd unit; `Restart=no`, for the agent decides who runs. */
    unit: text.default('tradewind-engine.service'),
    /** Where `/health` and `/ready` are. */
    url: url.default('http://127.0.0.1:9464'),
    probeEveryMs: ms(250),
    probeTimeoutMs: ms(200),
    startGraceMs: ms(20_000),
    unhealthyAfterMs: ms(2_000),
    /** A planned stop may take so long to cancel its orders. */
    gracefulStopMs: ms(10_000),
    coolDownMs: ms(30_000),
    maxReleases: z.number().int().min(1).default(3),
    flapWindowMs: ms(600_000),
  })
  .prefault({});

const step = z.strictObject({
  /** Name of the SSM Automation document. */
  document: text,
  /** True: the engine starts only after it succeeded. */
  awaited: z.boolean(),
});

const promotion = z
  .strictObject({
    /** Cuts off a holder whose lease ran out; parameters Host, Reason, RequestedBy. */
    fence: step.optional(),
    /** Moves the address here; parameters Host, Epoch. */
    moveAddress: step.optional(),
    pollEveryMs: ms(500),
    timeoutMs: ms(60_000),
  })
  .prefault({});

const metrics = z.strictObject({
  namespace: text.default('Tradewind'),
  everyMs: ms(5_000),
  /** Folder of the Prometheus text files with the host's clock and drift. */
  hostFiles: path.default('/var/lib/tradewind/metrics'),
});

/** `/etc/tradewind/agent.json`. */
export const agentConfigSchema = z.strictObject({
  environment: text,
  /** Which host this is. */
  host: z.enum(['primary', 'standby'], { error: 'write primary or standby' }),
  instanceId: text.regex(/^i-[0-9a-z-]+$/, 'write the EC2 instance id'),
  region: text,
  lease,
  engine,
  promotion,
  /** Absent: no metrics are sent. */
  metrics: metrics.optional(),
  control: z
    .strictObject({
      /** Unix socket of the `agent` commands; only one agent can have it. */
      socket: path.default('/run/tradewind/agent.sock'),
      /** Exists while the host is on hold; survives restarts. */
      holdFile: path.default('/var/lib/tradewind/agent.hold'),
      /** True: on hold from the first start on, until somebody ends it by hand on this very instance. */
      startHeld: z.boolean({ error: 'write true or false' }).default(false),
      /** Names the instance whose first hold was ended; survives restarts. */
      releaseFile: path.default('/var/lib/tradewind/agent.released'),
      /** The other side must accept a handover within this time. */
      acceptWithinMs: ms(5_000),
      /** After a handover this host leaves the lease to the other for so long. */
      handoverQuietMs: ms(30_000),
    })
    .prefault({}),
  systemctl: path.default('/usr/bin/systemctl'),
});

/** See {@link agentConfigSchema}. */
export type AgentConfig = z.infer<typeof agentConfigSchema>;

/** Checks a configuration; throws an error that names every field that is wrong, its value and the fix. */
export function parseAgentConfig(value: unknown, source: string): AgentConfig {
  const config = parseInput(source, agentConfigSchema, value) as AgentConfig;
  const { table: _, ...timing } = config.lease;
  const problems = timingProblems(timing).map((problem) => `lease.${problem}`);
  if (problems.length > 0) throw new InputError(source, problems);
  return config;
}

/** Reads and checks the file. */
export function loadAgentConfig(file: string): AgentConfig {
  let content: string;
  try {
    content = readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new InputError(file, [`can not be read (${code}): give the agent's configuration with --config`]);
  }
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch (error) {
    throw new InputError(file, [`is no JSON: ${(error as Error).message}`]);
  }
  return parseAgentConfig(value, file);
}
