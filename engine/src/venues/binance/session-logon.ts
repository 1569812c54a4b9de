import type { ApiDispatcher } from './api-dispatcher.js';
import { CredentialError, type Params, type Signer } from './auth.js';
import { isCredentialFault, verdictOf } from './errors.js';
import type { BinanceLimits } from './limits.js';
import type { TimeSync } from './time-sync.js';
import type { WsApiConnection } from './ws-api-connection.js';

const CONNECT_WEIGHT = 2;
const LOGON_WEIGHT = 2;
const SUBSCRIBE_WEIGHT = 2;

export interface LogonParts {
  readonly signer: Signer;
  readonly limits: BinanceLimits;
  readonly time: TimeSync;
  readonly dispatcher: ApiDispatcher;
  readonly recvWindowMs: number;
}

/**
 * What a fresh connection must say before it is of use. Both methods reject with a CredentialError when the venue refuses
 * our key, with another error when trying again may help. Source: web-socket-api.md, "Session Authentication" and "User
 * Data Stream requests".
 */
export class SessionLogon {
  readonly #parts: LogonParts;

  constructor(parts: LogonParts) {
    this.#parts = parts;
  }

  /** Ed25519 keys log the session on; other keys sign each request instead. */
  async logOn(connection: WsApiConnection): Promise<void> {
    const { signer, limits } = this.#parts;
    if (limits.tryRequest(CONNECT_WEIGHT, true)) limits.settle(CONNECT_WEIGHT, false);
    if (signer.canLogOn) await this.#call(connection, 'session.logon', this.#signed(), LOGON_WEIGHT);
  }

  /** Subscribes to the account's user data on a connection that has logged on, or with a signature of its own. */
  async subscribe(connection: WsApiConnection): Promise<void> {
    const [method, params] = this.#parts.signer.canLogOn
      ? (['userDataStream.subscribe', {}] as const)
      : (['userDataStream.subscribe.signature', this.#signed()] as const);
    await this.#call(connection, method, params, SUBSCRIBE_WEIGHT);
  }

  #signed(): Params {
    const { signer, time, recvWindowMs } = this.#parts;
    return signer.signWs({ recvWindow: recvWindowMs, timestamp: time.nowMs() });
  }

  async #call(connection: WsApiConnection, method: string, params: Params, weight: number): Promise<void> {
    const reply = await this.#parts.dispatcher.call(connection, method, params, weight);
    if (reply.status >= 200 && reply.status < 300) return;
    const message = `${method}: ${reply.status} ${reply.code} ${reply.text}`;
    const { reason } = verdictOf(reply.status, reply.code, reply.text);
    if (reply.code === -1021) await this.#parts.time.resync();
    throw isCredentialFault(reason) ? new CredentialError(message) : new Error(message);
  }
}
