/** The least a peer can do: sends back what it gets. A process of its own, as a venue is. */
import { createServer } from 'node:net';
import { serve } from './child.mjs';

let server;
serve({
  async start() {
    server = createServer({ noDelay: true }, (socket) => {
      socket.on('data', (bytes) => socket.write(bytes));
      socket.on('error', () => socket.destroy());
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    return server.address().port;
  },
});
