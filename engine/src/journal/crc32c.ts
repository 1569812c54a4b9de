/** Castagnoli's polynomial, bits reversed. */
const POLYNOMIAL = 0x82f63b78;

/** Eight tables of 256: the effect of a byte that is followed by 0 to 7 others. */
const TABLES = (() => {
  const tables = new Int32Array(8 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
    tables[byte] = crc;
  }
  for (let i = 256; i < tables.length; i++) {
    const before = tables[i - 256]!;
    tables[i] = tables[before & 255]! ^ (before >>> 8);
  }
  return tables;
})();

/**
 * CRC-32C (RFC 3720) of `bytes` from `from` up to `to`, eight bytes at a time. `seed` is the checksum of what came before,
 * so that `crc32c(b, 0, n, crc32c(a))` is that of both. An unsigned 32-bit number. Node's `zlib.crc32` is another polynomial,
 * which finds fewer errors.
 */
export function crc32c(bytes: Uint8Array, from = 0, to = bytes.length, seed = 0): number {
  const t = TABLES;
  let crc = ~seed;
  let i = from;
  for (const last = to - 7; i < last; i += 8) {
    crc =
      t[1792 + ((crc ^ bytes[i]!) & 255)]! ^
      t[1536 + (((crc >>> 8) ^ bytes[i + 1]!) & 255)]! ^
      t[1280 + (((crc >>> 16) ^ bytes[i + 2]!) & 255)]! ^
      t[1024 + ((crc >>> 24) ^ bytes[i + 3]!)]! ^
      t[768 + bytes[i + 4]!]! ^
      t[512 + bytes[i + 5]!]! ^
      t[256 + bytes[i + 6]!]! ^
      t[bytes[i + 7]!]!;
  }
  for (; i < to; i++) crc = t[(crc ^ bytes[i]!) & 255]! ^ (crc >>> 8);
  return ~crc >>> 0;
}
