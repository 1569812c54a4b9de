import { z } from 'zod';

/** An IPv4 block, e.g. `10.20.0.0/16`. That its address is the block's first one is checked across fields. */
export const cidr = z.cidrv4('write an IPv4 block such as 10.20.0.0/16');

export const zoneId = z
  .string()
  .regex(
    /^[a-z]{2,5}\d-az\d$/,
    'write an Availability Zone ID such as apne1-az4 (`aws ec2 describe-availability-zones`); zone names such as ap-northeast-1a mean another place in each account',
  );

export const region = z
  .string()
  .regex(/^[a-z]{2}(?:-[a-z]+)+-\d$/, 'write an AWS Region such as ap-northeast-1');

/** The ARN of something that exists already. */
export function arn(service: string, what: string) {
  return z
    .string()
    .regex(new RegExp(`^arn:aws[a-z-]*:${service}:`), `write the ARN of ${what} (arn:aws:${service}:...)`);
}

export function resourceId(prefix: string) {
  return z
    .string()
    .regex(new RegExp(`^${prefix}-[0-9a-f]{8,17}$`), `write an id such as ${prefix}-0123456789abcdef0`);
}

/** What IAM takes as the value of a tag, of Latin letters alone. */
export const tagValue = z
  .string()
  .regex(/^[A-Za-z0-9 _.:/=+@-]{2,128}$/, 'use 2 to 128 letters, digits, spaces and _.:/=+@-');

/** What EC2 takes as the description of a security group rule. */
export const ruleDescription = z
  .string()
  .regex(
    /^[A-Za-z0-9 ._:/()#,@[\]+=&;{}!$*-]{10,255}$/,
    'write 10 to 255 letters, digits, spaces and ._-:/()#,@[]+=&;{}!$*, so no apostrophe',
  );

export const port = z.int().min(1).max(65_535);

export const gibibytes = (min: number, max: number) => z.int().min(min).max(max);
