/**
 * providers: what an environment may bring instead of having it created: keys, a VPC, an archive bucket. A setting of the
 * plan enters; something usable leaves, the same either way. Nothing here looks anything up while synthesizing.
 */
export { archiveProvider } from './archive-provider.js';
export { type KeyPlace, keyProvider, signingKeyProvider } from './key-provider.js';
export type { Provider } from './provider.js';
export { type VpcPlace, vpcProvider } from './vpc-provider.js';
