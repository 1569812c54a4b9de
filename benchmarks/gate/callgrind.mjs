import { spawn, spawnSync } from 'node:child_process';
import { Script } from 'node:vm';

/**
 * Only what runs inside of this function of Node is counted: the one that runs a script. The count of the same slices is then
 * the same to a few hundred instructions of hundreds of millions.
 */
const RUNS_A_SCRIPT = 'node::contextify::ContextifyScript::EvalMachine*';

export const COUNTED_SLICES = 2;
/** Of the work of a slice elsewhere. */
export const COUNTED_SHARE = 1 / 4;

/** Options of valgrind. Start and warm-up run without instrumentation, which is five times as fast. */
export const CALLGRIND = [
  '--tool=callgrind',
  '--callgrind-out-file=/dev/null',
  '--instr-atstart=no',
  `--toggle-collect=${RUNS_A_SCRIPT}`,
];

/** Why instructions can not be counted here; undefined when they can. */
export function whyNoInstructions() {
  for (const command of ['valgrind', 'vgdb']) {
    const { error } = spawnSync(command, ['--version']);
    if (error !== undefined) return `${command} is not installed (Debian: valgrind)`;
  }
  return undefined;
}

/** In a process that valgrind runs: from now on it looks at each instruction. */
export function countFromHere() {
  const vgdb = spawn('vgdb', [`--pid=${process.pid}`, 'instrumentation', 'on'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let told = '';
  vgdb.stderr.setEncoding('utf8').on('data', (text) => {
    told += text;
  });
  return new Promise((resolve, reject) => {
    let hasEnded = false;
    vgdb.on('error', reject);
    vgdb.on('close', (status) => {
      hasEnded = true;
      if (status === 0) resolve();
      else reject(new Error(`vgdb ended with ${status}: ${told}`));
    });
    // Valgrind looks for commands between instructions; to be woken it would need the right to trace processes.
    const work = () => {
      if (!hasEnded) setImmediate(work);
    };
    work();
  });
}

/** Instructions that callgrind has counted, by what it wrote; 0 where this Node does not name its functions. */
export function readCount(stderr) {
  return Number(/Collected : (\d+)/.exec(stderr)?.[1] ?? 0);
}

/** Runs `work` as that which is counted. */
export function counted(work) {
  globalThis.tradewindCounted = work;
  new Script('tradewindCounted()').runInThisContext();
}
