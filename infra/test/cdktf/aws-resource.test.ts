import { describe, expect, test } from '@jest/globals';
import { TerraformStack, Testing } from 'cdktf';
import { awsResource, KEPT, snakeCase, toTerraformArguments } from '../../cdktf/resources/aws-resource.js';
import { AWS_PROVIDER_VERSION, AwsProvider } from '../../cdktf/resources/provider.js';
import { reference } from './terraform-json.js';

interface ThingArguments {
  readonly cidrBlock: string;
  readonly enabled?: boolean;
  readonly logConfig?: readonly { readonly groupName: string }[];
  readonly tags?: Readonly<Record<string, string>>;
}

const Thing = awsResource<ThingArguments, 'id' | 'arn'>('aws_thing');

function synthesized(build: (stack: TerraformStack) => void) {
  const stack = new TerraformStack(Testing.app({ stackTraces: false }), 'stack');
  build(stack);
  return JSON.parse(Testing.synth(stack));
}

/** Without what the core notes about where it comes from. */
function first(json: { resource: Record<string, Record<string, object>> }, type: string, index = 0) {
  const { '//': _, ...args } = Object.values(json.resource[type] ?? {})[index] as Record<string, unknown>;
  return args;
}

describe('a resource class', () => {
  test('writes arguments and blocks in snake case and leaves out what is undefined', () => {
    const json = synthesized((stack) => {
      new Thing(stack, 'one', { cidrBlock: '10.0.0.0/16', logConfig: [{ groupName: 'a' }] });
    });
    expect(first(json, 'aws_thing')).toEqual({
      cidr_block: '10.0.0.0/16',
      log_config: [{ group_name: 'a' }],
    });
  });

  test('keeps the keys of maps as they are', () => {
    const json = synthesized((stack) => {
      new Thing(stack, 'one', { cidrBlock: 'x', tags: { 'tradewind:costCenter': 'a', Name: 'b' } });
    });
    expect(first(json, 'aws_thing')).toMatchObject({ tags: { 'tradewind:costCenter': 'a', Name: 'b' } });
  });

  test('gives references Terraform resolves', () => {
    const json = synthesized((stack) => {
      const one = new Thing(stack, 'one', { cidrBlock: 'x' });
      new Thing(stack, 'two', { cidrBlock: `${one.ref('arn')}/*` });
    });
    expect(first(json, 'aws_thing', 1)).toEqual({ cidr_block: `${reference('aws_thing.one.arn')}/*` });
  });

  test('writes lifecycle and dependencies', () => {
    const json = synthesized((stack) => {
      const one = new Thing(stack, 'one', { cidrBlock: 'x' }, KEPT);
      new Thing(
        stack,
        'two',
        { cidrBlock: 'x' },
        { dependsOn: [one], lifecycle: { ignoreChanges: ['tags'] } },
      );
    });
    expect(first(json, 'aws_thing')).toMatchObject({ lifecycle: { prevent_destroy: true } });
    expect(first(json, 'aws_thing', 1)).toMatchObject({
      depends_on: ['aws_thing.one'],
      lifecycle: { ignore_changes: ['tags'] },
    });
  });

  test.each([
    ['cidrBlock', 'cidr_block'],
    ['ipv4Address', 'ipv4_address'],
    ['httpPutResponseHopLimit', 'http_put_response_hop_limit'],
    ['name', 'name'],
  ])('%s becomes %s', (camel, snake) => expect(snakeCase(camel)).toBe(snake));

  test('falsy values are values', () => {
    expect(toTerraformArguments({ a: false, b: 0, c: '', d: null, e: [] })).toEqual({
      a: false,
      b: 0,
      c: '',
      d: null,
      e: [],
    });
  });
});

test('the provider is pinned, bound to one account and tags everything', () => {
  const json = synthesized((stack) => {
    new AwsProvider(stack, 'aws', {
      region: 'eu-west-1',
      allowedAccountIds: ['111122223333'],
      defaultTags: [{ tags: { 'tradewind:stage': 'dev' } }],
    });
  });
  expect(json.terraform.required_providers.aws).toEqual({
    source: 'hashicorp/aws',
    version: AWS_PROVIDER_VERSION,
  });
  expect(json.provider.aws).toEqual([
    {
      region: 'eu-west-1',
      allowed_account_ids: ['111122223333'],
      default_tags: [{ tags: { 'tradewind:stage': 'dev' } }],
    },
  ]);
});
