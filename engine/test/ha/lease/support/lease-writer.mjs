// Writes a file lease again and again, against others: prints the versions it stored. Arguments: folder, name, how many.
import { FileLeaseStore } from '../../../../dist/ha/lease/file/index.js';

const [, , path, name, count] = process.argv;
const store = new FileLeaseStore(path, name);
const stored = [];
const until = performance.now() + 40_000;
while (stored.length < Number(count) && performance.now() < until) {
  const now = await store.read();
  const version = (now?.version ?? 0) + 1;
  const row = {
    epoch: version,
    version,
    holder: name,
    instanceId: name,
    renewEveryMs: 100,
    expireAfterMs: 400,
    writeId: `${name}-${version}`,
    updatedAt: '',
  };
  const { kind } = await store.write(row, now?.version);
  if (kind === 'stored') stored.push(version);
}
process.stdout.write(JSON.stringify(stored));
