import { type AutomationDocument, inARow } from './automation.js';
import { assertProperty, branch, callApi, REASON, tell, waitForProperty } from './steps.js';
import { type DocumentContext, document, title } from './targets.js';

/** Exchanges the API key of a venue now instead of on schedule. The old one stays valid for the overlap. */
export function rotateKey(context: DocumentContext): AutomationDocument {
  const { names, config } = context.plan;
  const secrets = config.venues.flatMap(({ secret }) => (secret ? [names.secret(secret)] : []));
  const secret = { SecretId: '{{ Secret }}' };
  return document(context, 'custody', 'automation-failed', {
    description:
      'Rotates the API key of a venue: a new key is stored, tried and made current; the old one stays valid for the overlap, so that no order fails.',
    parameters: {
      Secret: { type: 'String', description: 'Which secret.', allowedValues: [...new Set(secrets)] },
      Reason: REASON,
    },
    mainSteps: inARow([
      // A rotation that did not end leaves its new version pending: a second one on top would lose it.
      assertProperty('RotationIsSetUp', {
        service: 'secretsmanager',
        api: 'DescribeSecret',
        inputs: secret,
        selector: '$.RotationEnabled',
        values: ['true'],
      }),
      callApi('Rotate', 'secretsmanager', 'RotateSecret', { ...secret, RotateImmediately: true }, [
        { Name: 'VersionId', Selector: '$.VersionId', Type: 'String' },
      ]),
      {
        ...waitForProperty(
          'NewKeyIsCurrent',
          {
            service: 'secretsmanager',
            api: 'DescribeSecret',
            inputs: secret,
            selector: "$.VersionIdsToStages['{{ Rotate.VersionId }}'][0]",
            values: ['AWSCURRENT'],
          },
          900,
        ),
        onFailure: 'step:TellNotRotated',
      },
      {
        ...tell(
          'TellRotated',
          context.targets.topics.warning,
          `${names.prefix}: key rotated`,
          '{{ Secret }} has a new key: {{ Reason }}. The old one stays valid for the overlap; then delete it at the venue.',
        ),
        isEnd: true,
      },
      {
        ...tell(
          'TellNotRotated',
          context.targets.topics.critical,
          `${names.prefix}: key NOT rotated`,
          '{{ Secret }} still has its old key, which is still valid: trading goes on. See the log of the rotate-secret function.',
        ),
        isEnd: true,
      },
    ]),
  });
}

/** A snapshot of a journal volume before something risky; AWS Backup makes the ones that count. */
export function snapshot(context: DocumentContext): AutomationDocument {
  const { plan, targets } = context;
  const roles = plan.hosts.hosts.map(({ role }) => role);
  const names = roles.map((role) => `Snapshot${title(role)}`);
  return document(context, 'custody', 'backup-failed', {
    description:
      'Takes a snapshot of the journal volume of a host and waits until it is complete. Not locked and not copied: for going back after a change, not for records.',
    parameters: {
      Host: { type: 'String', description: 'Which host.', default: 'primary', allowedValues: roles },
      Reason: REASON,
    },
    mainSteps: [
      branch(
        'WhichHost',
        '{{ Host }}',
        Object.fromEntries(roles.map((role, index) => [role, names[index] as string])),
        names[0] as string,
      ),
      ...roles.flatMap((role) =>
        inARow([
          callApi(
            `Snapshot${title(role)}`,
            'ec2',
            'CreateSnapshot',
            {
              VolumeId: volumeOf(targets, role),
              Description: `${plan.names.prefix} ${role}: {{ Reason }}`,
              TagSpecifications: [
                {
                  ResourceType: 'snapshot',
                  Tags: Object.entries(plan.tags).map(([Key, Value]) => ({ Key, Value })),
                },
              ],
            },
            [{ Name: 'SnapshotId', Selector: '$.SnapshotId', Type: 'String' }],
          ),
          waitForProperty(
            `${title(role)}Complete`,
            {
              service: 'ec2',
              api: 'DescribeSnapshots',
              inputs: { SnapshotIds: [`{{ Snapshot${title(role)}.SnapshotId }}`] },
              selector: '$.Snapshots[0].State',
              values: ['completed'],
            },
            7_200,
          ),
        ]),
      ),
    ],
  });
}

function volumeOf({ journalVolumes }: DocumentContext['targets'], role: 'primary' | 'standby'): string {
  const id = journalVolumes[role];
  if (id === undefined)
    throw new Error(`a document acts on the journal volume of the ${role} host, which no stack made`);
  return id;
}
