import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { crc32c } from '../../src/journal/index.js';

/** Bit by bit, as the definition says. */
function naive(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return ~crc >>> 0;
}

describe('crc32c', () => {
  // RFC 3720, appendix B.4; the iSCSI read command among them.
  it.each<[string, Uint8Array, number]>([
    ['32 zeros', new Uint8Array(32), 0x8a9136aa],
    ['32 ones', new Uint8Array(32).fill(255), 0x62a8ab43],
    ['0 to 31', Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
    ['31 to 0', Uint8Array.from({ length: 32 }, (_, i) => 31 - i), 0x113fdb5c],
    [
      'a read command',
      Buffer.from(
        '01c00000000000000000000000000000140000000000040000000014000000182800000000000000' +
          '0200000000000000',
        'hex',
      ),
      0xd9963a56,
    ],
    ['the digits', Buffer.from('123456789'), 0xe3069283],
  ])('of %s is that of the standard', (_, bytes, expected) => {
    expect(crc32c(bytes)).toBe(expected);
  });

  it('is that of the definition for any bytes, any part of them, in any number of pieces', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 100 }),
        fc.nat(100),
        fc.nat(100),
        fc.nat(100),
        (bytes, a, b, c) => {
          const [from, middle, to] = [a, b, c].map((at) => Math.min(at, bytes.length)).sort((x, y) => x - y);
          expect(crc32c(bytes, from, to)).toBe(naive(bytes.subarray(from, to)));
          expect(crc32c(bytes, middle, to, crc32c(bytes, from, middle))).toBe(
            naive(bytes.subarray(from, to)),
          );
        },
      ),
    );
  });
});
