/** `npm run chaos`: see `docs/chaos.md`. */
import { main } from './main.js';

process.exitCode = await main(process.argv.slice(2));
