import type { Socket } from 'node:net';

/** The peer's address; IPv4 in its own form also over an IPv6 socket. */
export function ipOf(socket: Socket): string {
  const address = socket.remoteAddress ?? '';
  return address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address;
}

/** `address:port` of the peer: one connection's own. */
export function peerOf(socket: Socket): string {
  return `${ipOf(socket)}:${socket.remotePort ?? 0}`;
}
