import { checksumRecords, listSegments } from '../engine.js';
import type { SimulatedDisk } from '../simulated-disk.js';

const HEADER_BYTES = 64;
const HEAD_BYTES = 32;

/**
 * The rule about torn tails taken out: gives every record of the last segment whose head still looks like one the checksum
 * it would need, whatever is left of its payload.
 */
export function forgeTail(disk: SimulatedDisk): void {
  const mount = disk.mount({ boundary: () => {}, synced: () => {} });
  const last = listSegments(mount).at(-1);
  if (last === undefined || last.compressed) return;
  const file = mount.open(last.name);
  const bytes = new Uint8Array(file.size);
  file.read(bytes, 0);
  const view = new DataView(bytes.buffer);
  for (let at = HEADER_BYTES; at + HEAD_BYTES <= bytes.length; ) {
    const length = view.getUint32(at + 4, true);
    if (length < HEAD_BYTES || at + length > bytes.length) break;
    checksumRecords(bytes.subarray(at, at + length));
    at += length;
  }
  file.write(bytes, 0);
  file.sync();
}
