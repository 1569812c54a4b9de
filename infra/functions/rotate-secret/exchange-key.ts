import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { z } from 'zod';

const addresses = z
  .array(z.ipv4('write an IPv4 address'))
  .min(1, 'restrict the key at the venue to the Elastic IPs');
const apiKey = z
  .string({ error: 'write the API key the venue gave' })
  .min(8, 'write the API key the venue gave');

/** A venue's API key as hosts read it from the version AWSCURRENT. */
export const exchangeKeySchema = z.object({
  kind: z.enum(['ed25519', 'rsa', 'hmac']),
  apiKey,
  /** A PEM private key, or an HMAC secret's text. */
  secret: z.string().min(8),
  /** What the venue accepts it from, as the operator recorded it. */
  ipAllowList: addresses,
});

export type ExchangeKey = z.infer<typeof exchangeKeySchema>;

/** A key pair the venue does not know yet. */
export const candidateSchema = z.object({
  kind: z.literal('ed25519'),
  /** PEM. */
  secret: z.string().includes('PRIVATE KEY-----'),
});

export type Candidate = z.infer<typeof candidateSchema>;

/**
 * What the operator recorded after the key was made at the venue: for a pair of ours the public half and the API key it
 * was given; for a key the venue made, all of it.
 */
export const registrationSchema = z.union([
  exchangeKeySchema,
  z.object({ kind: z.literal('ed25519'), apiKey, publicKey: z.string().min(1), ipAllowList: addresses }),
]);

export type Registration = z.infer<typeof registrationSchema>;

/** A new pair. Ed25519: small, fast to sign with, and venues that take it never see the private half. */
export function generateCandidate(): Candidate {
  const { privateKey } = generateKeyPairSync('ed25519', {
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  return { kind: 'ed25519', secret: privateKey };
}

/** The public half as the base64 of its SPKI form: what the venue is given, and what tags and messages may show. */
export function publicHalf(privatePem: string): string {
  return createPublicKey(createPrivateKey(privatePem))
    .export({ type: 'spki', format: 'der' })
    .toString('base64');
}

/** Bare base64 of a public key that may have been pasted as PEM. */
export function bareKey(text: string): string {
  return text.replace(/-----[^-]+-----|\s/g, '');
}

/** Why the two are not yet a key that may be used; the key when they are. */
export function completeKey(
  registration: Registration | undefined,
  candidate: Candidate | undefined,
  current: ExchangeKey | undefined,
  elasticIps: readonly string[],
): { readonly key: ExchangeKey } | { readonly waitFor: string } {
  if (registration === undefined || registration.apiKey === current?.apiKey) {
    return { waitFor: 'no new key is recorded' };
  }
  const missing = elasticIps.filter((ip) => !registration.ipAllowList.includes(ip));
  if (missing.length > 0) {
    return {
      waitFor: `the recorded allow-list lacks ${missing.join(', ')}: add it at the venue, then record the key again`,
    };
  }
  if ('secret' in registration) return { key: registration };
  if (candidate === undefined || publicHalf(candidate.secret) !== bareKey(registration.publicKey)) {
    return {
      waitFor: 'the recorded public key is not the one that was generated: register the one in the message',
    };
  }
  const { kind, apiKey: id, ipAllowList } = registration;
  return { key: { kind, apiKey: id, secret: candidate.secret, ipAllowList } };
}

/** An API key in a message: its last four characters. */
export function shortKey(id: string): string {
  return `…${id.slice(-4)}`;
}
