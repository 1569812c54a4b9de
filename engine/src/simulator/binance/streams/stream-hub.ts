/** Who listens to which stream, and the delivery of each event to them, faults included. */
import type { FaultInjector } from '../faults/injector.js';
import type { TimeUnit } from '../protocol/format.js';
import { parseStreamName, type StreamName } from './stream-name.js';

/** A listener to market streams. */
export interface StreamSink {
  readonly unit: TimeUnit;
  /** Whether events come wrapped as `{"stream","data"}`. */
  readonly combined: boolean;
  sendFrame(text: string): void;
}

interface Subscribers {
  readonly name: StreamName;
  /** Listener to the stream name it asked for: several names may mean one stream. */
  readonly sinks: Map<StreamSink, string>;
}

type Build = (unit: TimeUnit) => object;

/** An event's text in each form asked for, made once. */
class Frame {
  readonly #build: Build;
  readonly #mangle: ((text: string) => string) | null;
  readonly #bodies: { ms?: string; us?: string } = {};

  constructor(build: Build, mangle: ((text: string) => string) | null) {
    this.#build = build;
    this.#mangle = mangle;
  }

  text(sink: StreamSink, stream: string): string {
    this.#bodies[sink.unit] ??= JSON.stringify(this.#build(sink.unit));
    const body = this.#bodies[sink.unit]!;
    const text = sink.combined ? `{"stream":${JSON.stringify(stream)},"data":${body}}` : body;
    return this.#mangle === null ? text : this.#mangle(text);
  }
}

const truncate = (text: string) => text.slice(0, text.length >> 1);
/** Keeps the length and breaks the JSON in the middle. */
const corrupt = (text: string) => {
  const middle = text.length >> 1;
  return `${text.slice(0, middle)}\u0000{{garbage${text.slice(middle + 10)}`;
};

export class StreamHub {
  readonly #faults: FaultInjector;
  readonly #streams = new Map<string, Subscribers>();
  readonly #held = new Map<string, Frame>();

  constructor(faults: FaultInjector) {
    this.#faults = faults;
  }

  /** Streams with listeners: canonical key and meaning. */
  *names(): Iterable<[string, StreamName]> {
    for (const [key, { name }] of this.#streams) yield [key, name];
  }

  /** Starts `sink` on the stream `text` names. False when no stream has such a name. */
  add(text: string, sink: StreamSink): boolean {
    const name = parseStreamName(text);
    if (name === null) return false;
    const key = canonicalKey(text);
    let subscribers = this.#streams.get(key);
    if (subscribers === undefined) {
      subscribers = { name, sinks: new Map() };
      this.#streams.set(key, subscribers);
    }
    subscribers.sinks.set(sink, text);
    return true;
  }

  remove(text: string, sink: StreamSink): void {
    const key = canonicalKey(text);
    const subscribers = this.#streams.get(key);
    if (subscribers === undefined) return;
    subscribers.sinks.delete(sink);
    if (subscribers.sinks.size === 0) {
      this.#streams.delete(key);
      this.#held.delete(key);
    }
  }

  /** Sends an event to the listeners of `key`. `kind` is what faults call the stream. */
  publish(key: string, symbol: string, kind: string, build: Build): void {
    const subscribers = this.#streams.get(key);
    if (subscribers === undefined) return;
    const fate = this.#faults.active ? this.#faults.frame(symbol, kind) : 'send';
    if (fate === 'drop') return;
    const frame = new Frame(build, fate === 'truncate' ? truncate : fate === 'corrupt' ? corrupt : null);
    const held = this.#held.get(key);
    if (fate === 'hold' && held === undefined) {
      this.#held.set(key, frame);
      return;
    }
    this.#deliver(subscribers, frame);
    if (fate === 'twice') this.#deliver(subscribers, frame);
    if (held !== undefined) {
      this.#held.delete(key);
      this.#deliver(subscribers, held);
    }
  }

  #deliver(subscribers: Subscribers, frame: Frame): void {
    for (const [sink, stream] of subscribers.sinks) sink.sendFrame(frame.text(sink, stream));
  }
}

/** `depth@1000ms` is `depth`. */
function canonicalKey(text: string): string {
  return text.endsWith('@1000ms') ? text.slice(0, -'@1000ms'.length) : text;
}
