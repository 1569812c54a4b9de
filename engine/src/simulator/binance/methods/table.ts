/** Every method of the venue. */
import { accountMethods } from './account.js';
import { generalMethods } from './general.js';
import { marketMethods } from './market.js';
import type { Method } from './method.js';
import { neighborMethods } from './neighbors.js';
import { listenKeyMethods, sessionMethods } from './session.js';
import { tradingMethods } from './trading.js';

export const METHODS: readonly Method[] = [
  ...generalMethods,
  ...marketMethods,
  ...tradingMethods,
  ...accountMethods,
  ...sessionMethods,
  ...listenKeyMethods,
  ...neighborMethods,
];

/** Methods of the WebSocket API by name, with and without the `v3/` prefix. */
export const WS_METHODS: ReadonlyMap<string, Method> = new Map(
  METHODS.filter((method) => method.ws).flatMap((method) => [
    [method.name, method],
    [`v3/${method.name}`, method],
  ]),
);
