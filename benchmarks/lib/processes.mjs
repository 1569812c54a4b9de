import { Child } from './child.mjs';

const VENUE = new URL('./venue/venue-process.mjs', import.meta.url);
const PLAIN = new URL('./clients/plain-clients.mjs', import.meta.url);
const ENGINE = new URL('./clients/engine-process.mjs', import.meta.url);

/**
 * A loopback venue and its clients, each a process, and none of them left when `use` has ended.
 *
 * @param {object} options of the venue
 * @param {(processes: { venue: Child, plain: (kind: string) => Promise<Child>, engine: (options: object) => Promise<Child> }) => Promise<T>} use
 * @returns {Promise<T>}
 * @template T
 */
export async function withVenue(options, use) {
  const venue = await Child.start(VENUE, options);
  const clients = [];
  const client = async (module, settings, execArgv) => {
    const child = await Child.start(module, { venue: venue.ready, ...settings }, execArgv);
    clients.push(child);
    return child;
  };
  try {
    return await use({
      venue,
      plain: (kind) => client(PLAIN, { kind }),
      engine: (settings, execArgv) => client(ENGINE, { symbols: ['BTCUSDT'], ...settings }, execArgv),
    });
  } finally {
    // An engine cancels what it has open: the venue is there for as long.
    for (const child of clients) await child.stop();
    await venue.stop();
  }
}

/** Throws when what the engine did was not what was to be measured. */
export async function checkEngine(engine, { mayDeny = false } = {}) {
  const { broken, denied, rejected } = await engine.call('status');
  if (broken.length > 0) throw new Error(`books of ${broken.join(', ')} were broken: nothing was measured`);
  if (rejected > 0 || (denied > 0 && !mayDeny))
    throw new Error(`${denied} orders were denied and ${rejected} rejected`);
}
