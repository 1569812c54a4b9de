import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SSMClient } from '@aws-sdk/client-ssm';
import { DynamoLeaseStore } from '@tradewind/engine/ha/lease/dynamo';
import { createLog, type Log } from '../shared/index.js';
import { Agent } from './agent.js';
import { monotonicMs } from './clock.js';
import type { AgentConfig } from './config.js';
import { ControlServer } from './control.js';
import { GuardProcess } from './guard-process.js';
import { lookAtEngine } from './health-probe.js';
import { readHostGauges } from './host-files.js';
import { metricBatch, sendMetrics } from './metrics.js';
import { Promotion } from './promotion.js';
import { EngineUnit } from './unit-control.js';

/** Runs the agent until SIGTERM or SIGINT; `guardCommand` starts this program again as the guard. */
export async function runAgent(config: AgentConfig, guardCommand: readonly string[]): Promise<void> {
  const { environment, host, instanceId, region, lease, engine } = config;
  const log = createLog({ environment, host, instanceId });
  const unit = new EngineUnit(config.systemctl, engine.unit);
  // One attempt: a repetition the SDK makes by itself could be applied after the lease has moved on.
  const client = new DynamoDBClient({
    region,
    maxAttempts: 1,
    requestHandler: {
      connectionTimeout: lease.requestTimeoutMs,
      requestTimeout: lease.requestTimeoutMs,
      httpAgent: { keepAlive: true, maxSockets: 4 },
      httpsAgent: { keepAlive: true, maxSockets: 4 },
    },
  });
  const promotion = new Promotion({ client: new SSMClient({ region }), config, log });
  let ending = false;
  const guard = new GuardProcess({
    command: guardCommand,
    onReport: (report) => agent.onGuardReport(report),
    onExit: (why) => {
      if (!ending) void guardLost(why);
    },
  });
  const agent = new Agent(config, {
    store: new DynamoLeaseStore({ client, table: lease.table, timeoutMs: lease.requestTimeoutMs }),
    clock: monotonicMs,
    orderGuard: (order) => guard.order(order),
    lookAtEngine: () => lookAtEngine(engine.url, engine.probeTimeoutMs),
    unitState: () => unit.state(),
    promote: (epoch, from, wanted) => promotion.run(epoch, from, wanted),
    log,
  });

  /** Nobody would stop the engine in time any more: it is killed from here, and systemd starts the agent afresh. */
  async function guardLost(why: string): Promise<void> {
    ending = true;
    log.error('the guard is gone: killing the engine and ending', { why });
    await unit.kill();
    process.exit(1);
  }
  agent.onGuardLost = (why) => {
    if (!ending) void guardLost(why);
  };

  // Before the engine is touched: a second agent must not kill what the first one runs.
  const control = await ControlServer.open(config.control.socket, (request) => agent.answer(request)).catch(
    (error) => {
      ending = true;
      guard.release();
      throw error;
    },
  );
  const reporting = reportMetrics(config, agent, log);
  agent.start();
  log.info('agent started', { guard: guard.pid, lease });

  await new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });
  log.info('agent stopping');
  await agent.stop();
  ending = true;
  clearInterval(reporting);
  control.close();
  guard.release();
  client.destroy();
  log.info('agent stopped');
}

function reportMetrics(config: AgentConfig, agent: Agent, log: Log): NodeJS.Timeout | undefined {
  const { metrics, region } = config;
  if (metrics === undefined) return undefined;
  const client = new CloudWatchClient({ region, maxAttempts: 1 });
  const send = async () => {
    try {
      const batch = metricBatch(agent.readings(readHostGauges(metrics.hostFiles)), config, new Date());
      await sendMetrics(client, metrics.namespace, batch, metrics.everyMs);
    } catch (error) {
      log.warn('metrics not sent', { error });
    }
  };
  return setInterval(() => void send(), metrics.everyMs);
}
