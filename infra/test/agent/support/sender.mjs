// A stand-in for the engine: sends an "order" with its host every 2 ms, answers /health and /ready, ends on SIGINT after
// telling that its orders are cancelled. Run as: node sender.mjs <host> <order port> <health port>
import { createSocket } from 'node:dgram';
import { createServer } from 'node:http';

const [host, orderPort, healthPort] = process.argv.slice(2);
const socket = createSocket('udp4');
const say = (kind, then) =>
  socket.send(`${host} ${process.pid} ${kind}`, Number(orderPort), '127.0.0.1', then);
const server = createServer((_, response) => response.end('{}')).listen(Number(healthPort), '127.0.0.1');
say('start');
setInterval(() => say('order'), 2);
process.on('SIGINT', () => {
  say('cancelled', () => process.exit(0));
  server.close();
});
