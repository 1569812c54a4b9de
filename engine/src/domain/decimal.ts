/**
 * Decimal text <-> fixed-point integers, exactly or not at all. No float ever holds a decimal fraction: a price of
 * `61837.63` at precision 2 is the integer 6183763.
 */

/** Powers of ten that a double holds exactly. */
export const POW10: readonly number[] = Array.from({ length: 16 }, (_, n) => 10 ** n);

/** Money is a bigint in units of 10^-18 of its asset: fine enough to hold any price × quantity product exactly. */
export type Amount = bigint;
export const AMOUNT_SCALE = 18;
const AMOUNT_ONE = 10n ** BigInt(AMOUNT_SCALE);

/** Decimal text that is malformed, or that the target precision cannot hold exactly. */
export class DecimalError extends Error {
  readonly code = 'TW_DECIMAL';
  override readonly name = 'DecimalError';
}

const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?$/;
/** Longer than any number a venue has a use for: turning digits into a bigint takes quadratic time. */
const MAX_TEXT = 128;

/** `text` as an integer in units of `10^-scale`. Throws {@link DecimalError} unless the result is exact. */
export function parseFixed(text: string, scale: number): bigint {
  const match = text.length <= MAX_TEXT ? DECIMAL.exec(text) : null;
  if (match === null) throw new DecimalError(`not a decimal number: ${JSON.stringify(text.slice(0, 40))}`);
  const [, sign, whole, fraction = ''] = match as unknown as [string, string, string, string | undefined];
  const kept = fraction.slice(0, scale).padEnd(scale, '0');
  for (let i = scale; i < fraction.length; i++) {
    if (fraction.charCodeAt(i) !== 48) {
      throw new DecimalError(`${text} has more than ${scale} decimals`);
    }
  }
  const units = BigInt(whole + kept);
  return sign === '-' ? -units : units;
}

/** `text` as a safe integer in units of `10^-precision` (price or quantity). Throws {@link DecimalError}. */
export function parseUnits(text: string, precision: number): number {
  const units = Number(parseFixed(text, precision));
  if (!Number.isSafeInteger(units)) throw new DecimalError(`${text} is too large at precision ${precision}`);
  return units === 0 ? 0 : units;
}

/** `units` of `10^-scale` as decimal text with exactly `scale` decimals. */
export function formatFixed(units: bigint, scale: number): string {
  const negative = units < 0n;
  const digits = (negative ? -units : units).toString().padStart(scale + 1, '0');
  const cut = digits.length - scale;
  const text = scale === 0 ? digits : `${digits.slice(0, cut)}.${digits.slice(cut)}`;
  return negative ? `-${text}` : text;
}

/** A price or quantity as decimal text with exactly `precision` decimals. `units` must be a safe integer. */
export function formatUnits(units: number, precision: number): string {
  return formatFixed(BigInt(units), precision);
}

/** Decimal text as money. */
export function parseAmount(text: string): Amount {
  return parseFixed(text, AMOUNT_SCALE);
}

/** Money as decimal text, rounded half away from zero to `decimals` when given, else without trailing zeros. */
export function formatAmount(amount: Amount, decimals?: number): string {
  if (decimals !== undefined) {
    const unit = 10n ** BigInt(AMOUNT_SCALE - decimals);
    const half = unit / 2n;
    return formatFixed((amount + (amount < 0n ? -half : half)) / unit, decimals);
  }
  return formatFixed(amount, AMOUNT_SCALE).replace(/\.?0+$/, '');
}

/** Money as a double, for display and statistics only: never for a decision that must be exact. */
export function amountToNumber(amount: Amount): number {
  return Number(amount / AMOUNT_ONE) + Number(amount % AMOUNT_ONE) / 1e18;
}
