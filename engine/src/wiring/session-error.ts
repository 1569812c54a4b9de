/** A session cannot begin because of what it was told; the message says what to change. */
export class SessionError extends Error {
  override readonly name = 'SessionError';
}

/** A folder the engine has to keep its state in, and what the file system says. */
export function unusable(folder: string, error: unknown): SessionError {
  const why = error instanceof Error ? error.message : String(error);
  return new SessionError(
    `session.stateDir: cannot write in ${folder}: ${why}: name a folder that can be written to`,
  );
}
