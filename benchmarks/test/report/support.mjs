import { budgetLines } from '../../lib/budgets.mjs';
import { row } from '../../lib/report.mjs';
import { RESULT_FORMAT } from '../../report/results.mjs';

/** A result as `--json` writes it: one row and its baseline. */
export function storedResult({
  date = '2026-01-01T00:00:00.000Z',
  name = 'ours',
  p50 = 100,
  series = [],
} = {}) {
  const distribution = [
    [0, p50 / 2],
    [50, p50],
    [99, 2 * p50],
    [100, 3 * p50],
  ];
  const summary = { count: 1_000, p50, p99: 2 * p50, max: 3 * p50, mean: p50, distribution };
  const plain = row('plain', 'ns', { ...summary, p50: 10 * p50 });
  const ours = row(name, 'ns', summary, { budget: 'decode', ratioTo: plain });
  const rows = [plain, ours].map((figures) => ({ suite: 'book', ...figures }));
  return {
    ...{ format: RESULT_FORMAT, date, node: 'v22.0.0', clockNs: 40, series },
    machine: { cpu: 'a processor', cores: 2, kernel: 'linux 6.1 x64', memoryMiB: 4_096, load: 0.1 },
    commit: { hash: '0123456789abcdef0123456789abcdef01234567', dirty: false },
    ...{ frames: ['book: synthetic'], rows, budgets: budgetLines(rows) },
  };
}
