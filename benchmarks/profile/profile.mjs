/**
 * `npm run profile -- NAME [--out DIR] [--for 5s]`: runs a suite, or `gate:WORKLOAD` for as long as `--for` says, under a CPU
 * profile. Writes NAME.cpuprofile, which Chrome's and other tools open, and NAME.html, a flame graph that needs nothing, and
 * prints the functions with most time in themselves. With a FILE.cpuprofile for NAME the same is told of that one.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { parseDuration } from '@tradewind/engine/config';
import { commit, machine } from '../lib/machine.mjs';
import { printCells } from '../lib/report.mjs';
import { callTree, functions } from './call-tree.mjs';
import { flamePage } from './html.mjs';
import { recordProfile } from './record.mjs';
import { byRoom } from './rooms.mjs';
import { TARGETS, target } from './targets.mjs';

const EXTENSION = '.cpuprofile';
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
const isFile = name.endsWith(EXTENSION);
if (!isFile && !TARGETS.includes(name)) fail(`nothing called ${name}; there are: ${TARGETS.join(', ')}`);
const forMs = parseDuration(values.for);
if (!(forMs > 0)) fail(`--for: a duration such as 5s, was ${values.for}`);

const { profile, where } = isFile ? await stored(name) : await recorded(name);
const { tree, busyUs, idleUs } = callTree(profile);
const rows = functions(tree);

const seconds = (us) => `${(us / 1e6).toFixed(1)} s`;
const notes = [
  where,
  `${seconds(busyUs)} at work, ${seconds(idleUs)} waiting, on one thread, ${profile.samples.length} samples`,
];
if (idleUs > MOSTLY_IDLE * (idleUs + busyUs)) {
  notes.push('This thread mostly waited: what was done on others is not in the profile.');
}
const out = resolve(values.out);
await mkdir(out, { recursive: true });
const base = join(out, basename(name, EXTENSION).replace(':', '-'));
if (!isFile) await writeFile(`${base}${EXTENSION}`, JSON.stringify(profile));
await writeFile(
  `${base}.html`,
  await flamePage({ title: `Profile of ${basename(name)}`, notes, tree, busyUs, rows }),
);

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
console.log(`\n${base}.html${isFile ? '' : `\n${base}${EXTENSION}`}`);
// What a suite forgot to close must not keep this up.
process.exit(0);

async function recorded(suite) {
  // As it was before there was anything of ours to load it.
  const { cpu, cores, load } = machine();
  const work = await target(suite, forMs);
  const where = `node ${process.version}, ${cores} x ${cpu}, load ${load}, commit ${commit().hash ?? 'unknown'}`;
  return { profile: await recordProfile(work), where };
}

async function stored(path) {
  try {
    const profile = JSON.parse(await readFile(path, 'utf8'));
    if (!Array.isArray(profile.nodes) || !Array.isArray(profile.samples))
      throw new Error('it is no CPU profile');
    return { profile, where: path };
  } catch (error) {
    return fail(`${path}: ${error.message}`);
  }
}

function fail(message) {
  console.error(`profile: ${message}`);
  process.exit(2);
}
