import type { Coverage } from '../coverage.js';
import type { Judge } from '../judge.js';
import type { SimulatedLeaseStore } from '../lease-store.js';
import type { Network } from '../network.js';
import type { SimulatedVenue } from '../venue/simulated-venue.js';
import type { World } from '../world.js';
import type { PairSettings } from './settings.js';

/** Everything a node stands among. */
export interface Surroundings {
  readonly world: World;
  readonly network: Network;
  readonly venue: SimulatedVenue;
  readonly lease: SimulatedLeaseStore;
  readonly judge: Judge;
  readonly coverage: Coverage;
  readonly settings: PairSettings;
}
