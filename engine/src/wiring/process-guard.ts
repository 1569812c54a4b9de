import { setTimeout as sleep } from 'node:timers/promises';
import type { Telemetry } from '../telemetry/index.js';

/** Resolves after `forMs` (undefined: never by itself) or when `signal` is aborted. */
export async function waitFor(forMs: number | undefined, signal: AbortSignal): Promise<void> {
  // A timer holds at most 2^31-1 ms: a longer wait is several.
  const step = 2 ** 31 - 1;
  for (let left = forMs ?? Number.POSITIVE_INFINITY; left > 0 && !signal.aborted; left -= step) {
    await sleep(Math.min(left, step), undefined, { signal }).catch(() => {});
  }
}

/** The work's result, or undefined as soon as `signal` is aborted. */
export function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  return Promise.race([
    work,
    new Promise<undefined>((resolve) => {
      if (signal.aborted) resolve(undefined);
      else signal.addEventListener('abort', () => resolve(undefined), { once: true });
    }),
  ]);
}

/** An exception nobody caught must not leave orders behind: it ends the session in order instead of the process at once. */
export function guardProcess(telemetry: Telemetry): { readonly signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  const onError = (error: unknown) => {
    telemetry.fatal(error, 'unexpected error: ending the session');
    controller.abort(error instanceof Error ? error : new Error(String(error)));
  };
  process.on('uncaughtException', onError);
  process.on('unhandledRejection', onError);
  return {
    signal: controller.signal,
    release() {
      process.off('uncaughtException', onError);
      process.off('unhandledRejection', onError);
    },
  };
}
