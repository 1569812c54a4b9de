import { Session } from 'node:inspector/promises';

/** A sample so often: fine enough for stages of some hundred nanoseconds over seconds, and it slows the work by a few percent. */
const INTERVAL_US = 200;

/**
 * What `work` spends its time on, on this thread.
 *
 * @param {() => Promise<unknown> | unknown} work
 * @returns a profile as Chrome's tools know it (`.cpuprofile`)
 */
export async function recordProfile(work) {
  const session = new Session();
  session.connect();
  try {
    await session.post('Profiler.enable');
    await session.post('Profiler.setSamplingInterval', { interval: INTERVAL_US });
    await session.post('Profiler.start');
    await work();
    const { profile } = await session.post('Profiler.stop');
    return profile;
  } finally {
    session.disconnect();
  }
}
