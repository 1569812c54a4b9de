/** lease/file: the lease as files of one folder, for two processes of one machine. */
export * from './file-lease-store.js';
export * from './lease-folder.js';
