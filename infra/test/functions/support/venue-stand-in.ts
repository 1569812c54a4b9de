import { createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';

interface Registered {
  readonly publicKey: string;
  readonly ips: readonly string[];
  readonly canWithdraw: boolean;
}

/** A venue that knows public keys, the addresses it accepts each from, and whether one may withdraw. */
export class VenueStandIn {
  readonly #keys = new Map<string, Registered>();
  /** Whether a private key signs for what is registered; asked after every call. */
  readonly #signatures = new Map<string, boolean>();
  #count = 0;

  /** What the operator does at the venue's web page; the API key it shows. */
  register(publicKey: string, ips: readonly string[], canWithdraw = false): string {
    this.#count += 1;
    const apiKey = `venue-api-key-${this.#count}`;
    this.#keys.set(apiKey, { publicKey, ips, canWithdraw });
    return apiKey;
  }

  delete(apiKey: string): void {
    this.#keys.delete(apiKey);
  }

  /** True when an order signed with this secret's content from `ip` is accepted. */
  accepts(secret: string | undefined, ip: string): boolean {
    const { apiKey, secret: pem } = JSON.parse(secret ?? '{}');
    const known = this.#keys.get(apiKey);
    if (known === undefined || !known.ips.includes(ip)) return false;
    const pair = `${apiKey} ${pem}`;
    const judged = this.#signatures.get(pair);
    if (judged !== undefined) return judged;
    const order = Buffer.from('symbol=BTCUSDT&side=BUY');
    const key = createPublicKey({ key: Buffer.from(known.publicKey, 'base64'), format: 'der', type: 'spki' });
    const valid = verify(null, order, key, sign(null, order, pem));
    this.#signatures.set(pair, valid);
    return valid;
  }

  /** What `tradewind venue check --json` prints on the host with this address. */
  check(secret: string | undefined, ip: string): string {
    const { apiKey } = JSON.parse(secret ?? '{}');
    const accepted = this.accepts(secret, ip);
    const withdraw = this.#keys.get(apiKey)?.canWithdraw === true;
    return JSON.stringify([
      { name: 'REST', ok: true, detail: 'p50 1 ms' },
      { name: 'account', ok: accepted, detail: accepted ? 'key accepted, trading allowed' : 'code -2015' },
      {
        name: 'withdrawals',
        ok: !withdraw,
        detail: withdraw ? 'this key may withdraw: make one that may not' : 'off',
      },
    ]);
  }
}

/** A pair made elsewhere, e.g. the one in use before the first rotation. */
export function makePair(): { secret: string; publicKey: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519', {
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'der' },
  });
  return { secret: privateKey, publicKey: publicKey.toString('base64') };
}
