/**
 * `npm run profile -- NAME [--out DIR] [--for 5s]`: runs a suite, or `gate:WORKLOAD` for as long as `--for` says, under a CPU
 * profile. Writes NAME.cpuprofile, which Chrome's and other tools open, and NAME.html, a flame graph that needs nothing, and
 * prints the functions with most time in themselves.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { parseDuration } from '@tradewind/engine/config';
import { commit, machine } from '../lib/machine.mjs';
import { printCells } from '../lib/report.mjs';
import { callTree, functions } from './call-tree.mjs';
import { flamePage } from './html.mjs';
import { recordProfile } from './record.mjs';
import { byRoom } from './rooms.mjs';
import { TARGETS, target } from './targets.mjs';

const TABLE_ROWS = 20;
/** Above this share of waiting the work was elsewhere. */
const MOSTLY_IDLE = 0.5;

const OPTIONS = {
  out: { type: 'string', default: '.tradewind/profiles' },
  for: { type: 'string', default: '5s' },
};

let given;
try {
  given = parseArgs({ allowPositionals: true, options: OPTIONS });
} catch (error) {
  fail(error.message);
}
const { positionals, values } = given;
const [name] = positionals;
if (positionals.length !== 1) fail(`one name, please; there are: ${TARGETS.join(', ')}`);
if (!TARGETS.includes(name)) fail(`nothing called ${name}; there are: ${TARGETS.join(', ')}`);
const forMs = parseDuration(values.for);
if (!(forMs > 0)) fail(`--for: a duration such as 5s, was ${values.for}`);

const { cpu, cores, load } = machine();
const { hash } = commit();
const work = await target(name, forMs);
const profile = await recordProfile(work);
const { tree, busyUs, idleUs } = callTree(profile);
const rows = functions(tree);

const seconds = (us) => `${(us / 1e6).toFixed(1)} s`;
const notes = [
  `node ${process.version}, ${cores} x ${cpu}, load ${load}, commit ${hash ?? 'unknown'}`,
  `${seconds(busyUs)} at work, ${seconds(idleUs)} waiting, on one thread, ${profile.samples.length} samples`,
];
if (idleUs > MOSTLY_IDLE * (idleUs + busyUs)) {
  notes.push('This thread mostly waited: what the suite does in other processes is not in the profile.');
}
const out = resolve(values.out);
await mkdir(out, { recursive: true });
const base = join(out, name.replace(':', '-'));
await writeFile(`${base}.cpuprofile`, JSON.stringify(profile));
await writeFile(`${base}.html`, await flamePage({ title: `Profile of ${name}`, notes, tree, busyUs, rows }));

console.log(`\n${notes.join('\n')}\n`);
const percent = (us) => `${((us / busyUs) * 100).toFixed(1)} %`;
const told = rows
  .slice(0, TABLE_ROWS)
  .map((each) => [percent(each.selfUs), percent(each.totalUs), each.name]);
printCells([['in itself', 'with calls', 'function'], ...told], 0, 1);
console.log(
  `\nby room: ${byRoom(rows)
    .map(([room, us]) => `${room} ${percent(us)}`)
    .join(', ')}`,
);
console.log(`\n${base}.html\n${base}.cpuprofile`);
// What a suite forgot to close must not keep this up.
process.exit(0);

function fail(message) {
  console.error(`profile: ${message}`);
  process.exit(2);
}
