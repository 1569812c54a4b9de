const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/;
const MAX_DECIMALS = 18;
const MAX_DIGITS = 30;

/**
 * Decimal text in its one canonical form: no sign unless negative, no exponent, no superfluous zeros. The number itself
 * is unchanged, to the last digit. Undefined for what is no decimal number, has more than 18 decimals or more than 30
 * digits before the point.
 */
export function canonicalDecimal(text: string): string | undefined {
  const match = DECIMAL.exec(text);
  if (match === null || text.length > 100) return undefined;
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  if (whole === '' && fraction === '') return undefined;
  const digits = whole + fraction;
  const point = whole.length + Number(exponent);
  const left = point <= 0 ? '' : digits.slice(0, point).padEnd(point, '0');
  const right = point >= digits.length ? '' : point < 0 ? '0'.repeat(-point) + digits : digits.slice(point);
  const integer = left.replace(/^0+/, '');
  const decimals = right.replace(/0+$/, '');
  if (integer.length > MAX_DIGITS || decimals.length > MAX_DECIMALS) return undefined;
  const value = `${integer === '' ? '0' : integer}${decimals === '' ? '' : `.${decimals}`}`;
  return sign === '-' && value !== '0' ? `-${value}` : value;
}
