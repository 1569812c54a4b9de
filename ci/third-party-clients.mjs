#!/usr/bin/env node
// Points Binance clients nobody here wrote at the simulator, and checks that they can load instruments, place, query and
// cancel orders, watch a book and follow the account. One line per check, a count at the end, exit 1 on failure.
//
//   node ci/third-party-clients.mjs [--dir FOLDER] [--only NAME]
//
// The clients are installed, pinned and without install scripts, into a temporary folder (or FOLDER, kept: a new or empty
// one, or one from an earlier run). Every address
// they use is overridden, and this process refuses to connect to anything but loopback.
import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { FolderError, pinnedPackages } from './pinned-packages.mjs';
import { withCcxt } from './third-party/ccxt.mjs';
import { withConnector } from './third-party/connector.mjs';
import { tally } from './third-party/harness.mjs';
import { withNodeBinanceApi } from './third-party/node-binance-api.mjs';
import { withSpot } from './third-party/spot.mjs';
import { withTiagosiebler } from './third-party/tiagosiebler.mjs';

const CLIENTS = {
  ccxt: '4.5.84',
  binance: '3.6.5',
  'node-binance-api': '1.0.33',
  '@binance/connector': '3.6.1',
  '@binance/spot': '32.0.4',
};

const { values: flags } = parseArgs({ options: { dir: { type: 'string' }, only: { type: 'string' } } });
const root = resolve(fileURLToPath(import.meta.url), '../..');

function clientsIn(dir) {
  try {
    return pinnedPackages(dir, CLIENTS);
  } catch (error) {
    if (!(error instanceof FolderError)) throw error;
    console.error(`--dir ${flags.dir}: ${error.message}`);
    process.exit(2);
  }
}

/** From here on every connection that is not to loopback fails, whoever makes it. */
function stayLocal() {
  const connect = net.Socket.prototype.connect;
  net.Socket.prototype.connect = function (...args) {
    const first = Array.isArray(args[0]) ? args[0][0] : args[0];
    const host = typeof first === 'object' ? (first.host ?? 'localhost') : args[1];
    if (first?.path === undefined && host !== '127.0.0.1' && host !== 'localhost') {
      throw new Error(`refused to connect to ${host}`);
    }
    return connect.apply(this, args);
  };
}

// @binance/spot logs every connection otherwise.
process.env.LOG_LEVEL = 'error';
const dir = flags.dir === undefined ? mkdtempSync(join(tmpdir(), 'clients-')) : resolve(flags.dir);
const require = clientsIn(dir);
const { createSimulator } = await import(pathToFileURL(join(root, 'engine/dist/simulator/index.js')).href);
stayLocal();
const unhandled = (error) => {
  tally.failed++;
  console.log(`FAIL  unhandled: ${error instanceof Error ? error.message : JSON.stringify(error)}`);
};
process.on('unhandledRejection', unhandled);
process.on('uncaughtException', unhandled);

const load = async (name) =>
  name === 'ccxt' ? import(pathToFileURL(require.resolve(name)).href) : require(name);
const runs = {
  'ccxt-hmac': (sim) =>
    withCcxt(load, sim, 'ccxt (HMAC)', { apiKey: sim.demo.hmac.apiKey, secret: sim.demo.hmac.secret }),
  'ccxt-ed25519': (sim) =>
    withCcxt(load, sim, 'ccxt (Ed25519)', {
      apiKey: sim.demo.ed25519.apiKey,
      secret: sim.demo.ed25519.privateKey,
    }),
  binance: (sim) => withTiagosiebler(load, sim),
  'node-binance-api': (sim) => withNodeBinanceApi(load, sim),
  '@binance/connector': (sim) => withConnector(load, sim),
  '@binance/spot': (sim) => withSpot(load, sim),
};
for (const [name, run] of Object.entries(runs)) {
  if (flags.only !== undefined && flags.only !== name) continue;
  const sim = await createSimulator();
  try {
    await run(sim);
  } catch (error) {
    unhandled(error);
  }
  await sim.close();
}
if (flags.dir === undefined) rmSync(dir, { recursive: true, force: true });
console.log(`${tally.passed} passed, ${tally.failed} failed`);
process.exit(tally.failed === 0 ? 0 : 1);
