/** One thing a recorder saw on the wire, in the order and at the time it saw it. */
export interface RecordedItem {
  /** By the recorder's clock, microseconds since 1970 (UTC). Not always increasing. */
  readonly tsUs: number;
  /** A WebSocket message received, a REST answer, a WebSocket opened, a message the client sent. */
  readonly kind: 'frame' | 'rest' | 'connect' | 'sent';
  readonly url?: string;
  readonly bytes: Uint8Array;
}
