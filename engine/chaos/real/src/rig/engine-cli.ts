import { fileURLToPath } from 'node:url';

/** The command as it is shipped. */
export const CLI = fileURLToPath(new URL('../../../../bin/tradewind.mjs', import.meta.url));
