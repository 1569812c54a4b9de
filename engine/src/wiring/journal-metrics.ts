import { JournalState, nameOf } from '../domain/index.js';
import type { LiveJournal } from '../journal/index.js';
import type { Gauge, MetricRegistry } from '../telemetry/index.js';

/** How far the journal is behind the trading thread, and the standby behind the journal. */
export class JournalMetrics {
  readonly #journal: LiveJournal;
  readonly #states: { readonly gauge: Gauge; readonly state: JournalState }[];
  readonly #backlog: Gauge;
  readonly #sequences: readonly (readonly [Gauge, () => number])[];
  readonly #standbys: Gauge;
  readonly #lagBytes: Gauge;
  readonly #lagSeconds: Gauge;

  constructor(registry: MetricRegistry, journal: LiveJournal) {
    this.#journal = journal;
    const position = (name: string, help: string) =>
      registry.gauge(`tradewind_journal_${name}_sequence`, help);
    this.#sequences = [
      [position('appended', 'Last record appended to the journal'), () => journal.appended],
      [position('written', 'Last record with the operating system'), () => journal.written],
      [position('synced', 'Last record on the device'), () => journal.synced],
      [position('acked', "Last record on the standby's device"), () => journal.acked],
    ];
    this.#states = Object.values(JournalState).map((state) => ({
      state,
      gauge: registry.gauge('tradewind_journal_state', '1 for the state the journal is in', {
        state: nameOf(JournalState, state).toLowerCase(),
      }),
    }));
    this.#backlog = registry.gauge('tradewind_journal_backlog_bytes', 'Bytes appended and not yet written');
    this.#standbys = registry.gauge('tradewind_replication_standbys', 'Standbys that follow this journal');
    this.#lagBytes = registry.gauge('tradewind_replication_lag_bytes', 'Bytes the standby does not have yet');
    this.#lagSeconds = registry.gauge(
      'tradewind_replication_lag_seconds',
      'For how long the oldest record the standby does not have has been written',
    );
  }

  /** Off the line, a few times a second. */
  sample(): void {
    const journal = this.#journal;
    for (const [gauge, read] of this.#sequences) gauge.set(read());
    const now = journal.state;
    for (const { gauge, state } of this.#states) gauge.set(state === now ? 1 : 0);
    this.#backlog.set(journal.backlogBytes);
    this.#standbys.set(journal.standbys);
    this.#lagBytes.set(journal.lagBytes);
    this.#lagSeconds.set(journal.lagUs / 1e6);
  }
}
