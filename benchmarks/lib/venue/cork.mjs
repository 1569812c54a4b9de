const corked = new WeakSet();

/**
 * What is written to the socket from now until the event loop's next turn leaves in one piece: a venue that makes a system
 * call for each of its answers would be slower than the engine it serves.
 *
 * @param {import('node:net').Socket} socket
 */
export function corkForTurn(socket) {
  if (corked.has(socket)) return;
  corked.add(socket);
  socket.cork();
  setImmediate(() => {
    corked.delete(socket);
    socket.uncork();
  });
}
