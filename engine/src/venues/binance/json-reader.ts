import { DECIMAL_INEXACT, readUnits } from '../../domain/index.js';
import { unescaped, unescapeString } from './json-escapes.js';
import {
  BACKSLASH,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  MINUS,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
  scanNumber,
  scanString,
  ZERO,
} from './json-grammar.js';
import { anyInteger, integer, plainInteger } from './json-integer.js';
import { ascii, JsonError, JsonKind, MAX_DEPTH, MAX_ESCAPED } from './json-kinds.js';
import { PLAIN_DIGITS, plainEnd, plainUnits } from './plain-decimal.js';

export { ascii, JsonError, JsonKind, MAX_DEPTH, MAX_ESCAPED };

const TRUE = ascii('true');
const FALSE = ascii('false');
const NULL = ascii('null');

/**
 * A pull reader over the bytes of one JSON text (RFC 8259): the caller asks for what its schema expects, in whatever
 * order the keys come. It allocates nothing and throws nothing. After the first error every call answers empty (`false`, 0)
 * and the position is the end, so loops end by themselves: check {@link JsonReader.error} once, after {@link JsonReader.finish}.
 *
 * ```ts
 * reader.reset(frame);
 * reader.enterObject();
 * while (reader.nextKey()) {
 *   if (reader.keyByte === 0x75) id = reader.readInteger();               // "u"
 *   else if (reader.tokenIs(NAME) && reader.readString()) use(reader.text, reader.start, reader.stop);
 *   else reader.skipValue();
 * }
 * if (!reader.finish()) return reader.error;
 * ```
 *
 * Every value must be read or skipped exactly once. Keys and strings are handed out as byte ranges; one with escapes is
 * decoded first into a scratch buffer, so compare through `text`, never through the input. Bytes of 0x80 and above inside
 * strings are passed on unchecked (a name compared with an ASCII one then simply differs).
 */
export class JsonReader {
  /** The input. `at` is the next unread offset and `end` the offset after the last byte; for fused readers. */
  bytes: Uint8Array = new Uint8Array(0);
  at = 0;
  end = 0;
  error: JsonError = JsonError.NONE;
  /** Where {@link JsonReader.error} happened. */
  errorAt = 0;

  /** The last key or string: `text[start, stop)`. Valid until the next one is read. */
  text: Uint8Array = this.bytes;
  start = 0;
  stop = 0;
  /** The last key's only byte; 0 when it has another length. */
  keyByte = 0;

  readonly #scratch = new Uint8Array(MAX_ESCAPED);
  /** Just inside an opening bracket: no comma before the next member. */
  #first = false;

  reset(bytes: Uint8Array, start = 0, end = bytes.length): void {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
    this.error = JsonError.NONE;
    this.errorAt = 0;
    this.text = bytes;
    this.start = 0;
    this.stop = 0;
    this.keyByte = 0;
    this.#first = false;
  }

  /** Stops the reader with `error` (the first one stays); for callers that find a value impossible. */
  fail(error: JsonError): void {
    if (this.error === JsonError.NONE) {
      this.error = this.at >= this.end && error === JsonError.SYNTAX ? JsonError.TRUNCATED : error;
      this.errorAt = this.at;
    }
    this.at = this.end;
    this.#first = false;
    this.keyByte = 0;
  }

  /** Kind of the next value; nothing is consumed but whitespace. */
  peek(): JsonKind {
    const byte = this.#peekByte();
    if (byte === QUOTE) return JsonKind.STRING;
    if (byte === MINUS || (byte >= ZERO && byte <= 0x39)) return JsonKind.NUMBER;
    if (byte === OPEN_BRACE) return JsonKind.OBJECT;
    if (byte === OPEN_BRACKET) return JsonKind.ARRAY;
    if (byte === 0x74 || byte === 0x66) return JsonKind.BOOLEAN;
    if (byte === 0x6e) return JsonKind.NULL;
    return JsonKind.NONE;
  }

  /** Consumes `{`. */
  enterObject(): boolean {
    return this.#enter(OPEN_BRACE);
  }

  /** Consumes `[`. */
  enterArray(): boolean {
    return this.#enter(OPEN_BRACKET);
  }

  /** Takes up reading just inside an object whose opening brace the caller has found, before `at`. */
  resumeObject(at: number): void {
    this.at = at;
    this.#first = true;
  }

  /** Moves to the value of the next key, which is in `text[start, stop)`; false when the object (or the input) ended. */
  nextKey(): boolean {
    const { bytes, end } = this;
    const quote = this.#first ? this.at : bytes[this.at] === COMMA ? this.at + 1 : end;
    // A key of one plain letter without any whitespace, the form that frames have.
    if (
      quote + 4 < end &&
      bytes[quote + 2] === QUOTE &&
      bytes[quote + 3] === COLON &&
      bytes[quote] === QUOTE
    ) {
      const byte = bytes[quote + 1]!;
      if (byte > 0x20 && byte !== QUOTE && byte !== BACKSLASH) {
        this.text = bytes;
        this.start = quote + 1;
        this.stop = quote + 2;
        this.keyByte = byte;
        this.at = quote + 4;
        this.#first = false;
        return true;
      }
    }
    if (!this.#nextMember(CLOSE_BRACE) || !this.readString()) return false;
    this.keyByte = this.stop - this.start === 1 ? this.text[this.start]! : 0;
    if (this.#peekByte() !== COLON) {
      this.fail(JsonError.SYNTAX);
      return false;
    }
    this.at++;
    return true;
  }

  /** Moves to the next element; false when the array (or the input) ended. */
  nextElement(): boolean {
    return this.#nextMember(CLOSE_BRACKET);
  }

  /** Reads a string into `text[start, stop)`, without its quotes. */
  readString(): boolean {
    if (this.#peekByte() !== QUOTE) {
      this.fail(this.at < this.end ? JsonError.TYPE : JsonError.SYNTAX);
      return false;
    }
    const { bytes, end } = this;
    const start = this.at + 1;
    let at = start;
    while (at < end) {
      const byte = bytes[at]!;
      if (byte === QUOTE) {
        this.text = bytes;
        this.start = start;
        this.stop = at;
        this.at = at + 1;
        return true;
      }
      if (byte === BACKSLASH) return this.#unescape(start, at);
      if (byte < 0x20) {
        this.at = at;
        this.fail(JsonError.TEXT);
        return false;
      }
      at++;
    }
    this.at = end;
    this.fail(JsonError.TRUNCATED);
    return false;
  }

  /** Consumes the next value when it is the string `name` and written plainly; false (and nothing consumed) when not. */
  tryString(name: Uint8Array): boolean {
    const { bytes } = this;
    const first = this.at + 1;
    const stop = first + name.length;
    if (stop >= this.end || bytes[first - 1] !== QUOTE || bytes[stop] !== QUOTE) return false;
    for (let i = 0; i < name.length; i++) if (bytes[first + i] !== name[i]) return false;
    this.at = stop + 1;
    return true;
  }

  /** Whether the last key or string is `name` (see {@link ascii}). */
  tokenIs(name: Uint8Array): boolean {
    const { text, start } = this;
    const length = name.length;
    if (this.stop - start !== length) return false;
    for (let i = 0; i < length; i++) if (text[start + i] !== name[i]) return false;
    return true;
  }

  /** The last key or string as a string. Allocates: off the line only. */
  tokenText(): string {
    return Buffer.from(
      this.text.buffer,
      this.text.byteOffset + this.start,
      this.stop - this.start,
    ).toString();
  }

  /**
   * A JSON number that is a plain integer (`-12`, no fraction, no exponent) as a safe integer. `-0` is 0. Anything else is
   * an error: TYPE for another form of number or another type, RANGE beyond a safe integer.
   */
  readInteger(): number {
    let value = plainInteger(this.bytes, this.at, this.end);
    if (value < 0) {
      this.#peekByte();
      value = anyInteger(this.bytes, this.at, this.end);
      if (integer.error !== JsonError.NONE) {
        this.#failAt(integer.at, integer.error);
        return 0;
      }
    }
    this.at = integer.at;
    return value;
  }

  /**
   * A string that holds an unsigned plain decimal (`"61837.63000000"`), in units of `10^-precision`. Errors: TYPE for
   * another type, RANGE for text that is no such decimal or too large, INEXACT for one with more decimals.
   */
  readUnits(precision: number): number {
    if (precision <= PLAIN_DIGITS && this.bytes[this.at] === QUOTE) {
      const plain = plainUnits(this.bytes, this.at + 1, precision);
      if (plain >= 0 && plainEnd < this.end) {
        this.at = plainEnd + 1;
        return plain;
      }
    }
    if (!this.readString()) return 0;
    const units = readUnits(this.text, this.start, this.stop, precision);
    if (units >= 0) return units;
    this.fail(units === DECIMAL_INEXACT ? JsonError.INEXACT : JsonError.RANGE);
    return 0;
  }

  readBoolean(): boolean {
    const byte = this.#peekByte();
    if (byte === 0x74) return this.#literal(TRUE);
    if (byte === 0x66) this.#literal(FALSE);
    else this.fail(this.at < this.end ? JsonError.TYPE : JsonError.SYNTAX);
    return false;
  }

  /** Consumes `null` when that is what comes next; false (and nothing consumed) when not. */
  tryNull(): boolean {
    return this.#peekByte() === 0x6e && this.#literal(NULL);
  }

  /** Reads past one value of any type, checking its grammar all the way. */
  skipValue(): void {
    this.#skip(0);
  }

  /** True when nothing went wrong and only whitespace is left. */
  finish(): boolean {
    if (this.error !== JsonError.NONE) return false;
    this.#peekByte();
    if (this.at < this.end) this.fail(JsonError.SYNTAX);
    return this.error === JsonError.NONE;
  }

  #failAt(at: number, error: JsonError): void {
    this.at = at;
    this.fail(error);
  }

  /** The next byte that is not whitespace, or 0 at the end. */
  #peekByte(): number {
    const { bytes, end } = this;
    let at = this.at;
    while (at < end) {
      const byte = bytes[at]!;
      if (byte > 0x20) {
        this.at = at;
        return byte;
      }
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) {
        // Any other control character belongs to no token: the caller's comparison fails on it.
        this.at = at;
        return byte === 0 ? 1 : byte;
      }
      at++;
    }
    this.at = at;
    return 0;
  }

  #enter(bracket: number): boolean {
    if (this.#peekByte() !== bracket) {
      this.fail(this.at < this.end ? JsonError.TYPE : JsonError.SYNTAX);
      return false;
    }
    this.at++;
    this.#first = true;
    return true;
  }

  #nextMember(close: number): boolean {
    const byte = this.#peekByte();
    if (byte === close) {
      this.at++;
      this.#first = false;
      return false;
    }
    if (this.#first) {
      this.#first = false;
      if (byte !== 0) return true;
    } else if (byte === COMMA) {
      this.at++;
      const next = this.#peekByte();
      if (next !== close && next !== 0) return true;
    }
    this.fail(JsonError.SYNTAX);
    return false;
  }

  #literal(word: Uint8Array): boolean {
    const { bytes, at, end } = this;
    for (let i = 0; i < word.length; i++) {
      if (at + i >= end || bytes[at + i] !== word[i]) {
        this.#failAt(at + i, JsonError.SYNTAX);
        return false;
      }
    }
    this.at = at + word.length;
    return true;
  }

  #skip(depth: number): void {
    if (depth > MAX_DEPTH) {
      this.fail(JsonError.DEPTH);
      return;
    }
    switch (this.peek()) {
      case JsonKind.STRING:
        this.#skipTo(scanString(this.bytes, this.at, this.end), JsonError.TEXT);
        return;
      case JsonKind.NUMBER:
        this.#skipTo(scanNumber(this.bytes, this.at, this.end), JsonError.SYNTAX);
        return;
      case JsonKind.OBJECT:
        this.enterObject();
        while (this.nextKey()) this.#skip(depth + 1);
        return;
      case JsonKind.ARRAY:
        this.enterArray();
        while (this.nextElement()) this.#skip(depth + 1);
        return;
      case JsonKind.BOOLEAN:
        this.readBoolean();
        return;
      case JsonKind.NULL:
        this.#literal(NULL);
        return;
      default:
        this.fail(JsonError.SYNTAX);
    }
  }

  /** To a scanned offset; a negative one is where the scan broke, less one. */
  #skipTo(at: number, error: JsonError): void {
    if (at >= 0) this.at = at;
    else if (-at - 1 >= this.end) this.#failAt(this.end, JsonError.TRUNCATED);
    else this.#failAt(-at - 1, error);
  }

  /** The rest of a string from its first backslash at `from`, decoded into the scratch buffer. */
  #unescape(start: number, from: number): boolean {
    const size = unescapeString(this.bytes, start, from, this.end, this.#scratch);
    if (size < 0) {
      this.#failAt(unescaped.at, unescaped.error);
      return false;
    }
    this.text = this.#scratch;
    this.start = 0;
    this.stop = size;
    this.at = unescaped.at;
    return true;
  }
}
