import type { DocumentTargets } from '../../model/documents/index.js';

/** Ids of what no test makes. */
export const TARGETS: DocumentTargets = {
  instances: { primary: 'i-0aaaaaaaaaaaaaaa1', standby: 'i-0bbbbbbbbbbbbbbb2' },
  journalVolumes: { primary: 'vol-0aaaaaaaaaaaaaaa1', standby: 'vol-0bbbbbbbbbbbbbbb2' },
  roleArn: (group) => `arn:aws:iam::111122223333:role/automation-${group}`,
  topics: {
    critical: 'arn:aws:sns:ap-northeast-1:111122223333:critical',
    warning: 'arn:aws:sns:ap-northeast-1:111122223333:warning',
  },
};
