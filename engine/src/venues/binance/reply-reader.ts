import { FrameKind } from './decode-codes.js';
import { ascii, JsonKind, type JsonReader } from './json-reader.js';

const RESULT = ascii('result');
const ERROR = ascii('error');
const ID = ascii('id');
const CODE = ascii('code');
const MESSAGE = ascii('msg');

/**
 * Answers to live subscription requests: `{"result":null,"id":1}`, `{"code":2,"msg":"...","id":1}` or
 * `{"error":{"code":2,"msg":"..."},"id":1}`. Rare, so it may make strings.
 */
export class ReplyReader {
  /** The request's own number; -1 when it has none. */
  id = -1;
  code = 0;
  text = '';

  /** Before each frame. */
  reset(): void {
    this.id = -1;
    this.code = 0;
    this.text = '';
  }

  /** Reads the value of the reader's current key; answers what the frame is so far (`kind` when this says nothing new). */
  member(reader: JsonReader, kind: FrameKind | -1): FrameKind | -1 {
    if (reader.tokenIs(RESULT)) {
      reader.skipValue();
      return kind === FrameKind.Refused ? kind : FrameKind.Acknowledged;
    }
    if (reader.tokenIs(ID)) {
      this.#readId(reader);
      return kind;
    }
    if (reader.tokenIs(ERROR) && reader.peek() === JsonKind.OBJECT) {
      reader.enterObject();
      while (reader.nextKey()) this.#readReason(reader);
      return FrameKind.Refused;
    }
    return this.#readReason(reader) ? FrameKind.Refused : kind;
  }

  #readId(reader: JsonReader): void {
    if (reader.peek() === JsonKind.NUMBER) this.id = reader.readInteger();
    else reader.skipValue();
  }

  #readReason(reader: JsonReader): boolean {
    if (reader.tokenIs(CODE) && reader.peek() === JsonKind.NUMBER) this.code = reader.readInteger();
    else if (reader.tokenIs(MESSAGE) && reader.readString()) this.text = reader.tokenText();
    else {
      if (!reader.tokenIs(MESSAGE)) reader.skipValue();
      return false;
    }
    return true;
  }
}
