import { containsCidr, overlapCidr, parseCidr } from 'cidr-tools';
import { names } from '../names.js';
import { addressIn } from '../plan/blocks.js';
import type { EnvironmentProblem } from '../problems.js';
import type { EnvironmentConfig } from '../schema.js';
import { check } from './check.js';

const PRIVATE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10'];
/** Amazon VPC User Guide: a VPC block is /16 to /28; ours is cut into 16 subnets of at least /26. */
const [WIDEST, NARROWEST] = [16, 22];
/** Amazon S3 User Guide, bucket naming rules. */
const LONGEST_BUCKET = 63;

/** Addresses: blocks are canonical, private where they are ours, and lie beside one another. */
export const networkChecks = [
  check(['network'], ({ network }) => [
    ...vpcBlock('network.cidr', network.cidr),
    ...network.egress.flatMap(({ cidr }, index) =>
      destination(`network.egress[${index}].cidr`, cidr, network.cidr, 'name the destination'),
    ),
  ]),
  check(['network', 'venues'], ({ network, venues }) =>
    venues.flatMap((venue, index) =>
      venue.cidrs.flatMap((cidr, at) =>
        destination(
          `venues[${index}].cidrs[${at}]`,
          cidr,
          network.cidr,
          'name the addresses of the venue, or remove cidrs and rely on its names',
        ),
      ),
    ),
  ),
  check(['network', 'dr'], ({ network, dr }) => {
    if (!dr) return [];
    const own = vpcBlock('dr.cidr', dr.cidr);
    if (own.length > 0 || !overlapCidr(network.cidr, dr.cidr)) return own;
    return [overlap('dr.cidr', dr.cidr, `the first Region's ${network.cidr}`)];
  }),
  check(['network', 'ha', 'dr'], ({ network, ha, dr }) => {
    const address = ha.overlayAddress;
    const inside = address && [network.cidr, dr?.cidr].find((cidr) => cidr && containsCidr(cidr, address));
    if (!inside) return [];
    return [
      {
        path: 'ha.overlayAddress',
        value: address,
        message: `lies in ${inside}, a VPC of this environment: its local route would win over the one that moves`,
        fix: 'choose a private address outside every VPC block',
      },
    ];
  }),
  check(['name', 'account', 'region', 'dr'], ({ name, account, region, dr }) =>
    bucketNames({ name, account }, [region, ...(dr ? [dr.region] : [])]),
  ),
];

function vpcBlock(path: string, cidr: string): EnvironmentProblem[] {
  const odd = notCanonical(path, cidr);
  if (odd) return [odd];
  const prefix = Number(parseCidr(cidr).prefix);
  if (prefix < WIDEST || prefix > NARROWEST) {
    return [
      {
        path,
        value: cidr,
        message: `is ${prefix < WIDEST ? 'larger than a VPC can be' : 'too small for 16 subnets of at least 64 addresses'}`,
        fix: `give a block from /${WIDEST} to /${NARROWEST}`,
      },
    ];
  }
  if (containsCidr(PRIVATE, cidr)) return [];
  return [
    {
      path,
      value: cidr,
      message: 'is not a private block: hosts could not reach who owns these addresses',
      fix: `take it from ${PRIVATE.join(', ')}`,
    },
  ];
}

function destination(path: string, cidr: string, vpc: string, fix: string): EnvironmentProblem[] {
  const odd = notCanonical(path, cidr);
  if (odd) return [odd];
  if (Number(parseCidr(cidr).prefix) === 0) {
    return [{ path, value: cidr, message: 'is every address there is, so the rule restricts nothing', fix }];
  }
  return overlapCidr(cidr, vpc) ? [overlap(path, cidr, `the VPC's own ${vpc}`)] : [];
}

function overlap(path: string, cidr: string, other: string): EnvironmentProblem {
  return {
    path,
    value: cidr,
    message: `overlaps with ${other}: no route can tell them apart`,
    fix: 'choose a block that lies beside it',
  };
}

function notCanonical(path: string, cidr: string): EnvironmentProblem | undefined {
  const { ip, prefix } = parseCidr(cidr);
  const first = addressIn(cidr, 0);
  if (ip === first) return undefined;
  return {
    path,
    value: cidr,
    message: `does not begin at the first address of its block`,
    fix: `write ${first}/${prefix}`,
  };
}

function bucketNames(
  config: Pick<EnvironmentConfig, 'name' | 'account'>,
  regions: readonly string[],
): EnvironmentProblem[] {
  const bucket = regions
    .map((region) => names(config).bucket('access-logs', region))
    .reduce((longest, name) => (name.length > longest.length ? name : longest));
  const excess = bucket.length - LONGEST_BUCKET;
  if (excess <= 0) return [];
  return [
    {
      path: 'name',
      value: config.name,
      message: `makes the bucket name ${bucket}, which has ${bucket.length} characters of at most ${LONGEST_BUCKET}`,
      fix: `shorten it to ${config.name.length - excess} characters`,
    },
  ];
}
