const FINAL_TEXT = 0x81;
const TWO_BYTES = 126;
const EIGHT_BYTES = 127;

/** Bytes of a server's frame header before a payload of this length. */
export function headerLength(length) {
  if (length < TWO_BYTES) return 2;
  return length < 0x1_00_00 ? 4 : 10;
}

/** A server's text frame (RFC 6455: not masked) of `payload`, as it goes over the wire. */
export function frameBytes(payload) {
  const { length } = payload;
  const header = headerLength(length);
  const bytes = Buffer.allocUnsafe(header + length);
  bytes[0] = FINAL_TEXT;
  if (header === 2) bytes[1] = length;
  else if (header === 4) {
    bytes[1] = TWO_BYTES;
    bytes.writeUInt16BE(length, 2);
  } else {
    bytes[1] = EIGHT_BYTES;
    bytes.writeBigUInt64BE(BigInt(length), 2);
  }
  bytes.set(payload, header);
  return bytes;
}
