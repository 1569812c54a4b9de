const DIGITS = /^\d+$/;

/**
 * Whether trade id `id` is newer than `than`. Venues count trades: the greater number is the newer. Ids that are no
 * numbers have no order: the one told last is the newer.
 */
export function isNewerTradeId(id: string, than: string): boolean {
  if (!DIGITS.test(id) || !DIGITS.test(than)) return true;
  const a = withoutZeros(id);
  const b = withoutZeros(than);
  return a.length === b.length ? a > b : a.length > b.length;
}

function withoutZeros(digits: string): string {
  let zeros = 0;
  while (zeros < digits.length - 1 && digits[zeros] === '0') zeros++;
  return zeros === 0 ? digits : digits.slice(zeros);
}
