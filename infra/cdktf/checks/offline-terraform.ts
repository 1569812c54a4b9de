import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The provider the output is validated with. */
const PROVIDER = join('registry.terraform.io', 'hashicorp', 'aws', '5.100.0');

/**
 * The root of a filesystem mirror that holds the provider: `TF_PLUGIN_MIRROR`, else where Terraform looks by itself, else
 * a folder of `/opt`. Undefined where there is none.
 */
export function providerMirror(): string | undefined {
  const candidates = [
    ...(process.env.TF_PLUGIN_MIRROR ? [process.env.TF_PLUGIN_MIRROR] : []),
    join(homedir(), '.terraform.d', 'plugins'),
    '/usr/local/share/terraform/plugins',
    '/usr/share/terraform/plugins',
    ...(existsSync('/opt') ? readdirSync('/opt').map((name) => join('/opt', name)) : []),
  ];
  return candidates.find((root) => existsSync(join(root, PROVIDER)));
}

/** Whether a program answers on this machine. */
export function onPath(program: string): boolean {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined;
}

export interface TerraformResult {
  /** Null: it did not end in time and was killed. */
  readonly code: number | null;
  readonly output: string;
}

export interface OfflineTerraformOptions {
  readonly mirror: string;
  /** Where an emulator of the AWS API listens. @default - AWS is never called */
  readonly endpoint?: string;
  /** Merged into the override file: what an emulator can not do. */
  readonly override?: Readonly<Record<string, unknown>>;
}

/**
 * Terraform in the folder of one synthesized module, with a local state, the provider from a mirror and dummy credentials.
 * Nothing is asked of a registry, of HashiCorp or of AWS.
 */
export class OfflineTerraform {
  readonly #environment: NodeJS.ProcessEnv;

  constructor(
    readonly folder: string,
    { mirror, endpoint, override }: OfflineTerraformOptions,
  ) {
    const settings = join(folder, 'offline.tfrc');
    writeFileSync(
      settings,
      `disable_checkpoint = true\nprovider_installation {\n  filesystem_mirror {\n    path = ${JSON.stringify(mirror)}\n  }\n}\n`,
    );
    writeFileSync(
      join(folder, 'offline_override.tf.json'),
      JSON.stringify({
        terraform: { backend: { local: {} } },
        provider: {
          aws: {
            // An emulator has an account of its own.
            allowed_account_ids: null,
            skip_credentials_validation: true,
            skip_metadata_api_check: 'true',
            skip_region_validation: true,
            skip_requesting_account_id: endpoint === undefined,
            ...(endpoint ? { s3_use_path_style: true, max_retries: 1 } : {}),
          },
        },
        ...override,
      }),
    );
    this.#environment = {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      TF_CLI_CONFIG_FILE: settings,
      TF_IN_AUTOMATION: '1',
      CHECKPOINT_DISABLE: '1',
      AWS_ACCESS_KEY_ID: 'dummy',
      AWS_SECRET_ACCESS_KEY: 'dummy',
      AWS_EC2_METADATA_DISABLED: 'true',
      ...(endpoint ? { AWS_ENDPOINT_URL: endpoint } : {}),
    };
  }

  run(args: readonly string[], timeoutMs: number): TerraformResult {
    const { status, stdout, stderr } = spawnSync('terraform', [...args, '-no-color'], {
      cwd: this.folder,
      env: this.#environment,
      encoding: 'utf8',
      timeout: timeoutMs,
      maxBuffer: 256 * 1024 * 1024,
      // It is asked to stop first, so that it writes its state.
      killSignal: 'SIGINT',
    });
    return { code: status, output: `${stdout}${stderr}` };
  }
}
