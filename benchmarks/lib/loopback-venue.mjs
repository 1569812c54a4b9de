/**
 * A venue on a thread of its own that answers each request of REQUEST_BYTES on its socket with the first ANSWER_BYTES of it:
 * a network and somebody at its other end, and next to no work there. Posts its port.
 */
import { createServer } from 'node:net';
import { parentPort } from 'node:worker_threads';
import { ANSWER_BYTES, REQUEST_BYTES } from './loopback-frames.mjs';

const server = createServer({ noDelay: true }, (socket) => {
  let rest = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const requests = Math.floor(bytes.length / REQUEST_BYTES);
    const answers = Buffer.allocUnsafe(requests * ANSWER_BYTES);
    for (let i = 0; i < requests; i++) {
      bytes.copy(answers, i * ANSWER_BYTES, i * REQUEST_BYTES, i * REQUEST_BYTES + ANSWER_BYTES);
    }
    if (requests > 0) socket.write(answers);
    rest = bytes.subarray(requests * REQUEST_BYTES);
  });
  socket.on('error', () => {});
});
server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
