import { Command } from 'commander';
import { loadConfig, simulatorBalances, simulatorListings } from '../../config/index.js';
import type { RunningSimulator, SimulatorOptions } from '../../simulator/index.js';
import type { SimulatorReady, SimulatorSettings } from '../../wiring/index.js';
import { LineFile } from '../line-file.js';
import { checkWritable, countOption, portOption } from '../options.js';
import { abortOnSignals } from '../signals.js';

interface Flags {
  readonly config?: string;
  readonly port?: number;
  readonly host?: string;
  readonly seed?: number;
  readonly child?: boolean;
  readonly shared?: string;
  readonly strict?: boolean;
  readonly recording?: string;
  readonly unlimited?: boolean;
  readonly ledger?: string;
}

const DEFAULT_PORT = 9_090;
/** Of assets nobody gave a balance for. */
const PLENTY = '1000000';
/** Orders and fills remembered under load: minutes of it, as a real venue's days. */
const UNLIMITED_MEMORY = 200_000;

export function simCommand(): Command {
  return new Command('sim')
    .description(
      "run the simulated venue by itself: Binance's REST, market streams and WebSocket API on one port",
    )
    .option('-c, --config <file>', 'configuration: its `simulator` section and symbols')
    .option(
      '--port <port>',
      `port; 0: any free one (default: simulator.port, or ${DEFAULT_PORT})`,
      portOption,
    )
    .option('--host <address>', 'address to listen on (default: simulator.host)')
    .option('--seed <number>', "seed of the other traders' flow", countOption)
    .option('--recording <file>', 'let recorded Binance traffic make the market, at the pace it was recorded')
    .option('--strict', 'no listenKey endpoints, which Binance has removed and older clients still use')
    .option(
      '--unlimited',
      'refuse nobody for his rate and remember far more orders: for load tests; exchangeInfo says so too',
    )
    .option('--ledger <file>', 'append every order request and execution to this file, one JSON array a line')
    .option('--child', 'be started by an engine: settings and addresses go over the process channel')
    .option(
      '--shared <folder>',
      'be started by a pair of engines: settings and addresses go through a folder',
    )
    .action((flags: Flags) => {
      if (flags.child) return runChild();
      return flags.shared === undefined ? runAlone(flags) : runShared(flags.shared);
    });
}

async function runAlone(flags: Flags): Promise<void> {
  const { config } = loadConfig(flags.config, process.env);
  const { simulator } = config;
  if (flags.ledger !== undefined) checkWritable('--ledger', flags.ledger);
  const signal = abortOnSignals();
  const ledger = flags.ledger === undefined ? undefined : new LineFile(flags.ledger);
  const running = await start(
    {
      host: flags.host ?? simulator.host,
      port: flags.port ?? (simulator.port === 0 ? DEFAULT_PORT : simulator.port),
      seed: flags.seed ?? simulator.seed,
      flowTickMs: simulator.flowTickMs,
      makerBps: simulator.makerBps,
      takerBps: simulator.takerBps,
      balances: simulatorBalances(config),
      symbols: simulatorListings(config),
      recording: flags.recording ?? simulator.recording,
    },
    flags.strict !== true,
    {
      ...(flags.unlimited === true && {
        limits: (await import('../../simulator/index.js')).NO_LIMITS,
        retainedOrders: UNLIMITED_MEMORY,
        retainedFills: UNLIMITED_MEMORY,
      }),
      ...(ledger !== undefined && { ledger: (line: string) => ledger.write(line) }),
    },
  );
  const demo = running.demo!;
  const facts = {
    rest: running.restUrl,
    stream: running.streamUrl,
    wsApi: running.wsApiUrl,
    control: running.controlUrl,
    hmac: demo.hmac,
    ed25519: { apiKey: demo.ed25519.apiKey, privateKey: demo.ed25519.privateKey },
  };
  if (process.stdout.isTTY) {
    process.stdout.write(
      [
        'simulated Binance spot venue',
        `  REST          ${facts.rest}`,
        `  streams       ${facts.stream}`,
        `  WebSocket API ${facts.wsApi}`,
        `  faults        ${facts.control}/faults`,
        `  HMAC key      ${facts.hmac.apiKey}`,
        `  HMAC secret   ${facts.hmac.secret}`,
        `  Ed25519 key   ${facts.ed25519.apiKey}`,
        facts.ed25519.privateKey.trim(),
        'The keys are play keys made for this run. Ctrl-C ends.',
        '',
      ].join('\n'),
    );
  } else process.stdout.write(`${JSON.stringify(facts)}\n`);
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
  await running.close();
  ledger?.close();
}

/** Signals at the terminal are the affair of the engine that started us. */
function ignoreSignals(): void {
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => {});
}

/** Outlives the engines that use it. */
async function runShared(folder: string): Promise<void> {
  ignoreSignals();
  const { serveSharedSimulator } = await import('../../wiring/index.js');
  await serveSharedSimulator(folder, async (settings) => {
    const running = await start(settings, true);
    return { ready: readyOf(running), close: () => running.close() };
  });
  process.exit(0);
}

function readyOf(running: RunningSimulator): SimulatorReady {
  return {
    rest: running.restUrl,
    stream: running.streamUrl,
    wsApi: running.wsApiUrl,
    control: running.controlUrl,
    apiKey: running.demo!.ed25519.apiKey,
    privateKey: running.demo!.ed25519.privateKey,
  };
}

/** Lives and dies with the engine that started it. */
async function runChild(): Promise<void> {
  ignoreSignals();
  if (process.send === undefined)
    throw new Error('--child is for an engine that starts the simulator itself');
  const gone = new Promise<void>((resolve) => process.once('disconnect', resolve));
  const settings = await new Promise<SimulatorSettings>((resolve) =>
    process.once('message', (message) => resolve(message as SimulatorSettings)),
  );
  const running = await start(settings, true);
  process.send(readyOf(running));
  await gone;
  await running.close();
  process.exit(0);
}

async function start(
  settings: SimulatorSettings,
  legacyListenKey: boolean,
  extras: Pick<SimulatorOptions, 'limits' | 'ledger' | 'retainedOrders' | 'retainedFills'> = {},
): Promise<RunningSimulator> {
  const { host, port, seed, flowTickMs, makerBps, takerBps, recording } = settings;
  const { createSimulator } = await import('../../simulator/index.js');
  const market =
    recording === undefined
      ? undefined
      : await (await import('../../wiring/index.js')).recordedMarket(recording, tellEnd);
  const symbols = market?.listings ?? settings.symbols;
  const balances = { ...settings.balances };
  for (const { base, quote } of symbols) {
    balances[base] ??= PLENTY;
    balances[quote] ??= PLENTY;
  }
  return createSimulator({
    host,
    port,
    symbols,
    demo: { balances, makerBps, takerBps },
    flow: flowTickMs === 0 ? null : { seed, tickMs: flowTickMs },
    ...(market !== undefined && { recording: market.source }),
    legacyListenKey,
    ...extras,
  }).catch((error: unknown) => {
    const reasons: Record<string, string> = {
      EADDRINUSE: 'is already in use: choose a free port, or 0 for any',
      EADDRNOTAVAIL: 'is no address of this machine',
      EACCES: 'may not be listened on: choose a port above 1023, or 0 for any',
    };
    const why = reasons[(error as NodeJS.ErrnoException).code ?? ''];
    throw why === undefined ? error : new Error(`simulator.port: ${host}:${port} ${why}`);
  });
}

function tellEnd(error?: unknown): void {
  const text = error === undefined ? 'the recording ended and starts again' : `the recording ended: ${error}`;
  process.stderr.write(`tradewind: ${text}\n`);
}
