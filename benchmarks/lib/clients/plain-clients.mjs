/** What the engine is compared with, each in a process of its own: clients that do next to nothing, or the plain way. */
import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { serve } from '../child.mjs';
import { nanos } from '../measure.mjs';
import { PlainBook } from '../plain-book.mjs';

/** As long as the order of an engine. */
const ECHO = Buffer.alloc(256, 'x');
const AS_TEXT = { binary: false, compress: false };

let socket;
let messages = 0;

const handlers = {
  count: () => () => {
    messages++;
  },
  echo: () => () => socket.send(ECHO, AS_TEXT),
  plain: async ({ rest }) => {
    const book = new PlainBook();
    book.onSnapshot(await get(`${rest}/api/v3/depth?symbol=BTCUSDT`));
    return (data) => {
      book.onMessage(data);
      messages++;
    };
  },
};

serve({
  async start({ kind, venue }) {
    const handle = await handlers[kind](venue);
    // The same settings as the engine's own connection.
    socket = new WebSocket(`${venue.stream}/${kind}`, { perMessageDeflate: false, skipUTF8Validation: true });
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    socket.on('message', handle);
  },
  measure,
  stop: () => socket?.terminate(),
});

/** Messages of so many milliseconds, and the processor time of the whole process. */
async function measure({ ms }) {
  const [before, cpu, start] = [messages, process.cpuUsage(), nanos()];
  await sleep(ms);
  const { user, system } = process.cpuUsage(cpu);
  return { messages: messages - before, ns: nanos() - start, cpuNs: (user + system) * 1_000 };
}

function get(url) {
  return new Promise((resolve, reject) => {
    request(url, async (response) => {
      const parts = [];
      for await (const part of response) parts.push(part);
      resolve(Buffer.concat(parts));
    })
      .on('error', reject)
      .end();
  });
}
