import {
  type BinaryReader,
  type BinaryWriter,
  ConnectionState,
  type StateHash,
  VenueChannel,
} from '../domain/index.js';

const CHANNELS = Object.keys(VenueChannel).length;

/** The state of every venue's channels. Down until told otherwise. */
export class ConnectionTable {
  readonly #states: ConnectionState[] = [];

  get(venue: number, channel: VenueChannel): ConnectionState {
    return this.#states[venue * CHANNELS + channel] ?? ConnectionState.Down;
  }

  /** True when that changed it. */
  set(venue: number, channel: VenueChannel, state: ConnectionState): boolean {
    if (this.get(venue, channel) === state) return false;
    while (this.#states.length < (venue + 1) * CHANNELS) this.#states.push(ConnectionState.Down);
    this.#states[venue * CHANNELS + channel] = state;
    return true;
  }

  /** New orders may be sent: order entry and private stream are both up. */
  canSubmit(venue: number): boolean {
    return (
      this.get(venue, VenueChannel.Orders) === ConnectionState.Up &&
      this.get(venue, VenueChannel.User) === ConnectionState.Up
    );
  }

  /** Cancels and queries may be sent: they are safe whenever there is a wire for them, also while reconciling. */
  canAsk(venue: number): boolean {
    const orders = this.get(venue, VenueChannel.Orders);
    return orders === ConnectionState.Up || orders === ConnectionState.Reconciling;
  }

  /** Another process held the connections. */
  reset(): void {
    this.#states.fill(ConnectionState.Down);
  }

  hashInto(hash: StateHash): void {
    for (const state of this.#states) hash.int(state);
  }

  save(out: BinaryWriter): void {
    out.u32(this.#states.length);
    for (const state of this.#states) out.u8(state);
  }

  load(input: BinaryReader): void {
    for (let left = input.u32(); left > 0; left--) {
      this.#states.push(input.member(ConnectionState, 'connection state'));
    }
  }
}
