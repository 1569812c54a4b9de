// A fresh process with the compiled venue against a venue of its own making, which closes down last. Argument: folder of the
// compiled sources, then what to do. It never calls process.exit: when it ends, nothing was left open.
import { generateKeyPairSync } from 'node:crypto';
import { pathToFileURL } from 'node:url';

const [, , folder, task, endpoint] = process.argv;
const room = (path) => import(pathToFileURL(`${folder}/src/${path}/index.js`).href);
const { createBinanceVenue } = await room('venues');
const { MetricRegistry, nullLogger, systemClock } = await room('telemetry');
const { defineInstrument, EventKind } = await room('domain');

const secret = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const venue = createBinanceVenue({
  venueIndex: 0,
  endpoints: { rest: `http://${endpoint}`, stream: `ws://${endpoint}`, wsApi: `ws://${endpoint}` },
  credentials: { kind: 'ed25519', apiKey: 'k', secret },
  clock: systemClock,
  logger: nullLogger,
  metrics: new MetricRegistry(),
});
const { marketData, execution } = venue;
const say = (word) => process.stdout.write(`${word}\n`);
const load = async () =>
  (await marketData.loadInstruments(['BTCUSDT'])).map((spec, index) => defineInstrument(index, 0, spec));

if (task === 'check') {
  await venue.check();
  say('checked');
} else if (task === 'session') {
  const instruments = await load();
  await execution.start(instruments, () => {});
  await new Promise((resolve) => {
    marketData.start(instruments, ({ kind }) => {
      if (kind === EventKind.BookSnapshot) resolve();
    });
  });
  await Promise.all([marketData.stop(), execution.stop()]);
  say('stopped');
} else if (task === 'banned') {
  const instruments = await load();
  const started = execution.start(instruments, () => {}).catch((error) => say(error.message));
  process.stdin.once('data', async () => {
    process.stdin.destroy();
    await Promise.all([marketData.stop(), execution.stop()]);
    await started;
    say('stopped');
  });
  say('started');
} else {
  const instruments = await load();
  const broken = task === 'broken-book' ? EventKind.BookSnapshot : EventKind.Balance;
  const sink = ({ kind }) => {
    if (kind === broken) throw new Error('the kernel is broken');
  };
  if (task === 'broken-book') await marketData.start(instruments, sink);
  else await execution.start(instruments, sink);
}
