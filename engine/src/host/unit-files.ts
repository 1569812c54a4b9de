import type { HostRoot } from './host-root.js';

const UNIT_FOLDERS = [
  '/etc/systemd/system',
  '/run/systemd/system',
  '/usr/lib/systemd/system',
  '/lib/systemd/system',
];

export function unitExists(root: HostRoot, unit: string): boolean {
  return UNIT_FOLDERS.some((folder) => root.exists(`${folder}/${unit}`));
}

/** How systemd would take the unit at the next boot, read from its files alone: right in an image that is not running. */
export function unitEnablement(root: HostRoot, unit: string): 'enabled' | 'disabled' | 'masked' | 'absent' {
  if (root.linkTarget(`/etc/systemd/system/${unit}`) === '/dev/null') return 'masked';
  if (!unitExists(root, unit)) return 'absent';
  const wanted = [
    ...root.glob('/etc/systemd/system/*.wants'),
    ...root.glob('/etc/systemd/system/*.requires'),
    // What a distribution enables for good lies beside the units themselves.
    ...root.glob('/usr/lib/systemd/system/*.wants'),
    ...root.glob('/lib/systemd/system/*.wants'),
  ];
  return wanted.some((folder) => root.list(folder).includes(unit)) ? 'enabled' : 'disabled';
}
