import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RejectReason } from '../../../src/domain/index.js';
import { errorTableMarkdown, isCredentialFault, verdictOf } from '../../../src/venues/binance/errors.js';

const R = RejectReason;
const page = new URL('../../../../docs/venues/binance-errors.md', import.meta.url);

describe('verdictOf', () => {
  it.each([
    [400, -2010, 'Account has insufficient balance for requested action.', R.INSUFFICIENT_BALANCE, true],
    [400, -2010, 'Order would immediately match and take.', R.POST_ONLY_WOULD_TAKE, true],
    [400, -2010, 'Order would trigger immediately.', R.TRIGGER_WOULD_FIRE, true],
    [400, -2010, 'Market is closed.', R.MARKET_CLOSED, true],
    [400, -2010, 'Something new.', R.UNKNOWN, true],
    [400, -2010, 'Duplicate order sent.', R.DUPLICATE_ORDER, false],
    [400, -1013, 'Filter failure: PRICE_FILTER', R.PRICE_FILTER, true],
    [400, -1013, 'Filter failure: LOT_SIZE', R.QUANTITY_FILTER, true],
    [400, -1013, 'Filter failure: MARKET_LOT_SIZE', R.QUANTITY_FILTER, true],
    [400, -1013, 'Filter failure: NOTIONAL', R.NOTIONAL_FILTER, true],
    [400, -1013, 'Filter failure: MIN_NOTIONAL', R.NOTIONAL_FILTER, true],
    [400, -1013, 'Filter failure: PERCENT_PRICE_BY_SIDE', R.PERCENT_PRICE_FILTER, true],
    [400, -1013, 'Filter failure: MAX_NUM_ORDERS', R.TOO_MANY_ORDERS, true],
    [400, -1013, 'Filter failure: EXCHANGE_MAX_NUM_ALGO_ORDERS', R.TOO_MANY_ORDERS, true],
    [400, -1013, 'Filter failure: ICEBERG_PARTS', R.OTHER_FILTER, true],
    [400, -2016, 'No trading window could be found for the symbol.', R.MARKET_CLOSED, true],
    [400, -2011, 'Unknown order sent.', R.UNKNOWN_ORDER, true],
    [400, -2013, 'Order does not exist.', R.UNKNOWN_ORDER, true],
    [429, -1003, 'Too much request weight used; ...', R.RATE_LIMITED, true],
    [429, -1015, 'Too many new orders; current limit is 50 orders per TEN_SECONDS.', R.RATE_LIMITED, true],
    [418, -1003, 'Way too much request weight used; IP banned until 1659146400000.', R.BANNED, true],
    [418, 0, '', R.BANNED, true],
    [400, -1021, 'Timestamp for this request is outside of the recvWindow.', R.CLOCK_SKEW, true],
    [400, -1022, 'Signature for this request is not valid.', R.BAD_SIGNATURE, true],
    [401, -2015, 'Invalid API-key, IP, or permissions for action.', R.BAD_API_KEY, true],
    [400, -2014, 'API-key format invalid.', R.BAD_API_KEY, true],
    [400, -1121, 'Invalid symbol.', R.BAD_SYMBOL, true],
    [400, -1102, "Mandatory parameter 'price' was not sent", R.BAD_PARAMETER, true],
    [400, -1111, "Parameter 'price' has too much precision.", R.BAD_PRECISION, true],
    [400, -1008, 'Server is currently overloaded', R.VENUE_BUSY, true],
    [400, -1006, 'An unexpected response was received', R.OUTCOME_UNKNOWN, false],
    [400, -1007, 'Timeout waiting for response', R.OUTCOME_UNKNOWN, false],
    [400, -1000, 'An unknown error occurred', R.OUTCOME_UNKNOWN, false],
    [400, -9999, 'a code of tomorrow', R.UNKNOWN, true],
    [403, 0, '<html>', R.PERMISSION_DENIED, true],
    [429, 0, '', R.RATE_LIMITED, true],
  ])('%i %i "%s"', (status, code, message, reason, refused) => {
    expect(verdictOf(status, code, message)).toMatchObject({ reason, refused });
  });

  it('never takes a 5xx, a half-done request or no answer at all for a refusal', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.integer({ min: 500, max: 599 }), fc.constantFrom(0, 200, 302, 408, 409)),
        fc.integer({ min: -3000, max: 0 }),
        fc.string(),
        (status, code, message) => {
          expect(verdictOf(status, code, message)).toEqual({ reason: R.OUTCOME_UNKNOWN, refused: false });
        },
      ),
      { numRuns: 200 },
    );
  });

  it('always gives a reason of the vocabulary', () => {
    const reasons = new Set<number>(Object.values(R));
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 999 }),
        fc.integer({ min: -3000, max: 0 }),
        fc.string(),
        (...error) => {
          expect(reasons.has(verdictOf(...error).reason)).toBe(true);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('knows which faults no second attempt overcomes', () => {
    expect([R.BAD_API_KEY, R.BAD_SIGNATURE, R.CLOCK_SKEW, R.RATE_LIMITED].map(isCredentialFault)).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});

describe('docs/venues/binance-errors.md', () => {
  it('is what the table says (UPDATE_DOCS=1 rewrites it)', () => {
    if (process.env.UPDATE_DOCS === '1') writeFileSync(page, errorTableMarkdown());
    expect(readFileSync(page, 'utf8')).toBe(errorTableMarkdown());
  });
});
