/** A session cannot begin because of what it was told; the message says what to change. */
export class SessionError extends Error {
  override readonly name = 'SessionError';
}
