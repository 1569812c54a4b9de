/** The shape of a venue method: written once, served over REST and the WebSocket API. */
import type { TimeUnit } from '../protocol/format.js';
import { ParamReader, type ParamSchema, type Values } from '../protocol/params.js';
import type { Account, RegisteredKey, Venue } from '../venue.js';

/**
 * NONE: anybody. TRADE, USER_DATA: key, timestamp and signature. API_KEY: key only (listenKey endpoints). SESSION: an
 * authenticated WebSocket session. LOGON: TRADE's checks, but only for Ed25519 keys on a WebSocket.
 */
export type Security = 'NONE' | 'TRADE' | 'USER_DATA' | 'API_KEY' | 'SESSION' | 'LOGON';

/** What a WebSocket API connection offers its methods. */
export interface WsSession {
  /** The key of `session.logon`, if any. */
  readonly key: RegisteredKey | null;
  logon(key: RegisteredKey): void;
  logout(): void;
  /** Answer of session.logon, session.status and session.logout. */
  status(): object;
  /** Starts a user data subscription; throws -2035 when the account has one here. `bySession`: ended by logout. */
  subscribe(account: Account, bySession: boolean): number;
  /** Ends one, or all; throws -2036 when there is no such subscription. */
  unsubscribe(subscriptionId: number | undefined): void;
  subscriptions(): readonly number[];
}

/** One call of a method. */
export interface Call {
  readonly venue: Venue;
  readonly unit: TimeUnit;
  /** The venue's time when the call arrived, microseconds. */
  readonly nowUs: number;
  /** The caller's key; null for NONE. */
  readonly key: RegisteredKey | null;
  /** Null over REST. */
  readonly session: WsSession | null;
}

export interface Method {
  /** The WebSocket API's name for it; methods REST alone has are named in its manner. */
  readonly name: string;
  /** Verb and path, each way REST reaches it. */
  readonly rest: ReadonlyArray<readonly [verb: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string]>;
  readonly ws: boolean;
  readonly security: Security;
  /** Whether the answer carries the account's order count. */
  readonly countsOrders: boolean;
  readonly reader: ParamReader<ParamSchema>;
  /** Request weight; `values` is undefined when the parameters were refused. */
  weight(values: Values<ParamSchema> | undefined): number;
  handle(call: Call, values: Values<ParamSchema>): unknown;
}

interface Definition<S extends ParamSchema> {
  readonly name: string;
  readonly rest?: Method['rest'];
  /** Default true. */
  readonly ws?: boolean;
  /** Default NONE. */
  readonly security?: Security;
  readonly countsOrders?: boolean;
  readonly weight: number | ((values: Values<S>) => number);
  readonly params: S;
  handle(call: Call, values: Values<S>): unknown;
}

/** Declares a method; the handler sees its parameters typed. */
export function method<const S extends ParamSchema>(definition: Definition<S>): Method {
  const { weight } = definition;
  return {
    name: definition.name,
    rest: definition.rest ?? [],
    ws: definition.ws ?? true,
    security: definition.security ?? 'NONE',
    countsOrders: definition.countsOrders ?? false,
    reader: new ParamReader(definition.params),
    weight: (values) => {
      if (typeof weight === 'number') return weight;
      return values === undefined ? 1 : weight(values as Values<S>);
    },
    handle: (call, values) => definition.handle(call, values as Values<S>),
  };
}

/** The account of an authenticated call. */
export function accountOf(call: Call): Account {
  if (call.key === null) throw new Error('method without security asks for an account');
  return call.key.account;
}
