/** Where waiting comes from: the machine's timers, or those of a simulation. */
export interface Timers {
  /** Calls `run` once, `ms` from now, unless the function returned is called before. */
  after(ms: number, run: () => void): () => void;
}

/** Real time. The process stays up for what is waited for. */
export const systemTimers: Timers = {
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

/** Resolves after `ms`, or as soon as `signal` is aborted: the caller then asks the signal. */
export function waitFor(timers: Timers, ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted === true) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      cancel();
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const cancel = timers.after(ms, done);
    signal?.addEventListener('abort', done);
  });
}
