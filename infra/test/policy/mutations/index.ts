/** Every mistake the suite makes: each one alone, on a template in which nothing else is wrong. */
import { ACCESS_MUTATIONS } from './access.js';
import { HOST_MUTATIONS } from './hosts.js';
import type { Mutation } from './mutation.js';
import { RECORD_MUTATIONS } from './records.js';
import { STORE_MUTATIONS } from './stores.js';
import { TEMPLATE_MUTATIONS } from './template.js';

export type { Mutation } from './mutation.js';

export const MUTATIONS: readonly Mutation[] = [
  ...HOST_MUTATIONS,
  ...RECORD_MUTATIONS,
  ...STORE_MUTATIONS,
  ...ACCESS_MUTATIONS,
  ...TEMPLATE_MUTATIONS,
];
