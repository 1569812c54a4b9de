import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { OfflineTerraform, onPath, providerMirror } from '../../cdktf/checks/offline-terraform.js';
import { synthesizeTerraform } from '../../cdktf/index.js';
import { renderUserData } from '../../delivery/index.js';
import { ENVIRONMENTS, shippedPlan } from '../support/test-app.js';
import { fakeRelease, modulesOf } from './terraform-json.js';

const terraform = onPath('terraform');
const mirror = providerMirror();
const withProvider = terraform && mirror ? test : test.skip;
const withTerraform = terraform ? test : test.skip;
const MINUTES = 60_000;

const folder = mkdtempSync(join(tmpdir(), 'tradewind-terraform-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(ENVIRONMENTS)('%s against the real provider schema', (environment) => {
  withProvider(
    'terraform 1.11 with hashicorp/aws 5.100.0 in a mirror: init, validate and plan without a warning',
    () => {
      const plan = shippedPlan(environment);
      const out = join(folder, environment);
      for (const name of synthesizeTerraform(plan, fakeRelease(folder), out)) {
        const module = new OfflineTerraform(join(out, 'stacks', name), { mirror: mirror as string });
        const init = module.run(['init', '-input=false'], MINUTES);
        expect([init.code, init.output]).toEqual([0, expect.any(String)]);
        const validation = module.run(['validate', '-json'], MINUTES);
        expect(JSON.parse(validation.output)).toMatchObject({
          valid: true,
          error_count: 0,
          warning_count: 0,
          diagnostics: [],
        });
        const planned = module.run(['plan', '-input=false', '-lock=false'], 2 * MINUTES);
        expect(planned.output).not.toMatch(/^(?:Error|Warning):/m);
        const count = Object.values(
          modulesOf(environment).find((one) => one.name === name)?.json.resource ?? {},
        ).reduce((sum, byName) => sum + Object.keys(byName).length, 0);
        expect(planned.output).toContain(`Plan: ${count} to add, 0 to change, 0 to destroy.`);
      }
    },
    6 * MINUTES,
  );
});

withTerraform(
  'terraform reads user data as the very text the CDK form gives a host',
  () => {
    const plan = shippedPlan('paper-tokyo');
    const out = join(folder, 'user-data');
    const [name] = synthesizeTerraform(plan, fakeRelease(folder), out);
    const place = join(out, 'stacks', name as string);
    const module = JSON.parse(readFileSync(join(place, 'cdk.tf.json'), 'utf8'));
    const template = module.resource.aws_launch_template['trading_standby-template'];
    const value = template.user_data.replace(/aws_ebs_volume\.[\w-]+\.id/, '"vol-0123456789abcdef0"');
    // An output alone, which needs no provider.
    writeFileSync(join(place, 'cdk.tf.json'), JSON.stringify({ output: { user_data: { value } } }));
    const shell = new OfflineTerraform(place, { mirror: mirror ?? place });
    rmSync(join(place, 'offline_override.tf.json'));
    expect(shell.run(['apply', '-auto-approve'], MINUTES).code).toBe(0);
    const output = shell.run(['output', '-raw', 'user_data'], MINUTES).output;
    const standby = plan.hosts.hosts.find(({ role }) => role === 'standby');
    expect(Buffer.from(output, 'base64').toString()).toBe(
      renderUserData(plan, standby as NonNullable<typeof standby>, {
        journalVolumeId: 'vol-0123456789abcdef0',
      }),
    );
  },
  MINUTES,
);
