/** What the venue wrote down of all it was asked and did (`tradewind sim --ledger`), line by line. */

/** The one layout of lines this reads. */
const FORMAT = 1;

export interface LedgerSymbol {
  readonly symbol: string;
  readonly pricePrecision: number;
  readonly sizePrecision: number;
}

/** Times are microseconds since 1970 at the venue, prices and quantities integers in the symbol's precision. */
export type LedgerEntry =
  | { readonly kind: 'head'; readonly symbols: readonly LedgerSymbol[] }
  /** A request about an order was answered. `peer`: the connection it came over; `code` 0: it was carried out. */
  | {
      readonly kind: 'request';
      readonly us: number;
      readonly peer: string;
      readonly account: number;
      readonly method: string;
      readonly clientOrderId: string;
      readonly status: number;
      readonly code: number;
    }
  | (OrderFact & {
      readonly kind: 'accepted';
      readonly clientOrderId: string;
      readonly side: VenueSide;
      readonly price: number;
      readonly quantity: number;
    })
  | (OrderFact & {
      readonly kind: 'traded';
      readonly tradeId: number;
      readonly side: VenueSide;
      readonly price: number;
      readonly quantity: number;
      readonly leaves: number;
    })
  /** Canceled, expired, reduced: `leaves` 0 is its end. */
  | (OrderFact & { readonly kind: 'changed'; readonly execution: string; readonly leaves: number });

interface OrderFact {
  readonly us: number;
  readonly account: number;
  /** Index into the symbols of the head. */
  readonly symbol: number;
  readonly orderId: number;
}

export type VenueSide = 'B' | 'S';

/** Reads one line. Throws an Error that quotes it when it is none of a ledger. */
export function parseLedgerLine(line: string): LedgerEntry {
  const bad = (): never => {
    throw new Error(`not a line of a venue's ledger: ${line.slice(0, 200)}`);
  };
  let fields: unknown;
  try {
    fields = JSON.parse(line);
  } catch {
    return bad();
  }
  if (!Array.isArray(fields)) return bad();
  const number = (at: number): number => (Number.isSafeInteger(fields[at]) ? (fields[at] as number) : bad());
  const text = (at: number): string => (typeof fields[at] === 'string' ? (fields[at] as string) : bad());
  const side = (at: number): VenueSide => (fields[at] === 'B' || fields[at] === 'S' ? fields[at] : bad());
  const fact = () => ({ us: number(1), account: number(2), symbol: number(3), orderId: number(4) });
  switch (fields[0]) {
    case 'H':
      if (fields[1] !== FORMAT) throw new Error(`a ledger of format ${fields[1]}, this reads ${FORMAT}`);
      return { kind: 'head', symbols: (fields[2] as unknown[]).map((row) => ledgerSymbol(row) ?? bad()) };
    case 'R':
      return {
        kind: 'request',
        us: number(1),
        peer: text(2),
        account: number(3),
        method: text(4),
        clientOrderId: text(5),
        status: number(6),
        code: number(7),
      };
    case 'N':
      return {
        kind: 'accepted',
        ...fact(),
        clientOrderId: text(5),
        side: side(6),
        price: number(7),
        quantity: number(8),
      };
    case 'T':
      return {
        kind: 'traded',
        ...fact(),
        tradeId: number(5),
        side: side(6),
        price: number(7),
        quantity: number(8),
        leaves: number(9),
      };
    case 'X':
      return { kind: 'changed', ...fact(), execution: text(5), leaves: number(6) };
    default:
      return bad();
  }
}

function ledgerSymbol(row: unknown): LedgerSymbol | undefined {
  if (!Array.isArray(row) || typeof row[0] !== 'string') return undefined;
  return { symbol: row[0], pricePrecision: Number(row[1]), sizePrecision: Number(row[2]) };
}

const OWN = /^tw([0-9a-v]{1,6})x[0-9a-v]{1,9}$/;

/** The fencing epoch in one of our client order ids; undefined for an id that is not ours. */
export function epochOf(clientOrderId: string): number | undefined {
  const match = OWN.exec(clientOrderId);
  return match === null ? undefined : Number.parseInt(match[1]!, 32);
}
