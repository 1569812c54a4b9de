import { z } from 'zod';

/** Hosts of a pair; a lone host is `primary`. */
export const hostName = z.enum(['primary', 'standby'], { error: 'write primary or standby' });

export type HostName = z.infer<typeof hostName>;

/** The one that is not `host`. */
export const otherHost = (host: HostName): HostName => (host === 'primary' ? 'standby' : 'primary');

/** An automation document hands booleans over as text. */
export const flag = z.union([z.boolean(), z.stringbool()], { error: 'write true or false' });

const id = (prefix: string) =>
  z
    .string({ error: `write an id like ${prefix}-0123` })
    .regex(new RegExp(`^${prefix}-[0-9a-z-]+$`), `write an id like ${prefix}-0123`);

/** Ids of AWS resources by their prefix. */
export const resourceId = {
  instance: id('i'),
  subnet: id('subnet'),
  networkAcl: id('acl'),
  networkInterface: id('eni'),
  routeTable: id('rtb'),
};
