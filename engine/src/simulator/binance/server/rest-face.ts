/** The REST face: routes of the method table, with Binance's headers. Source: rest-api.md. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Method } from '../methods/method.js';
import { METHODS } from '../methods/table.js';
import { errors, VenueError } from '../protocol/errors.js';
import type { TimeUnit } from '../protocol/format.js';
import { type RawParams, readForm, withoutSignature } from '../protocol/params.js';
import { encodeNonAscii } from '../protocol/signing.js';
import type { Venue } from '../venue.js';
import type { Dispatcher, Outcome } from './dispatcher.js';
import { ipOf, peerOf } from './ip.js';

const PROXY_PAGE =
  '<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>';

/** Registers every REST route. Bodies arrive as text (see the server's content type parser). */
export function registerRest(app: FastifyInstance, venue: Venue, dispatcher: Dispatcher): void {
  for (const method of METHODS) {
    for (const [verb, url] of method.rest) {
      app.route({
        method: verb,
        url,
        handler: (request, reply) => handle(venue, dispatcher, method, request, reply),
      });
    }
  }
}

function unitOf(request: FastifyRequest): TimeUnit {
  const header = request.headers['x-mbx-time-unit'];
  if (header === undefined) return 'ms';
  const unit = String(header).toUpperCase();
  if (unit !== 'MICROSECOND' && unit !== 'MILLISECOND') throw errors.badTimeUnit();
  return unit === 'MICROSECOND' ? 'us' : 'ms';
}

function bodyOf(request: FastifyRequest): string {
  if (request.method === 'GET' || typeof request.body !== 'string') return '';
  const type = request.headers['content-type'] ?? '';
  return type === '' || type.includes('x-www-form-urlencoded') ? request.body : '';
}

function handle(
  venue: Venue,
  dispatcher: Dispatcher,
  method: Method,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const url = request.raw.url ?? '';
  const cut = url.indexOf('?');
  const query = cut < 0 ? '' : url.slice(cut + 1);
  const body = bodyOf(request);
  const ip = ipOf(request.raw.socket);
  let outcome: Outcome;
  try {
    const raw: RawParams = new Map();
    readForm(query, raw);
    readForm(body, raw);
    const header = request.headers['x-mbx-apikey'];
    outcome = dispatcher.run({
      method,
      raw,
      ip,
      peer: peerOf(request.raw.socket),
      unit: unitOf(request),
      header: typeof header === 'string' ? header : undefined,
      session: null,
      payloads: () => {
        const payload = withoutSignature(query) + withoutSignature(body);
        const encoded = encodeNonAscii(payload);
        return encoded === payload ? [payload] : [payload, encoded];
      },
    });
  } catch (error) {
    if (!(error instanceof VenueError)) throw error;
    outcome = {
      status: error.status,
      result: undefined,
      error,
      html: false,
      answer: 'send',
      delayMs: 0,
      key: null,
    };
  }
  const respond = () => answer(venue, method, outcome, ip, reply);
  if (outcome.answer === 'close') {
    reply.hijack();
    request.raw.socket.destroy();
  } else if (outcome.answer === 'lose') {
    reply.hijack();
  } else if (outcome.delayMs > 0) {
    setTimeout(respond, outcome.delayMs).unref();
  } else {
    respond();
  }
  venue.settle();
  return reply;
}

function answer(venue: Venue, method: Method, outcome: Outcome, ip: string, reply: FastifyReply): void {
  if (reply.raw.destroyed) return;
  const now = venue.nowMs();
  const weight = venue.ip(ip).usedWeight(now);
  reply.code(outcome.status);
  reply.header('x-mbx-used-weight', weight).header('x-mbx-used-weight-1m', weight);
  if (method.countsOrders && outcome.key !== null) {
    const { short, day } = outcome.key.account.orders.counts(now);
    reply.header('x-mbx-order-count-10s', short).header('x-mbx-order-count-1d', day);
  }
  if (outcome.error?.retryAfter !== undefined) reply.header('retry-after', outcome.error.retryAfter);
  if (outcome.html) {
    reply.type('text/html').send(PROXY_PAGE);
    return;
  }
  reply
    .type('application/json;charset=UTF-8')
    .send(JSON.stringify(outcome.error === null ? outcome.result : outcome.error.restBody()));
}
