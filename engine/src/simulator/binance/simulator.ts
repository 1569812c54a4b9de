/** Composes the venue, its faces, other traders and the timers into one running server on one port. */
import type { AddressInfo } from 'node:net';
import Fastify, { type FastifyInstance } from 'fastify';
import { followRecording, type MarketFlow, startFlow } from './market-flow.js';
import {
  type ResolvedOptions,
  resolveOptions,
  type SimulatorAccountOptions,
  type SimulatorOptions,
} from './options.js';
import { type ApiKeyOptions, generateDemoKeys } from './protocol/signing.js';
import { Connections } from './server/connections.js';
import { SimulatorControl } from './server/control.js';
import { registerControl } from './server/control-face.js';
import { Dispatcher } from './server/dispatcher.js';
import { registerRest } from './server/rest-face.js';
import { MarketStreams } from './streams/market-streams.js';
import { StreamHub } from './streams/stream-hub.js';
import { Venue } from './venue.js';

/** Keys of the demo account, both halves. */
export interface DemoKeys {
  readonly hmac: { readonly apiKey: string; readonly secret: string };
  /** PEM. */
  readonly ed25519: { readonly apiKey: string; readonly publicKey: string; readonly privateKey: string };
}

export interface RunningSimulator {
  readonly host: string;
  readonly port: number;
  /** `http://host:port`; REST paths (`/api/v3/...`) follow. */
  readonly restUrl: string;
  /** `ws://host:port`; `/ws/...` and `/stream?streams=...` follow. */
  readonly streamUrl: string;
  /** `ws://host:port/ws-api/v3`, complete. */
  readonly wsApiUrl: string;
  /** `http://host:port/control`. */
  readonly controlUrl: string;
  /** Keys of the account `demo`; null when accounts were given. */
  readonly demo: DemoKeys | null;
  /** Faults, accounts and deposits, in process. */
  readonly control: SimulatorControl;
  /** Announces the shutdown on every stream, closes every connection and stops. Idempotent. */
  close(): Promise<void>;
}

/** Balances of the demo account, decimals. */
export const DEMO_BALANCES: Readonly<Record<string, string>> = {
  USDT: '1000000',
  BTC: '20',
  ETH: '400',
  PEPE: '10000000000',
};

const CLOSE_GRACE_MS = 500;
const MAX_BODY_BYTES = 256 * 1024;

function demoAccount(keys: DemoKeys, settings: SimulatorOptions['demo']): SimulatorAccountOptions {
  const registered: ApiKeyOptions[] = [
    { kind: 'hmac', ...keys.hmac },
    { kind: 'ed25519', apiKey: keys.ed25519.apiKey, publicKey: keys.ed25519.publicKey },
  ];
  return { balances: DEMO_BALANCES, ...settings, name: 'demo', keys: registered };
}

function createApp(): FastifyInstance {
  const app = Fastify({
    logger: false,
    bodyLimit: MAX_BODY_BYTES,
    forceCloseConnections: true,
    exposeHeadRoutes: false,
  });
  app.removeAllContentTypeParsers();
  // Signatures are over the bytes as sent: bodies stay text.
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).type('text/html').send('<html><body><h1>404 Not found</h1></body></html>'),
  );
  app.setErrorHandler((error: { statusCode?: number }, _request, reply) => {
    const status = error.statusCode ?? 500;
    return status < 500
      ? reply
          .code(status)
          .send({ code: -1000, msg: 'An unknown error occurred while processing the request.' })
      : reply.code(500).send({ code: -1000, msg: 'An unknown error occurred while processing the request.' });
  });
  return app;
}

function startMarket(venue: Venue, { flow, recording, symbols }: ResolvedOptions): MarketFlow | null {
  if (recording !== undefined) return followRecording(venue, symbols, recording);
  return flow === null ? null : startFlow(venue, symbols, flow);
}

/**
 * Starts a Binance spot venue: REST, market streams and WebSocket API on one port, with a matching engine and other
 * traders behind it. Resolves when it is listening.
 */
export async function createSimulator(options: SimulatorOptions = {}): Promise<RunningSimulator> {
  const resolved = resolveOptions(options);
  const venue = new Venue(resolved);
  const demo = resolved.accounts === null ? generateDemoKeys() : null;
  for (const account of resolved.accounts ?? [demoAccount(demo!, resolved.demo)]) venue.addAccount(account);

  const flow = startMarket(venue, resolved);
  const hub = new StreamHub(venue.faults);
  const streams = new MarketStreams(venue, hub);
  const dispatcher = new Dispatcher(venue);
  const connections = new Connections(venue, hub, dispatcher, resolved.sockets);
  const control = new SimulatorControl(venue, connections);

  const app = createApp();
  app.addHook('onRequest', (request, reply, done) => {
    if (request.url.startsWith('/control') || !venue.faults.refuses('rest')) {
      done();
      return;
    }
    reply.hijack();
    request.raw.socket.destroy();
  });
  registerRest(app, venue, dispatcher);
  registerControl(app, venue, control);
  connections.attach(app.server);
  const stop = () => {
    flow?.stop();
    streams.close();
    venue.userEvents.close();
  };
  try {
    await app.listen({ host: resolved.host, port: resolved.port });
  } catch (error) {
    stop();
    throw error;
  }

  const { port } = app.server.address() as AddressInfo;
  const authority = `${resolved.host.includes(':') ? `[${resolved.host}]` : resolved.host}:${port}`;
  let closing: Promise<void> | null = null;
  return {
    host: resolved.host,
    port,
    restUrl: `http://${authority}`,
    streamUrl: `ws://${authority}`,
    wsApiUrl: `ws://${authority}/ws-api/v3`,
    controlUrl: `http://${authority}/control`,
    demo,
    control,
    close: () => {
      closing ??= (async () => {
        stop();
        await connections.close(CLOSE_GRACE_MS);
        await app.close();
      })();
      return closing;
    },
  };
}
