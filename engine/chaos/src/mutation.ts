/**
 * Ways to break the pair on purpose. Each takes one rule out of the wiring of the harness, never out of the engine, and
 * must be found: a check that can not fail does not count.
 */
export const MUTATIONS = {
  'no-fencing': 'orders are sent whether or not the lease says so: the gate is always open',
  'no-self-fence': 'a leader that can not renew its lease goes on leading',
  'no-deduplication': 'a fill that is told twice is counted twice: its trade id is new each time',
  'no-torn-tail-rule': 'recovery takes what is left of a torn tail without looking at checksums',
  'no-hold': 'orders are sent before their record is on the disk',
} as const;
export type Mutation = keyof typeof MUTATIONS;

export function isMutation(name: string): name is Mutation {
  return Object.hasOwn(MUTATIONS, name);
}
