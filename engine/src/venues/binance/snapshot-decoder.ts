import { type BookUpdate, EventKind, type Instrument } from '../../domain/index.js';
import { DecodeError } from './decode-codes.js';
import { emptyUpdate } from './empty-events.js';
import { ascii, JsonReader } from './json-reader.js';
import { LevelList, lendLevels, MAX_LEVELS, readLevels } from './level-reader.js';
import { toMicroseconds } from './venue-time.js';

const LAST_UPDATE_ID = ascii('lastUpdateId');
const BIDS = ascii('bids');
const ASKS = ascii('asks');
const SYMBOL = ascii('symbol');
const EVENT_TIME = 0x45;

const ID_SEEN = 1;
const BIDS_SEEN = 2;
const ASKS_SEEN = 4;
const TIME_SEEN = 8;

/**
 * `GET /api/v3/depth` (and the futures variants) from bytes into one reused BookSnapshot. Pure; never throws. Protocol:
 * binance-spot-api-docs, rest-api.md, "Order book".
 */
export class SnapshotDecoder {
  /** Filled when {@link decode} answers NONE: `firstId` = `lastId` = `lastUpdateId`; tsEvent 0 on spot, which tells none. */
  readonly snapshot: BookUpdate = emptyUpdate(EventKind.BookSnapshot);
  readonly #reader = new JsonReader();
  readonly #bids = new LevelList(MAX_LEVELS);
  readonly #asks = new LevelList(MAX_LEVELS);
  #seen = 0;

  /** Decodes the answer about `instrument`. A `symbol` in it that is another one is a SYMBOL_MISMATCH. */
  decode(body: Uint8Array, instrument: Instrument): DecodeError {
    const { pricePrecision, sizePrecision } = instrument;
    const { snapshot } = this;
    const reader = this.#reader;
    reader.reset(body);
    this.#seen = 0;
    let problem: DecodeError = DecodeError.NONE;
    snapshot.instrument = instrument.index;
    snapshot.tsEvent = 0;
    reader.enterObject();
    while (reader.nextKey()) {
      let once = true;
      if (reader.tokenIs(LAST_UPDATE_ID)) {
        once = this.#first(ID_SEEN);
        snapshot.lastId = reader.readInteger();
        snapshot.firstId = snapshot.lastId;
        if (snapshot.lastId < 0) problem = DecodeError.IMPOSSIBLE;
      } else if (reader.tokenIs(BIDS)) {
        once = this.#first(BIDS_SEEN);
        readLevels(reader, this.#bids, pricePrecision, sizePrecision);
      } else if (reader.tokenIs(ASKS)) {
        once = this.#first(ASKS_SEEN);
        readLevels(reader, this.#asks, pricePrecision, sizePrecision);
      } else if (reader.keyByte === EVENT_TIME) {
        once = this.#first(TIME_SEEN);
        snapshot.tsEvent = toMicroseconds(reader.readInteger());
        if (snapshot.tsEvent < 0) problem = DecodeError.IMPOSSIBLE;
      } else if (reader.tokenIs(SYMBOL)) {
        if (reader.readString() && reader.tokenText() !== instrument.symbol)
          problem = DecodeError.SYMBOL_MISMATCH;
      } else reader.skipValue();
      if (!once) problem = DecodeError.DUPLICATE_KEY;
    }
    lendLevels(snapshot, this.#bids, this.#asks);
    if (!reader.finish()) return reader.error;
    const required = ID_SEEN | BIDS_SEEN | ASKS_SEEN;
    if (problem === DecodeError.NONE && (this.#seen & required) !== required)
      problem = DecodeError.MISSING_FIELD;
    return problem;
  }

  #first(flag: number): boolean {
    const first = (this.#seen & flag) === 0;
    this.#seen |= flag;
    return first;
  }
}
