/** Mistakes in environment files, each with what must be said about it. */
import { addresses } from './addresses.js';
import { capability } from './capability.js';
import { together } from './high-availability.js';
import { people } from './operations.js';
import { places } from './places.js';
import { recovery } from './recovery.js';
import { retention } from './retention.js';
import type { Mutation } from './row.js';
import { secrets } from './secrets.js';
import { volumes } from './volumes.js';

export const MUTATIONS: readonly Mutation[] = [
  ...places,
  ...addresses,
  ...capability,
  ...volumes,
  ...together,
  ...recovery,
  ...retention,
  ...secrets,
  ...people,
].map(([mistake, base, patch, path, message, fix]) => ({ mistake, base, patch, path, message, fix }));
