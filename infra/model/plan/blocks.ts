import { parseCidr } from 'cidr-tools';

/** Block `index` of the 16 equal parts of an IPv4 block: part 2 of 10.0.0.0/16 is 10.0.32.0/20. */
export function sixteenth(cidr: string, index: number): string {
  const { start, prefix } = parseCidr(cidr);
  const length = Number(prefix) + 4;
  return `${ipv4(start + (BigInt(index) << BigInt(32 - length)))}/${length}`;
}

/** The address `offset` places into an IPv4 block. */
export function addressIn(cidr: string, offset: number): string {
  return ipv4(parseCidr(cidr).start + BigInt(offset));
}

function ipv4(value: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => String((value >> shift) & 255n)).join('.');
}
