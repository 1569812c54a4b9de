import type { Socket } from 'node:net';

/** The peer's address; IPv4 in its own form also over an IPv6 socket. */
export function ipOf(socket: Socket): string {
  const address = socket.remoteAddress ?? '';
  return address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address;
}

const names = new WeakMap<Socket, string>();
let connections = 0;

/** `address:port/serial` of the peer: one connection's own, though the system gives its port to a later one. */
export function peerOf(socket: Socket): string {
  let name = names.get(socket);
  if (name === undefined) {
    name = `${ipOf(socket)}:${socket.remotePort ?? 0}/${++connections}`;
    names.set(socket, name);
  }
  return name;
}
