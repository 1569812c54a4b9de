import { type AutomationDocument, inARow } from './automation.js';
import { assertProperty, branch, callApi, invoke, REASON, tell, waitForProperty } from './steps.js';
import { type DocumentContext, document, title } from './targets.js';

/** What a parameter says that was not given: a branch can not ask for an empty text. */
const NONE = 'none';

/**
 * Exchanges the API key of a venue, by hand or between two schedules. Without an API key it begins: the function makes a
 * pair and tells people what to register. With the key the venue gave it goes on: the registration is recorded, the new key
 * is tried from a host and made current. The old one stays valid for the overlap.
 */
export function rotateKey(context: DocumentContext): AutomationDocument {
  const { names, config } = context.plan;
  const { topics } = context.targets;
  const secrets = config.venues.flatMap(({ secret }) => (secret ? [names.secret(secret)] : []));
  const secret = { SecretId: '{{ Secret }}' };
  const rotate = (name: string) =>
    callApi(name, 'secretsmanager', 'RotateSecret', { ...secret, RotateImmediately: true }, [
      { Name: 'VersionId', Selector: '$.VersionId', Type: 'String' },
    ]);
  return document(context, 'custody', 'procedures/key-rotation', {
    description:
      'Rotates the API key of a venue. Without ApiKey: a key pair is made and people are told what to register at the venue. With it: the new key is tried and made current; the old one stays valid for the overlap, so that no order fails.',
    parameters: {
      Secret: { type: 'String', description: 'Which secret.', allowedValues: [...new Set(secrets)] },
      ApiKey: {
        type: 'String',
        description: 'The API key the venue gave for the public key; no secret. Not given: begin.',
        default: NONE,
        allowedPattern: '^[A-Za-z0-9._-]{4,128}$',
      },
      PublicKey: {
        type: 'String',
        description: 'The public key that was registered, bare base64.',
        default: NONE,
        allowedPattern: '^[A-Za-z0-9+/=]{4,400}$',
      },
      IpAllowList: {
        type: 'StringList',
        description: 'The addresses the venue accepts the key from, as registered there.',
        default: [],
      },
      Reason: REASON,
    },
    mainSteps: [
      ...inARow(
        [
          assertProperty('RotationIsSetUp', {
            service: 'secretsmanager',
            api: 'DescribeSecret',
            inputs: secret,
            selector: '$.RotationEnabled',
            values: ['true'],
          }),
        ],
        'IsRegistered',
      ),
      branch('IsRegistered', '{{ ApiKey }}', { [NONE]: 'Begin' }, 'Register'),
      ...inARow([
        // One that is under way already is told so and goes on by itself.
        { ...rotate('Begin'), isCritical: false, onFailure: 'Continue' },
        tell(
          'TellBegun',
          topics.warning,
          `${names.prefix}: key rotation begun`,
          '{{ Secret }}: {{ Reason }}. What to register at the venue follows in a message of its own.',
        ),
      ]),
      ...inARow([
        invoke('Register', names.function('rotate-secret'), {
          Step: 'register',
          SecretId: '{{ Secret }}',
          apiKey: '{{ ApiKey }}',
          publicKey: '{{ PublicKey }}',
          ipAllowList: '{{ IpAllowList }}',
        }),
        { ...rotate('Rotate'), isCritical: false, onFailure: 'step:TellGoesOn' },
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
            topics.warning,
            `${names.prefix}: key rotated`,
            '{{ Secret }} has a new key: {{ Reason }}. The old one stays valid for the overlap; you are told when to delete it at the venue.',
          ),
          isEnd: true,
        },
        {
          ...tell(
            'TellNotRotated',
            topics.critical,
            `${names.prefix}: key NOT rotated`,
            '{{ Secret }} still has its old key, which is still valid: trading goes on. See the log of the rotate-secret function.',
          ),
          isEnd: true,
        },
        {
          ...tell(
            'TellGoesOn',
            topics.warning,
            `${names.prefix}: key rotation goes on`,
            '{{ Secret }}: the key is recorded. The rotation that was under way already goes on with it; you are told when hosts use it.',
          ),
          isEnd: true,
        },
      ]),
    ],
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
