/** Session and user-stream methods: of the WebSocket API alone, and the listenKey endpoints REST once had. */
import { errors } from '../protocol/errors.js';
import { optional, param } from '../protocol/params.js';
import { accountOf, type Call, method, type WsSession } from './method.js';

function session(call: Call): WsSession {
  if (call.session === null) throw new Error('session method called without a session');
  return call.session;
}

export const sessionMethods = [
  method({
    name: 'session.logon',
    security: 'LOGON',
    weight: 2,
    params: {},
    handle: (call) => {
      session(call).logon(call.key!);
      return session(call).status();
    },
  }),
  method({
    name: 'session.status',
    weight: 2,
    params: {},
    handle: (call) => session(call).status(),
  }),
  method({
    name: 'session.logout',
    weight: 2,
    params: {},
    handle: (call) => {
      session(call).logout();
      return session(call).status();
    },
  }),
  method({
    name: 'session.subscriptions',
    weight: 2,
    params: {},
    handle: (call) =>
      session(call)
        .subscriptions()
        .map((subscriptionId) => ({ subscriptionId })),
  }),
  method({
    name: 'userDataStream.subscribe',
    security: 'SESSION',
    weight: 2,
    params: {},
    handle: (call) => ({ subscriptionId: session(call).subscribe(accountOf(call), true) }),
  }),
  method({
    name: 'userDataStream.subscribe.signature',
    security: 'USER_DATA',
    weight: 2,
    params: {},
    handle: (call) => ({ subscriptionId: session(call).subscribe(accountOf(call), false) }),
  }),
  method({
    name: 'userDataStream.unsubscribe',
    weight: 2,
    params: { subscriptionId: optional(param.integer) },
    handle: (call, values) => {
      session(call).unsubscribe(values.subscriptionId);
      return {};
    },
  }),
];

function requireLegacy(call: Call): void {
  if (!call.venue.legacyListenKey) throw errors.gone();
}

export const listenKeyMethods = [
  method({
    name: 'userDataStream.start',
    rest: [['POST', '/api/v3/userDataStream']],
    security: 'API_KEY',
    weight: 2,
    params: {},
    handle: (call) => {
      requireLegacy(call);
      return { listenKey: call.venue.listenKeys.create(accountOf(call), call.venue.nowMs()) };
    },
  }),
  method({
    name: 'userDataStream.ping',
    rest: [['PUT', '/api/v3/userDataStream']],
    security: 'API_KEY',
    weight: 2,
    params: { listenKey: param.text(128) },
    handle: (call, values) => {
      requireLegacy(call);
      if (!call.venue.listenKeys.extend(values.listenKey, accountOf(call), call.venue.nowMs())) {
        throw errors.badListenKey();
      }
      return {};
    },
  }),
  method({
    name: 'userDataStream.stop',
    rest: [['DELETE', '/api/v3/userDataStream']],
    security: 'API_KEY',
    weight: 2,
    params: { listenKey: param.text(128) },
    handle: (call, values) => {
      requireLegacy(call);
      if (!call.venue.listenKeys.remove(values.listenKey, accountOf(call))) throw errors.badListenKey();
      return {};
    },
  }),
];
