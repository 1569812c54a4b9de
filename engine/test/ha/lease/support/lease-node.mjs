// One side of a pair as a process of its own, without an engine: says over UDP what an engine would send, whenever its gate
// is open. Arguments: JSON {place, node, port, timing?, stallMs?}. Reads commands from stdin, one per line:
// `handover`, `release`, `hold`, `resume`, `block <ms>` (the trading thread stands still), `close`.
import { createSocket } from 'node:dgram';
import { createInterface } from 'node:readline';
import { Leadership } from '../../../../dist/ha/index.js';

const { port, ...options } = JSON.parse(process.argv[2]);
const venue = createSocket('udp4');
await new Promise((resolve) => venue.connect(port, '127.0.0.1', resolve));
const say = (kind, detail = {}) =>
  venue.send(JSON.stringify({ node: options.node, pid: process.pid, kind, ...detail }));

const leadership = await Leadership.start({
  ...options,
  events: {
    promote: (epoch, from) => {
      say('promote', { epoch, from });
      leadership.promoted();
    },
    fenced: (why) => say('fenced', { why }),
    handover: () => {
      leadership.stopSending();
      void leadership.release('handover');
    },
    handoverEnded: (result) => say('handover-ended', { result }),
    leader: (leader) => say('leader', { leader }),
    tell: (what, detail) => say('tell', { what, detail }),
    failed: (error) => say('failed', { why: error.message }),
  },
});
say('started');
const sender = setInterval(() => {
  leadership.heartbeat();
  // A clock all processes share. Taken before the gate is asked: no gate can close what a stop delays behind it.
  const askedMs = Number(process.hrtime.bigint()) / 1e6;
  if (leadership.gate.open()) say('order', { epoch: leadership.epoch, askedMs });
}, 1);

createInterface({ input: process.stdin }).on('line', async (line) => {
  const [command, argument] = line.split(' ');
  if (command === 'handover') leadership.askHandover();
  if (command === 'release') await leadership.release('asked');
  if (command === 'hold') leadership.hold(true);
  if (command === 'resume') leadership.hold(false);
  if (command === 'willing') leadership.willing(argument === 'yes', 'behind');
  if (command === 'block') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(argument));
  if (command === 'close') {
    await leadership.close();
    clearInterval(sender);
    say('closed');
    setTimeout(() => process.exit(0), 20);
  }
});
