// A fresh process that knows nothing but the compiled sources and a log: replays it and says what came out.
// Arguments: folder of the compiled sources, log file. The settings come in REPLAY_SETTINGS.
import { createHash } from 'node:crypto';
import { pathToFileURL } from 'node:url';

const [, , folder, logPath] = process.argv;
const room = (path) => import(pathToFileURL(`${folder}/${path}`).href);
const { kernelFor } = await room('test/session.js');
const { BinaryWriter, encodeCommands, readEventLog } = await room('src/journal/index.js');

const kernel = kernelFor(JSON.parse(process.env.REPLAY_SETTINGS));
const writer = new BinaryWriter();
const all = createHash('sha256');
let events = 0;
let differences = 0;
for (const { event, commands } of readEventLog(logPath)) {
  const given = kernel.apply(event);
  events++;
  writer.reset();
  if (given.length > 0) encodeCommands(given, writer);
  all.update(writer.bytes);
  if (Buffer.compare(writer.bytes, commands ?? new Uint8Array(0)) !== 0) differences++;
}
console.log(
  JSON.stringify({ events, differences, commands: all.digest('hex'), stateHash: kernel.stateHash() }),
);
