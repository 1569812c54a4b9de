import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  GetAutomationExecutionCommand,
  SSMClient,
  StartAutomationExecutionCommand,
} from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mockClient } from 'aws-sdk-client-mock';
import {
  askAgent,
  ControlServer,
  DEFAULT_LEASE_TIMING,
  EngineHealth,
  FlapLimiter,
  loadAgentConfig,
  lookAtEngine,
  metricBatch,
  Promotion,
  parseAgentConfig,
  readHostGauges,
  safetyMarginMs,
  takeoverBoundMs,
  takeoverTerms,
  timingProblems,
} from '../../agent/index.js';
import { createLog } from '../../shared/index.js';
import { leaseRow, startLeaseStore } from '../functions/support/lease.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tradewind-agent-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const CONFIG = {
  environment: 'test',
  host: 'primary',
  instanceId: 'i-0123',
  region: 'eu-west-1',
  lease: { table: 'lease' },
};

describe('timing', () => {
  test('the shipped times leave a margin even on clocks slewed at chrony’s limit, and take over within 5 s', () => {
    expect(timingProblems(DEFAULT_LEASE_TIMING)).toEqual([]);
    expect(safetyMarginMs(DEFAULT_LEASE_TIMING)).toBeGreaterThan(300);
    const terms = takeoverTerms(DEFAULT_LEASE_TIMING, { engineStartMs: 500 });
    const sum = terms.reduce((total, { ms }) => total + ms, 0);
    expect(takeoverBoundMs(DEFAULT_LEASE_TIMING, { engineStartMs: 500 })).toBe(Math.ceil(sum));
    expect(sum).toBeLessThan(5_000);
  });

  test.each([
    [{ expireAfterMs: 1_500 }, /expireAfterMs 1500: two engines could run at once.*give at least 21\d\d/],
    [
      { selfFenceMs: 600 },
      /selfFenceMs 600: one lost renewal would kill the engine; give at least .* = 1000/,
    ],
    [{ requestTimeoutMs: 400 }, /requestTimeoutMs 400: .*give at most 250/],
    [{ clockRatePpm: 600_000 }, /clockRatePpm 600000: no clock is that wrong/],
    [{ tickMs: 0 }, /tickMs 0: must be a positive number/],
  ])('%j is refused with the fix', (change, message) => {
    expect(timingProblems({ ...DEFAULT_LEASE_TIMING, ...change }).join()).toMatch(message);
  });
});

describe('configuration', () => {
  test('a short file is enough; defaults are the contract’s', () => {
    const config = parseAgentConfig(CONFIG, 'agent.json');
    expect(config.lease).toMatchObject(DEFAULT_LEASE_TIMING);
    expect(config.engine.unit).toBe('tradewind-engine.service');
  });

  test('everything wrong is named at once, with file, field, value and fix', () => {
    const wrong = {
      ...CONFIG,
      host: 'third',
      lease: { table: '' },
      engine: { url: 'http://10.0.0.1' },
      extra: 1,
    };
    expect(() => parseAgentConfig(wrong, 'agent.json')).toThrow(
      /agent\.json: host "third": write primary or standby; lease\.table "": write a text; engine\.url "http:\/\/10\.0\.0\.1": write a http URL of this host; .*extra/,
    );
    expect(() => parseAgentConfig({ ...CONFIG, lease: { table: 'x', expireAfterMs: 1_500 } }, 'f')).toThrow(
      'f: lease.expireAfterMs 1500: two engines could run at once',
    );
    expect(() => loadAgentConfig(join(folder, 'absent.json'))).toThrow('can not be read (ENOENT)');
    writeFileSync(join(folder, 'broken.json'), '{');
    expect(() => loadAgentConfig(join(folder, 'broken.json'))).toThrow('is no JSON');
  });
});

describe('engine health', () => {
  const limits = { startGraceMs: 1_000, unhealthyAfterMs: 200 };
  const answer = { answered: true, healthy: true, ready: true };
  const silent = { answered: false, healthy: false, ready: false };
  const stalled = { answered: true, healthy: false, ready: false };

  test('tells starting, fine, doubtful, hung and dead apart', () => {
    const health = new EngineHealth(limits, 0);
    expect(health.judge(300, silent, false)).toBe('starting');
    expect(health.judge(900, silent, true)).toBe('starting');
    expect(health.judge(950, answer, undefined)).toBe('fine');
    expect(health.ready).toBe(true);
    expect(health.judge(1_100, stalled, true)).toBe('doubtful');
    expect(health.judge(1_150, stalled, true)).toBe('hung');
    expect(health.gapMs(1_150)).toBe(200);
    expect(health.judge(1_000, silent, false)).toBe('dead');
    // Not knowing whether it lives is not knowing that it is dead.
    expect(health.judge(1_000, silent, undefined)).toBe('doubtful');
    expect(new EngineHealth(limits, 0).judge(1_000, silent, true)).toBe('hung');
    expect(new EngineHealth(limits, 0).judge(1_000, silent, false)).toBe('dead');
  });

  test('a host that keeps failing waits longer each time, and then for a person', () => {
    const flaps = new FlapLimiter({ coolDownMs: 100, maxReleases: 3, windowMs: 1_000 });
    expect(flaps.onRelease(0)).toEqual({ quietMs: 100 });
    expect(flaps.onRelease(10)).toEqual({ quietMs: 200 });
    expect(flaps.onRelease(20)).toBe('hold');
    expect(flaps.onRelease(5_000)).toEqual({ quietMs: 100 });
    flaps.onRelease(5_001);
    flaps.forgive();
    expect(flaps.onRelease(5_002)).toEqual({ quietMs: 100 });
  });

  test('looks at /health and /ready, and takes no answer in time for none', async () => {
    const server = createServer((request, response) => {
      if (request.url === '/slow/health') return;
      response.writeHead(request.url === '/ready' ? 503 : 200).end('{}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await expect(lookAtEngine(url, 2_000)).resolves.toEqual({ answered: true, healthy: true, ready: false });
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await expect(lookAtEngine(url, 2_000)).resolves.toEqual(silent);
  });
});

describe('metrics', () => {
  test('host files become gauges while they are young; the batch leaves out what is not known', () => {
    const metrics = join(folder, 'metrics');
    mkdirSync(metrics);
    writeFileSync(
      join(metrics, 'clock.prom'),
      '# HELP x y\ntradewind_clock_error_bound_seconds{source="phc"} 2.5e-05\ntradewind_clock_offset_seconds 1e-06\nnonsense\n',
    );
    writeFileSync(join(metrics, 'drift.prom'), 'tradewind_host_drift 2\n');
    utimesSync(join(metrics, 'drift.prom'), new Date(0), new Date(0));
    const host = readHostGauges(metrics);
    expect(host.map(({ gauge, value }) => [gauge.metric, Math.round(value)])).toEqual([
      ['ClockErrorBound', 25],
      ['ClockOffset', 1],
    ]);
    expect(readHostGauges(join(folder, 'absent'))).toEqual([]);
    const readings = { heartbeatGapMs: 5, isLeader: true, engineReady: false, host };
    const batch = metricBatch({ ...readings, leaseAgeMs: undefined, epoch: undefined }, CONFIG, new Date(0));
    expect(batch.map(({ MetricName, Value }) => [MetricName, Value])).toEqual([
      ['HeartbeatGap', 5],
      ['IsLeader', 1],
      ['EngineReady', 0],
      ['ClockErrorBound', expect.closeTo(25)],
      ['ClockOffset', expect.closeTo(1)],
    ]);
    expect(batch[0]).toMatchObject({
      StorageResolution: 1,
      Dimensions: [
        { Name: 'Environment', Value: 'test' },
        { Name: 'Host', Value: 'primary' },
      ],
    });
  });
});

describe('the control socket', () => {
  test('answers, passes errors on, refuses a second agent and outlives a socket file left behind', async () => {
    const path = join(folder, 'agent.sock');
    writeFileSync(path, '');
    const server = await ControlServer.open(path, async ({ command }) => {
      if (command === 'handover') throw new Error('not now');
      return { command };
    });
    await expect(askAgent(path, { command: 'status' }, 1_000)).resolves.toEqual({ command: 'status' });
    await expect(askAgent(path, { command: 'handover' }, 1_000)).rejects.toThrow('not now');
    await expect(ControlServer.open(path, async () => ({}))).rejects.toThrow('another agent answers on');
    server.close();
    await expect(askAgent(join(folder, 'nobody.sock'), { command: 'status' }, 1_000)).rejects.toThrow(
      'is tradewind-agent running?',
    );
  });
});

describe('a promotion', () => {
  const promotion = {
    fence: { document: 'Tradewind-test-fence', awaited: false },
    moveAddress: { document: 'Tradewind-test-move-address', awaited: true },
    pollEveryMs: 1,
    timeoutMs: 1_000,
  };
  const promoted = (client: SSMClient) =>
    new Promotion({ client, config: { host: 'standby', promotion }, log: createLog({}, () => {}) });

  test('fences a holder whose lease ran out, awaits the move, and begins a failed one again while it leads', async () => {
    const client = new SSMClient({ region: 'x' });
    const ssm = mockClient(client);
    ssm
      .on(StartAutomationExecutionCommand)
      .callsFake(({ DocumentName }) => ({ AutomationExecutionId: DocumentName }));
    const moves = ['Failed', 'InProgress', 'Success'];
    ssm.on(GetAutomationExecutionCommand).callsFake(({ AutomationExecutionId: id }) => ({
      AutomationExecution: { AutomationExecutionStatus: id.endsWith('fence') ? 'Success' : moves.shift() },
    }));
    await promoted(client).run(6, { host: 'primary', expired: true }, () => true);
    const started = ssm.commandCalls(StartAutomationExecutionCommand).map(({ args }) => args[0].input);
    expect(started).toContainEqual({
      DocumentName: 'Tradewind-test-fence',
      Parameters: {
        Host: ['primary'],
        Reason: ['its lease ran out and standby took over with epoch 6'],
        RequestedBy: ['agent on standby'],
      },
    });
    expect(started).toContainEqual({
      DocumentName: 'Tradewind-test-move-address',
      Parameters: { Host: ['standby'], Epoch: ['6'] },
    });
    // The move failed once and was begun again.
    expect(started).toHaveLength(3);
    expect(moves).toEqual([]);
  });

  test('fences nobody who let go, and stops trying when it leads no more', async () => {
    const client = new SSMClient({ region: 'x' });
    const ssm = mockClient(client);
    ssm.on(StartAutomationExecutionCommand).rejects(new Error('throttled'));
    let asked = 0;
    await promoted(client).run(6, { expired: false }, () => ++asked < 3);
    const documents = ssm
      .commandCalls(StartAutomationExecutionCommand)
      .map(({ args }) => args[0].input.DocumentName);
    expect(documents).toEqual(['Tradewind-test-move-address', 'Tradewind-test-move-address']);
  });
});

test('a promotion that keeps failing is begun again ever more rarely', async () => {
  const client = new SSMClient({ region: 'x' });
  const begun: number[] = [];
  mockClient(client)
    .on(StartAutomationExecutionCommand)
    .callsFake(() => {
      begun.push(performance.now());
      throw new Error('refused');
    });
  const promotion = {
    fence: { document: 'Tradewind-test-fence', awaited: true },
    pollEveryMs: 20,
    timeoutMs: 1_000,
  };
  const log = createLog({}, () => {});
  const repeated = new Promotion({ client, config: { host: 'standby', promotion }, log });
  await repeated.run(6, { host: 'primary', expired: true }, () => begun.length < 5);
  // 20, 40, 80, 160 ms at least.
  expect(begun[4]! - begun[0]!).toBeGreaterThan(290);
});

describe('the lease in DynamoDB', () => {
  test('is stored by compare-and-set, read back whole, and a damaged item is named', async () => {
    const { store, put, stop } = await startLeaseStore();
    try {
      await expect(store.read()).resolves.toBeUndefined();
      await expect(store.write(leaseRow(), undefined)).resolves.toEqual({ kind: 'stored' });
      await expect(store.write(leaseRow(), undefined)).resolves.toEqual({ kind: 'conflict' });
      await expect(store.read()).resolves.toEqual(leaseRow());
      const next = { ...leaseRow(), version: 2, fenced: 'primary', handover: 'asked' as const };
      await expect(store.write(next, 7)).resolves.toEqual({ kind: 'conflict' });
      await expect(store.write(next, 1)).resolves.toEqual({ kind: 'stored' });
      await expect(store.read()).resolves.toEqual(next);
      await put({ holder: '' });
      await expect(store.read()).rejects.toThrow('table lease, item engine is no lease: holder');
    } finally {
      await stop();
    }
    // Nobody answers any more: not knowing is neither stored nor refused.
    await expect(store.write(leaseRow(), 1)).resolves.toMatchObject({ kind: 'unknown' });
  });
});
