import { createHmac, timingSafeEqual } from 'node:crypto';
import { PROOF_BYTES } from './messages.js';

const NO_PROOF = new Uint8Array(PROOF_BYTES);

export type Role = 'leader' | 'standby';

/**
 * Shows that `role` knows the secret, for this connection only: HMAC-SHA256 over the role and both nonces. Without a secret
 * there is nothing to show. What follows is neither hidden nor signed: keep the connection inside a private network.
 */
export function makeProof(
  secret: string | undefined,
  role: Role,
  sinkNonce: Uint8Array,
  sourceNonce: Uint8Array,
): Uint8Array {
  if (secret === undefined) return NO_PROOF;
  return createHmac('sha256', secret)
    .update(`tradewind ${role}\n`)
    .update(sinkNonce)
    .update(sourceNonce)
    .digest();
}

/** Compares without telling by the time it takes where the two differ. */
export function isProof(given: Uint8Array, expected: Uint8Array): boolean {
  return given.length === expected.length && timingSafeEqual(given, expected);
}
