/** A second signal this long after the first means it: leave at once. Sooner, it is the same key press heard twice. */
const FORCE_AFTER_MS = 1_000;

/** Aborted by Ctrl-C, SIGTERM or SIGHUP. A second signal ends the process at once, with 130. */
export function abortOnSignals(): AbortSignal {
  const controller = new AbortController();
  let firstMs = 0;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (firstMs === 0) {
        firstMs = performance.now();
        controller.abort();
      } else if (performance.now() - firstMs > FORCE_AFTER_MS) {
        process.stderr.write('tradewind: ended by force; open orders were not verified\n');
        process.exit(130);
      }
    });
  }
  return controller.signal;
}
