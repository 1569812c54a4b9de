import type { EnvironmentPlan } from '../plan/environment-plan.js';

/** An SSM Command document, schema 2.2, of one shell step. */
export interface CommandDocument {
  readonly schemaVersion: '2.2';
  readonly description: string;
  readonly parameters: Readonly<
    Record<string, { readonly type: 'String'; readonly description: string; readonly allowedPattern: string }>
  >;
  readonly mainSteps: readonly [
    {
      readonly action: 'aws:runShellScript';
      readonly name: string;
      readonly inputs: { readonly timeoutSeconds: string; readonly runCommand: readonly string[] };
    },
  ];
}

/** What the rotation runs on hosts, by what it is for. */
export type KeyCommand = 'check-key' | 'reload-key';

export function keyCommandName({ names }: Pick<EnvironmentPlan, 'names'>, command: KeyCommand): string {
  return `${names.stack('Failover')}-${command}`;
}

/**
 * Keys are files on tmpfs that only the engine's user reads: `/run/tradewind/keys/<name>/{api-key,secret}`, named in the
 * engine's configuration. No command prints one.
 */
const KEYS = '/run/tradewind/keys';
const TRADEWIND = '/usr/bin/node /opt/tradewind/current/engine/bin/tradewind.mjs';
const AGENT = '/usr/bin/node /opt/tradewind/current/agent.mjs';

/** Writes the version's two halves into a folder; `write_key <version options...>`. */
const WRITE_KEY = [
  'set -eu',
  'umask 077',
  `name=$(basename '{{ SecretId }}')`,
  // An ARN ends in six characters of its own.
  `case '{{ SecretId }}' in arn:*) name=\${name%-??????} ;; esac`,
  'write_key() {',
  '  folder=$1',
  '  mkdir -p "$folder"',
  `  aws secretsmanager get-secret-value --secret-id '{{ SecretId }}' --version-id '{{ VersionId }}' --query SecretString --output text |`,
  `    node -e 'const { writeFileSync } = require("node:fs"); const key = JSON.parse(require("node:fs").readFileSync(0, "utf8")); for (const [file, text] of [["api-key", key.apiKey], ["secret", key.secret]]) { if (typeof text !== "string" || text === "") { console.error("the version has no " + file); process.exit(1); } writeFileSync(process.argv[1] + "/" + file, text, { mode: 0o400 }); }' "$folder"`,
  '  chown -R tradewind:tradewind "$folder"',
  '}',
];

const PARAMETERS = {
  SecretId: {
    type: 'String',
    description: 'Name or ARN of the secret.',
    allowedPattern: '^[A-Za-z0-9/_+=.@:-]{1,2048}$',
  },
  VersionId: {
    type: 'String',
    description: 'Version of the secret.',
    allowedPattern: '^[A-Za-z0-9-]{32,64}$',
  },
} as const;

/** Tries a version of a key at the venue from this host's address; prints what `tradewind venue check --json` prints. */
function checkKey(environment: string): CommandDocument {
  return {
    schemaVersion: '2.2',
    description: `Tries a version of an exchange key of ${environment} at the venue. Changes nothing.`,
    parameters: PARAMETERS,
    mainSteps: [
      {
        action: 'aws:runShellScript',
        name: 'Check',
        inputs: {
          timeoutSeconds: '120',
          runCommand: [
            ...WRITE_KEY,
            'mkdir -p /run/tradewind',
            'trial=$(mktemp -d /run/tradewind/check.XXXXXX)',
            `trap 'rm -rf "$trial"' EXIT`,
            'chmod 755 "$trial"',
            'write_key "$trial/key"',
            `sed "s#${KEYS}/$name/#$trial/key/#g" /etc/tradewind/engine.yaml >"$trial/engine.yaml"`,
            'chmod 644 "$trial/engine.yaml"',
            `runuser -u tradewind -- ${TRADEWIND} venue check --json --config "$trial/engine.yaml"`,
          ],
        },
      },
    ],
  };
}

/**
 * Takes up a version of a key: the files are replaced whole, and an engine that runs here hands over to the other host, or
 * starts again where there is none, for it reads its key when it starts.
 */
function reloadKey(environment: string): CommandDocument {
  return {
    schemaVersion: '2.2',
    description: `Has a host of ${environment} use a version of an exchange key.`,
    parameters: PARAMETERS,
    mainSteps: [
      {
        action: 'aws:runShellScript',
        name: 'Reload',
        inputs: {
          timeoutSeconds: '180',
          runCommand: [
            ...WRITE_KEY,
            `mkdir -p ${KEYS}`,
            `chmod 711 ${KEYS}`,
            `write_key "${KEYS}/.$name.next"`,
            `rm -rf "${KEYS}/.$name.before"`,
            `[ ! -e "${KEYS}/$name" ] || mv "${KEYS}/$name" "${KEYS}/.$name.before"`,
            `mv "${KEYS}/.$name.next" "${KEYS}/$name"`,
            `rm -rf "${KEYS}/.$name.before"`,
            'systemctl is-active --quiet tradewind-engine || exit 0',
            // A release leaves the host on hold, also one that came too late: that must not outlive this.
            `${AGENT} handover --json || { released=0; ${AGENT} release --json || released=$?; ${AGENT} hold --off --json; exit "$released"; }`,
          ],
        },
      },
    ],
  };
}

export function keyCommand(
  command: KeyCommand,
  { config }: Pick<EnvironmentPlan, 'config'>,
): CommandDocument {
  return command === 'check-key' ? checkKey(config.name) : reloadKey(config.name);
}
