/** A public REST answer. The body is handed over as bytes: the depth snapshot is decoded without making a string of it. */
export interface RestResponse {
  readonly status: number;
  readonly body: Uint8Array;
}

/**
 * What the market data half needs of the REST client: unsigned GET requests whose request weight is booked against the
 * shared per-IP budget before anything is sent.
 */
export interface RestPort {
  /**
   * GETs `path` (e.g. `/api/v3/depth`) with `query` (e.g. `symbol=BTCUSDT&limit=1000`, no question mark, may be empty).
   * `weight` is the request weight the venue charges. Waits for budget and honors Retry-After; resolves with whatever
   * status the venue answers, rejects on a timeout, a network error, a banned address, or when stopped.
   */
  getJson(path: string, query: string, weight: number): Promise<RestResponse>;
  /** Keeps connections from now on; requests may be sent, again after a {@link stop}. */
  start(): void;
  /**
   * Sends nothing any more: requests that wait, and later ones, are refused, those on the wire are cut off. Resolves when
   * they are over and, if nobody else uses them, connections are closed.
   */
  stop(): Promise<void>;
}
