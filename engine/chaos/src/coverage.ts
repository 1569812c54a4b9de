/** What can go wrong in a run, each counted whenever it really did. */
export const FAULTS = [
  'leader killed',
  'leader lost power',
  'standby killed',
  'standby lost power',
  'both killed',
  'killed at a step',
  'lost power at a step',
  'unsynced sectors lost',
  'torn write',
  'names undone',
  'torn tail cut',
  'disk full',
  'slow sync',
  'sync failed',
  'process stopped',
  'stopped in the middle of a step',
  'trading thread stalled',
  'wall clock set',
  'partition of the pair',
  'partition from the lease',
  'partition from the venue',
  'lease store down',
  'message dropped',
  'message duplicated',
  'message delayed',
  'message held by a partition',
  'half-open connection',
  'replication connection reset',
  'venue disconnected',
  'venue refuses connections',
  'slow ack',
  'lost ack',
  'lost request',
  'outcome unknown',
  'late fill',
  'user event lost',
  'canceled by the venue',
  'foreign order',
  'book broken',
  'handover',
  'takeover',
  'came back with another history',
  'standby away for long',
  'standby replaced',
  'began anew with a snapshot',
  'ended while installing a snapshot',
  'segment compressed',
  'ended while compressing',
  'half-compressed segment found',
  'old segment deleted',
  'ended while deleting segments',
  'recovered without its first records',
] as const;
export type FaultClass = (typeof FAULTS)[number];

/** How often each class of fault was hit. */
export class Coverage {
  readonly counts = new Map<FaultClass, number>(FAULTS.map((name) => [name, 0]));

  hit(name: FaultClass, times = 1): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + times);
  }

  add(other: Iterable<readonly [FaultClass, number]>): void {
    for (const [name, count] of other) this.hit(name, count);
  }

  /** Classes that were never hit. */
  get missing(): FaultClass[] {
    return FAULTS.filter((name) => this.counts.get(name) === 0);
  }
}
