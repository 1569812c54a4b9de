import { type Json, type Mutation, on } from './mutation.js';

const GROUP = 'AWS::EC2::SecurityGroup';
const ROLE = 'AWS::IAM::Role';

/** A role gets one more statement. */
function allows(statement: Json): Mutation['make'] {
  return on((role) => {
    role.Policies = [
      ...(role.Policies ?? []),
      {
        PolicyName: 'Added',
        PolicyDocument: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...statement }] },
      },
    ];
  });
}

function ingress(rule: Json): Mutation['make'] {
  return on((group) => {
    group.SecurityGroupIngress = [...(group.SecurityGroupIngress ?? []), rule];
  });
}

/** Mistakes on who may reach what: network and IAM. */
export const ACCESS_MUTATIONS: readonly Mutation[] = [
  {
    mistake: 'SSH open to the world',
    type: GROUP,
    make: ingress({ CidrIp: '0.0.0.0/0', IpProtocol: 'tcp', FromPort: 22, ToPort: 22 }),
    rule: 'TW-NET-01',
    says: /ingress from 0\.0\.0\.0\/0/,
    measured: true,
  },
  {
    mistake: 'SSH from the office',
    type: GROUP,
    make: ingress({ CidrIp: '198.51.100.0/24', IpProtocol: 'tcp', FromPort: 20, ToPort: 25 }),
    rule: 'TW-NET-02',
    says: /covers port 22/,
  },
  {
    mistake: 'RDP from the whole VPC',
    type: GROUP,
    make: ingress({ CidrIp: '10.40.0.0/16', IpProtocol: 'tcp', FromPort: 3389, ToPort: 3389 }),
    rule: 'TW-NET-02',
    says: /covers port 3389/,
  },
  {
    mistake: 'metrics open to all of IPv6',
    type: GROUP,
    make: ingress({ CidrIpv6: '::/0', IpProtocol: 'tcp', FromPort: 9464, ToPort: 9464 }),
    rule: 'TW-NET-01',
    says: /ingress from ::\/0/,
  },
  {
    mistake: 'reversed ports',
    type: GROUP,
    make: ingress({ CidrIp: '10.40.0.0/20', IpProtocol: 'tcp', FromPort: 9500, ToPort: 9464 }),
    rule: 'built-in',
    says: /FromPort 9500 is greater than ToPort 9464/,
    measured: true,
  },
  {
    mistake: 'a protocol that does not exist',
    type: GROUP,
    make: ingress({ CidrIp: '10.40.0.0/20', IpProtocol: 'tcpp', FromPort: 443, ToPort: 443 }),
    rule: 'built-in',
    says: /tcpp/,
    measured: true,
  },
  {
    mistake: 'egress of everything to everywhere',
    type: GROUP,
    make: on((group) => {
      group.SecurityGroupEgress = [{ CidrIp: '0.0.0.0/0', IpProtocol: '-1' }];
    }),
    rule: 'TW-NET-03',
    says: /egress to 0\.0\.0\.0\/0 on all protocols/,
  },
  {
    mistake: 'a /33 block',
    type: 'AWS::EC2::Subnet',
    make: on((subnet) => {
      subnet.CidrBlock = '10.40.0.0/33';
    }),
    rule: 'TW-NET-04',
    says: /"10\.40\.0\.0\/33" is no IPv4 block/,
    measured: true,
  },
  {
    mistake: 'a subnet of two addresses',
    type: 'AWS::EC2::Subnet',
    make: on((subnet) => {
      subnet.CidrBlock = '10.40.0.0/31';
    }),
    rule: 'TW-NET-04',
    says: /is a \/31, a VPC or subnet is \/16 to \/28/,
  },
  {
    mistake: 'public addresses for whatever is launched',
    type: 'AWS::EC2::Subnet',
    make: on((subnet) => {
      subnet.MapPublicIpOnLaunch = true;
    }),
    rule: 'TW-NET-05',
    says: /hands out public addresses/,
  },
  {
    mistake: 'a host role that may do everything',
    type: ROLE,
    make: allows({ Action: '*', Resource: '*' }),
    rule: 'TW-IAM-01',
    says: /action "\*"/,
    measured: true,
  },
  {
    mistake: 'all of EC2',
    type: ROLE,
    make: allows({ Action: 'ec2:*', Resource: 'arn:aws:ec2:ap-northeast-1:111122223333:instance/i-1' }),
    rule: 'TW-IAM-01',
    says: /action "ec2:\*"/,
  },
  {
    mistake: 'stopping any instance of the account',
    type: ROLE,
    make: allows({ Action: ['ec2:DescribeInstances', 'ec2:StopInstances'], Resource: '*' }),
    rule: 'TW-IAM-02',
    says: /\["ec2:StopInstances"\] on resource "\*" without a condition/,
  },
  {
    mistake: 'all but IAM',
    type: ROLE,
    make: allows({ NotAction: 'iam:*', Resource: '*' }),
    rule: 'TW-IAM-01',
    says: /NotAction allows all but/,
  },
  {
    mistake: 'passing any role',
    type: ROLE,
    make: allows({
      Action: 'iam:PassRole',
      Resource: '*',
      Condition: { StringEquals: { 'aws:RequestedRegion': 'ap-northeast-1' } },
    }),
    rule: 'TW-IAM-04',
    says: /iam:PassRole/,
  },
  {
    mistake: 'a key policy for everyone',
    type: 'AWS::KMS::Key',
    make: on((key) => {
      key.KeyPolicy.Statement.push({
        Effect: 'Allow',
        Principal: { AWS: '*' },
        Action: 'kms:Decrypt',
        Resource: '*',
      });
    }),
    rule: 'TW-IAM-03',
    says: /everyone is allowed without a condition/,
  },
  {
    mistake: 'a user with a key for the build server',
    type: ROLE,
    make: (_, template) => {
      template.Resources.Builder = { Type: 'AWS::IAM::User', Properties: {} };
    },
    rule: 'TW-IAM-05',
    says: /AWS::IAM::User is created/,
  },
  {
    mistake: 'an action without its service',
    type: ROLE,
    make: allows({ Action: 'GetObject', Resource: 'arn:aws:s3:::tradewind-x/*' }),
    rule: 'TW-IAM-06',
    says: /"GetObject" names no service/,
    measured: true,
  },
];
