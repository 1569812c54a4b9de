import type { Construct } from 'constructs';
import { EnvironmentStack, type EnvironmentStackProps } from '../environment-stack.js';
import { archiveProvider } from '../providers/index.js';
import type { ArchiveRefs, KeyRefs, LogRefs } from '../refs.js';

export interface ArchiveStackProps extends EnvironmentStackProps {
  readonly keys: KeyRefs;
  /** Absent in a second Region that holds copies alone. */
  readonly logs?: LogRefs;
}

/**
 * Where records are kept for the regulator. The same stack stands in both Regions; the one in the second Region has to be
 * deployed first, as a bucket can only be copied into one that exists.
 */
export class ArchiveStack extends EnvironmentStack {
  readonly refs: ArchiveRefs;

  constructor(scope: Construct, props: ArchiveStackProps) {
    super(scope, 'Archive', props, {
      stateful: true,
      description: 'Write-once audit archive, its access log and its copy in the second Region',
    });
    this.refs = {
      bucket: archiveProvider({ plan: this.plan, keys: props.keys, logs: props.logs }).provide(this),
    };
  }
}
