/** Fields of a log line; values are written as JSON, errors by name and message. Never hand it a secret's value. */
export type LogFields = Readonly<Record<string, unknown>>;

/** One JSON object per line. */
export interface Log {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** `base` is part of each line, e.g. which function and environment. */
export function createLog(
  base: LogFields,
  write: (line: string) => void = (line) => void process.stdout.write(`${line}\n`),
): Log {
  const at =
    (level: string) =>
    (message: string, fields: LogFields = {}) =>
      write(JSON.stringify({ time: new Date().toISOString(), level, message, ...base, ...fields }, readable));
  return { info: at('info'), warn: at('warn'), error: at('error') };
}

function readable(_: string, value: unknown): unknown {
  if (value instanceof Error) return { name: value.name, message: value.message };
  return typeof value === 'bigint' ? value.toString() : value;
}
