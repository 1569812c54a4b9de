import type { EngineProcess, LogLine } from './engine-process.js';

export const is = (msg: string) => (line: LogLine) => line.msg === msg;
export const sent = is('ETHUSDT order sent');

/** Whether an engine says of itself that it could take over; undefined when it does not, for `eventually`. */
export async function ready(engine: EngineProcess): Promise<true | undefined> {
  const up = engine.logged(is('telemetry is up'));
  if (up === undefined) return undefined;
  const answer = await fetch(String(up.metrics).replace('/metrics', '/ready')).catch(() => undefined);
  return answer?.ok === true ? true : undefined;
}
