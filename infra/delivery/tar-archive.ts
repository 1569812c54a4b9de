import { gzipSync } from 'node:zlib';
import type { ReleaseFile } from './release-files.js';

const BLOCK = 512;

/**
 * A `.tar.gz` of files, the same bytes for the same files: sorted, without times, owned by root. The POSIX ustar form,
 * which every tar reads; GNU tar's own switches for this are not everywhere.
 */
export function tarGzip(files: readonly ReleaseFile[]): Buffer {
  const parts: Uint8Array[] = [];
  for (const file of [...files].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    const padding = (BLOCK - (file.content.length % BLOCK)) % BLOCK;
    parts.push(header(file), file.content, Buffer.alloc(padding));
  }
  parts.push(Buffer.alloc(2 * BLOCK));
  const zipped = gzipSync(Buffer.concat(parts), { level: 6 });
  // The operating system it was made on.
  zipped[9] = 255;
  return zipped;
}

function header({ path, content, executable }: ReleaseFile): Buffer {
  const block = Buffer.alloc(BLOCK);
  const [prefix, name] = splitPath(path);
  const octal = (value: number, at: number, length: number) =>
    block.write(`${value.toString(8).padStart(length - 1, '0')}\0`, at, 'ascii');
  block.write(name, 0, 'utf8');
  octal(executable ? 0o755 : 0o644, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(content.length, 124, 12);
  octal(0, 136, 12);
  block.write('0', 156, 'ascii');
  block.write('ustar\u000000', 257, 'ascii');
  block.write('root', 265, 'ascii');
  block.write('root', 297, 'ascii');
  block.write(prefix, 345, 'utf8');
  // The checksum counts itself as spaces.
  block.fill(0x20, 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'ascii');
  return block;
}

/** The header has 100 bytes for the end of a path and 155 for its beginning. */
function splitPath(path: string): readonly [prefix: string, name: string] {
  if (Buffer.byteLength(path) <= 100) return ['', path];
  for (let cut = path.indexOf('/'); cut > 0; cut = path.indexOf('/', cut + 1)) {
    const [prefix, name] = [path.slice(0, cut), path.slice(cut + 1)];
    if (Buffer.byteLength(name) <= 100 && Buffer.byteLength(prefix) <= 155) return [prefix, name];
  }
  throw new Error(`${path}: the path is too long for a tar header (155 and 100 bytes)`);
}
