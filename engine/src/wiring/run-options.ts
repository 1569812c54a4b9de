import type { LoadedConfig } from '../config/index.js';
import type { Logger } from '../telemetry/index.js';
import type { SessionStatus } from './status.js';

export interface RunOptions {
  readonly loaded: LoadedConfig;
  readonly version: string;
  readonly env?: NodeJS.ProcessEnv;
  /** JSON log lines on standard output. */
  readonly stdoutLog: boolean;
  /** Aborted: end in order, as at the end of `forMs`. */
  readonly signal: AbortSignal;
  /** Ends by itself after this long, milliseconds. */
  readonly forMs?: number;
  readonly onStart?: (running: RunningEngine) => void;
  /** Called once when it begins to end. */
  readonly onStopping?: () => void;
}

/** What an owner may look at while it runs. */
export interface RunningEngine {
  readonly logger: Logger;
  /** Of `/metrics`, `/health` and `/ready`. */
  readonly telemetryPort: number | null;
  status(): SessionStatus;
}
