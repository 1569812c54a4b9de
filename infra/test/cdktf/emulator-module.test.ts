import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { forEmulator, LEFT_OUT } from '../../cdktf/checks/emulator-module.js';
import { infraPath } from '../../model/index.js';
import { reference } from './terraform-json.js';

const module = {
  resource: {
    aws_placement_group: { cluster: { name: 'a' } },
    aws_launch_template: {
      host: {
        placement: [{ group_name: reference('aws_placement_group.cluster.name') }],
        subnet: reference('aws_subnet.one.id'),
        depends_on: ['aws_placement_group.cluster', 'aws_subnet.one'],
      },
    },
    aws_ebs_volume: { journal: { size: 1, lifecycle: { prevent_destroy: true } } },
    aws_ssm_document: { calendar: { document_format: 'TEXT' } },
    aws_s3_bucket_policy: {
      closed: { policy: JSON.stringify({ Version: 'v', Statement: [{ Effect: 'Deny', Action: 's3:*' }] }) },
    },
  },
};

test('an emulator is given what it knows, with nothing that refers to the rest', () => {
  const { resource } = forEmulator(module);
  expect(Object.keys(resource)).toEqual(['aws_launch_template', 'aws_ebs_volume', 'aws_s3_bucket_policy']);
  expect(resource.aws_launch_template.host).toEqual({
    placement: [{ group_name: 'left-out' }],
    subnet: reference('aws_subnet.one.id'),
    depends_on: ['aws_subnet.one'],
    lifecycle: { ignore_changes: ['tag_specifications'] },
  });
});

test('what is kept from deletion by mistake is not kept from the check', () => {
  expect(forEmulator(module).resource.aws_ebs_volume.journal.lifecycle).toEqual({ prevent_destroy: false });
});

test('a bucket policy of denials alone becomes one that says nothing', () => {
  const { Statement } = JSON.parse(forEmulator(module).resource.aws_s3_bucket_policy.closed.policy);
  expect(Statement).toEqual([expect.objectContaining({ Effect: 'Allow', Action: 's3:ListBucket' })]);
});

test('every type that is left out says why', () => {
  for (const reason of Object.values(LEFT_OUT)) expect(reason.length).toBeGreaterThan(10);
});

test('the README says what is left out', () => {
  const page = readFileSync(infraPath('cdktf', 'README.md'), 'utf8');
  for (const [type, reason] of Object.entries(LEFT_OUT))
    expect(page).toContain(`| \`${type}\` | ${reason} |`);
});
