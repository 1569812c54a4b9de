/** The control endpoint: faults, accounts, deposits, and what the venue knows. No fault touches it. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { DecimalError, formatAmount, formatUnits } from '../../../domain/index.js';
import { FaultError } from '../faults/actions.js';
import type { ArmedFault } from '../faults/injector.js';
import { faultRequestSchema } from '../faults/schema.js';
import { wireSide, wireType } from '../protocol/orders.js';
import type { Venue } from '../venue.js';
import type { SimulatorControl } from './control.js';

const keySchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('hmac'),
    apiKey: z.string().min(1).max(128),
    secret: z.string().min(1).max(256),
  }),
  z.strictObject({
    kind: z.enum(['rsa', 'ed25519']),
    apiKey: z.string().min(1).max(128),
    publicKey: z.string().min(1).max(4096),
  }),
]);
const decimal = z.string().regex(/^\d{1,20}(\.\d{1,18})?$/);
const accountSchema = z.strictObject({
  name: z.string().min(1).max(64),
  keys: z.array(keySchema).min(1).max(16),
  balances: z.record(z.string().min(1).max(20), decimal),
  makerBps: z.number().min(-100).max(1_000).optional(),
  takerBps: z.number().min(-100).max(1_000).optional(),
});
const depositSchema = z.strictObject({
  account: z.string().min(1).max(64),
  asset: z.string().min(1).max(20),
  /** Negative withdraws. */
  amount: z.string().regex(/^-?\d{1,20}(\.\d{1,18})?$/),
});
const statusSchema = z.strictObject({
  symbol: z.string().min(1).max(20),
  status: z.enum(['trading', 'halt', 'break']),
});

/** Registers the `/control` routes. */
export function registerControl(app: FastifyInstance, venue: Venue, control: SimulatorControl): void {
  const post = <T>(url: string, schema: z.ZodType<T>, run: (value: T) => unknown) =>
    app.post(url, (request, reply) => {
      const parsed = schema.safeParse(json(request.body));
      if (!parsed.success) return reply.code(400).send({ error: z.prettifyError(parsed.error) });
      return guarded(reply, () => run(parsed.data));
    });

  post('/control/faults', faultRequestSchema, (faults) => ({
    faults: (Array.isArray(faults) ? faults : [faults]).map((fault) => armedView(control.inject(fault))),
  }));
  app.get('/control/faults', () => ({
    armed: venue.faults.list().map(armedView),
    applied: venue.faults.counts(),
  }));
  app.delete('/control/faults', (request) => ({ cleared: control.clearFaults(idOf(request)) }));
  app.get('/control/state', () => stateView(venue, control));
  post('/control/accounts', accountSchema, (account) => {
    control.registerAccount(account as Parameters<SimulatorControl['registerAccount']>[0]);
    return { name: account.name };
  });
  post('/control/deposits', depositSchema, (value) => {
    control.deposit(value.account, value.asset, value.amount);
    return {};
  });
  post('/control/symbols', statusSchema, (value) => {
    control.setSymbolStatus(value.symbol, value.status);
    return {};
  });
}

function json(body: unknown): unknown {
  if (typeof body !== 'string') return body;
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function idOf(request: FastifyRequest): number | undefined {
  const id = (request.query as { id?: string }).id;
  return id === undefined ? undefined : Number(id);
}

/** What was asked for but cannot be is a 409, not a failure of the server. */
function guarded(reply: FastifyReply, run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    if (error instanceof FaultError || error instanceof DecimalError) {
      return reply.code(409).send({ error: error.message });
    }
    throw error;
  }
}

function armedView(armed: ArmedFault): object {
  return {
    id: armed.id,
    fault: armed.fault,
    remaining: Number.isFinite(armed.remaining) ? armed.remaining : null,
    expires: Number.isFinite(armed.expiresMs) ? Math.round(armed.expiresMs) : null,
    applied: armed.applied,
  };
}

function stateView(venue: Venue, control: SimulatorControl): object {
  const { exchange } = venue;
  return {
    serverTime: Math.floor(venue.nowMs()),
    connections: control.connections(),
    faults: { armed: venue.faults.list().map(armedView), applied: venue.faults.counts() },
    symbols: venue.specs.map((spec, index) => {
      const top = exchange.top(index);
      return {
        symbol: spec.symbol,
        status: exchange.status(index),
        bid: formatUnits(top.bid, spec.pricePrecision),
        ask: formatUnits(top.ask, spec.pricePrecision),
        lastPrice: formatUnits(exchange.lastPrice(index), spec.pricePrecision),
        lastUpdateId: top.lastUpdateId,
      };
    }),
    accounts: venue.accounts.map((account) => ({
      name: account.name,
      balances: Object.fromEntries(
        exchange
          .balances(account.index)
          .map((one) => [one.asset, { free: formatAmount(one.free), locked: formatAmount(one.locked) }]),
      ),
      openOrders: exchange.openOrders(account.index).map((order) => {
        const spec = venue.spec(order.symbol);
        return {
          symbol: spec.symbol,
          orderId: order.orderId,
          clientOrderId: order.clientOrderId,
          side: wireSide(order.side),
          type: wireType(order),
          status: order.status,
          price: formatUnits(order.price, spec.pricePrecision),
          quantity: formatUnits(order.quantity, spec.sizePrecision),
          executed: formatUnits(order.cumQuantity, spec.sizePrecision),
        };
      }),
    })),
  };
}
