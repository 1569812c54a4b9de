/** The way of every request, from whichever face: faults, weight, authentication, parameters, handler. Synchronous. */
import type { Call, Method, WsSession } from '../methods/method.js';
import { errors, VenueError } from '../protocol/errors.js';
import type { TimeUnit } from '../protocol/format.js';
import { param, type RawParams, type Values } from '../protocol/params.js';
import { isApiKeyFormat } from '../protocol/signing.js';
import type { RegisteredKey, Venue } from '../venue.js';

/** A request as a face hands it over. */
export interface Incoming {
  readonly method: Method;
  readonly raw: RawParams;
  readonly ip: string;
  /** Address and port of the connection it came over; absent when it came over none. */
  readonly peer?: string;
  readonly unit: TimeUnit;
  /** The X-MBX-APIKEY header; undefined on the WebSocket API, where the key is a parameter. */
  readonly header: string | undefined;
  readonly session: WsSession | null;
  /** What the signature may be over: any of these. */
  payloads(): readonly string[];
}

/** What to answer, and whether. */
export interface Outcome {
  readonly status: number;
  readonly result: unknown;
  readonly error: VenueError | null;
  /** Answer a 5xx with a proxy's page instead of JSON. */
  readonly html: boolean;
  readonly answer: 'send' | 'lose' | 'close';
  readonly delayMs: number;
  readonly key: RegisteredKey | null;
}

const MAX_RECV_WINDOW = 60_000;
const DEFAULT_RECV_WINDOW = 5_000;
const FUTURE_TOLERANCE_MS = 1_000;
/** Parameters any WebSocket API request may carry. */
const FLAGS = ['returnRateLimits'] as const;

export class Dispatcher {
  readonly #venue: Venue;

  constructor(venue: Venue) {
    this.#venue = venue;
  }

  /** Never throws: what goes wrong is the answer. The caller sends it, then lets the venue settle. */
  run(incoming: Incoming): Outcome {
    const outcome = this.#decide(incoming);
    this.#venue.ledger?.onRequest(incoming, outcome, this.#venue.exchangeUs());
    return outcome;
  }

  #decide(incoming: Incoming): Outcome {
    const { faults } = this.#venue;
    const fate = faults.active ? faults.request(incoming.method.name, incoming.raw.get('symbol')) : undefined;
    const answer = fate?.answer ?? 'send';
    const delayMs = fate?.delayMs ?? 0;
    const html = fate?.html ?? false;
    const refused = (error: VenueError, key: RegisteredKey | null, asHtml = false): Outcome => ({
      status: error.status,
      result: undefined,
      error,
      html: asHtml,
      answer,
      delayMs,
      key,
    });

    let key: RegisteredKey | null = null;
    try {
      if (fate?.refuse !== undefined) return refused(fate.refuse, null, html);
      if (fate !== undefined && !fate.execute) return refused(errors.timeout(), null);
      const { method } = incoming;
      const [values, bad] = this.#read(incoming);
      this.#venue.ip(incoming.ip).charge(method.weight(values), this.#venue.nowMs());
      key = this.#authenticate(incoming);
      if (bad !== null) throw bad;
      const call: Call = {
        venue: this.#venue,
        unit: incoming.unit,
        nowUs: this.#venue.nowUs(),
        key,
        session: incoming.session,
      };
      this.#venue.catchUp?.();
      const result = method.handle(call, values!);
      if (fate?.mask !== undefined) return refused(fate.mask, key, html);
      return { status: 200, result, error: null, html: false, answer, delayMs, key };
    } catch (error) {
      if (error instanceof VenueError) return refused(error, key);
      this.#venue.logger.error('request failed', {
        method: incoming.method.name,
        error: error instanceof Error ? (error.stack ?? error.message) : String(error),
      });
      return refused(errors.unknown(), key);
    }
  }

  /** The typed parameters, or why there are none: an invalid request costs weight too. */
  #read(incoming: Incoming): [Values<Record<string, never>> | undefined, VenueError | null] {
    const { method, raw } = incoming;
    const signed =
      method.security === 'TRADE' || method.security === 'USER_DATA' || method.security === 'LOGON';
    let extra = 0;
    if (incoming.session !== null) {
      for (const name of FLAGS) if (raw.has(name)) extra++;
      // The WebSocket API takes a key and signature with any request.
      for (const name of ['apiKey', 'signature', 'timestamp', 'recvWindow']) if (raw.has(name)) extra++;
    } else if (signed) {
      for (const name of ['signature', 'timestamp', 'recvWindow']) if (raw.has(name)) extra++;
    }
    try {
      return [method.reader.read(raw, extra, signed), null];
    } catch (error) {
      if (error instanceof VenueError) return [undefined, error];
      throw error;
    }
  }

  #authenticate(incoming: Incoming): RegisteredKey | null {
    const { security } = incoming.method;
    if (security === 'NONE') return null;
    const sessionKey = incoming.session?.key ?? null;
    if (security === 'SESSION') {
      if (sessionKey === null) throw errors.rejectedApiKey();
      return sessionKey;
    }
    if (security === 'API_KEY') return this.#lookUp(incoming.header);

    const named = incoming.session === null ? incoming.header : incoming.raw.get('apiKey');
    const bySession = named === undefined && sessionKey !== null && security !== 'LOGON';
    if (incoming.session !== null && named === undefined && !bySession) throw errors.mandatory('apiKey');
    const key = bySession ? sessionKey : this.#lookUp(named);
    this.#checkTime(incoming.raw);
    if (bySession && !incoming.raw.has('signature')) return key;

    const signature = incoming.raw.get('signature');
    if (signature === undefined || signature === '') throw errors.mandatory('signature');
    if (security === 'LOGON' && key.verifier.kind !== 'ed25519') throw errors.rejectedApiKey();
    if (!incoming.payloads().some((payload) => key.verifier.verify(payload, signature)))
      throw errors.badSignature();
    return key;
  }

  #lookUp(apiKey: string | undefined): RegisteredKey {
    if (apiKey === undefined || !isApiKeyFormat(apiKey)) throw errors.malformedApiKey();
    const key = this.#venue.key(apiKey);
    if (key === undefined) throw errors.rejectedApiKey();
    return key;
  }

  /** -1102, -1021 and the recvWindow's own errors. */
  #checkTime(raw: RawParams): void {
    const text = raw.get('timestamp');
    if (text === undefined || text === '') throw errors.mandatory('timestamp');
    const timestamp = param.time.parse('timestamp', text);
    const window = recvWindow(raw.get('recvWindow'));
    const now = this.#venue.nowMs();
    if (timestamp >= now + FUTURE_TOLERANCE_MS) throw errors.futureTimestamp();
    if (Math.floor(now) - timestamp > window) throw errors.staleTimestamp();
  }
}

function recvWindow(text: string | undefined): number {
  if (text === undefined) return DEFAULT_RECV_WINDOW;
  if (text === '') throw errors.emptyParameter('recvWindow');
  if (!/^[0-9]{1,20}(\.[0-9]{1,3})?$/.test(text)) {
    throw errors.illegalChars('recvWindow', '^[0-9]{1,20}(\\.[0-9]{1,3})?$');
  }
  const value = Number(text);
  if (value > MAX_RECV_WINDOW) throw errors.tooGreat('recvWindow', MAX_RECV_WINDOW);
  return value;
}
