import { z } from 'zod';
import { ha, hosts, placement } from './schema-hosts.js';
import { cidr, port, region, resourceId, ruleDescription, tagValue, zoneId } from './schema-leaves.js';
import { archive, backup, data, dr, keys, retention } from './schema-state.js';
import { duration } from './units.js';

const network = z
  .strictObject({
    cidr: cidr.describe('Block of the VPC, /16 to /22; subnets are cut from it.'),
    zones: z
      .array(zoneId)
      .min(1)
      .max(3)
      .describe('Availability Zone ids; hosts stand in the first, next to the venue.'),
    existing: z
      .strictObject({
        vpcId: resourceId('vpc').describe('The VPC.'),
        internetGatewayId: resourceId('igw').describe('Its internet gateway, to which hosts get a route.'),
      })
      .optional()
      .describe(
        'A VPC you bring, with its internet gateway; `cidr` must be free in it. Subnets, ACLs and endpoints are still ours.',
      ),
    endpoints: z
      .boolean()
      .default(true)
      .describe(
        'Interface endpoints for the AWS services a host talks to, so that nothing but venue traffic leaves.',
      ),
    dnsFirewall: z
      .boolean()
      .default(true)
      .describe('Resolver DNS Firewall: only venue and AWS names resolve. Adds nothing to the order path.'),
    egress: z
      .array(
        z.strictObject({
          cidr: cidr.describe('Addresses of the destination.'),
          port: port.describe('TCP port.'),
          why: ruleDescription.describe('A full sentence for the reviewer.'),
        }),
      )
      .default([])
      .describe('More destinations hosts may reach.'),
  })
  .describe('Where the environment stands, and what it may reach.');

const venue = z.strictObject({
  id: z.string().describe('A name in `infra/data/venue-endpoints.json`.'),
  cidrs: z
    .array(cidr)
    .default([])
    .describe(
      "The venue's addresses where it publishes fixed ones or a private link; without them its ports are open to any address and names alone are restricted.",
    ),
  secret: z
    .string()
    .regex(/^[a-z][a-z0-9-]*$/, 'write the name of the secret, not the secret')
    .optional()
    .describe('Name of the secret with its API key. Absent: public data only.'),
});

const engine = z
  .strictObject({
    config: z.string().describe("The engine's configuration, a path from this file."),
    deployment: z
      .enum(['rolling', 'canary', 'paper-shadow'])
      .default('rolling')
      .describe(
        'How a new version comes in: standby first with a planned handover; one host for a watched time; or beside the live one with simulated orders.',
      ),
    healthGate: duration('10s', '1h')
      .prefault('2m')
      .describe('A new version must be healthy for this long before the next step.'),
    watch: duration('1m', '7d').prefault('30m').describe('How long a canary or a shadow is watched.'),
  })
  .describe('What runs on the hosts, and how a new version of it comes in.');

const secrets = z
  .strictObject({
    rotateEvery: duration('1d', '1y').prefault('90d').describe('Exchange keys are rotated this often.'),
    overlap: duration('10m', '30d')
      .prefault('24h')
      .describe('The old key stays valid at the venue this long after the new one took over.'),
  })
  .prefault({})
  .describe('Exchange keys. The secrets themselves are entered in AWS Secrets Manager, never here.');

const observability = z
  .strictObject({
    prometheus: z.boolean().default(true).describe('A workspace of Amazon Managed Service for Prometheus.'),
    grafana: z
      .boolean()
      .default(false)
      .describe('An Amazon Managed Grafana workspace; needs IAM Identity Center.'),
    pagerEndpoint: z
      .url({ protocol: /^https$/ })
      .optional()
      .describe('HTTPS address that pages a person, subscribed to the critical topic.'),
    email: z.email().optional().describe('Address for both topics.'),
    runbooks: z
      .url({ protocol: /^https$/ })
      .describe('Where your copy of `runbooks/` is read; an alarm links to `<this>/<alarm>.md`.'),
    clockErrorBound: duration('1ms', '1s')
      .prefault('1ms')
      .describe('Alarm when the bound on the clock error passes this.'),
  })
  .describe('Who hears of what.');

const operations = z
  .strictObject({
    tradingHours: z
      .array(
        z.strictObject({
          start: z.iso.datetime().describe('First moment, UTC, such as 2027-01-04T13:00:00Z.'),
          end: z.iso.datetime().describe('Last moment.'),
          why: z.string().min(5).describe('What a person who is held up reads.'),
        }),
      )
      .default([])
      .describe('Windows in which no upgrade may start, entered in a Change Calendar.'),
  })
  .prefault({})
  .describe('When people and pipelines keep their hands off.');

const pipeline = z
  .strictObject({
    connectionArn: z
      .string()
      .regex(
        /^arn:aws[a-z-]*:code(?:star-connections|connections):/,
        'write the ARN of a CodeConnections connection',
      )
      .describe('The connection to the repository.'),
    repository: z
      .string()
      .regex(/^[\w.-]+\/[\w.-]+$/, 'write owner/name')
      .describe('Your copy of this repository, owner/name.'),
    branch: z.string().default('main').describe('What is merged to it is deployed.'),
    approval: z.boolean().default(true).describe('A person approves before the environment is touched.'),
  })
  .optional()
  .describe('A CDK pipeline with the benchmark gate.');

/** The environment file. Every member has its description here; the JSON schema for editors is made from it. */
export const environmentSchema = z.strictObject({
  name: z
    .string()
    .regex(
      /^[a-z][a-z0-9-]{1,22}[a-z0-9]$/,
      'use 3 to 24 lower-case letters, digits and dashes, starting with a letter',
    )
    .describe('Name of the environment; part of every name we choose. Never change it.'),
  stage: z.enum(['dev', 'paper', 'prod']).describe('What is at stake; `prod` is checked most strictly.'),
  account: z
    .string()
    .regex(/^\d{12}$/, 'write the 12-digit account id in quotes')
    .describe('AWS account.'),
  region: region.describe('AWS Region, next to the venue.'),
  owner: tagValue.describe('Team that answers for it; a tag.'),
  costCenter: tagValue.describe('Who pays; a tag.'),
  desk: tagValue.describe('Trading desk; a tag.'),
  network,
  venues: z.array(venue).min(1).describe('Venues the hosts talk to.'),
  engine,
  hosts,
  placement,
  ha,
  recovery: z
    .strictObject({
      rto: duration('100ms', '7d').describe(
        'Recovery time objective: from the loss of the primary to the first order.',
      ),
      rpo: duration('0s', '7d').describe(
        'Recovery point objective: how much acknowledged state may be lost.',
      ),
    })
    .describe('The recovery budget, checked against mode, lease timing and services.'),
  retention,
  keys,
  archive,
  data,
  backup,
  secrets,
  observability,
  operations,
  dr,
  pipeline,
});

/** A checked environment: durations in milliseconds, defaults filled in. */
export type EnvironmentConfig = z.output<typeof environmentSchema>;

/** What a file may say, before defaults. */
export type EnvironmentInput = z.input<typeof environmentSchema>;
