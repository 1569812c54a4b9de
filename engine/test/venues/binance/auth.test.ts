import { generateKeyPairSync, verify } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { CredentialError, restQuery, Secret, Signer, wsPayload } from '../../../src/venues/binance/auth.js';

// Vectors and keys of Binance's own documentation (binance-spot-api-docs: rest-api.md, web-socket-api.md, fix-api.md).
const DOC_SECRET = 'NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j';
const DOC_KEY = 'vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A';
const DOC_ED25519 = `-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIIJEYWtGBrhACmb9Dvy+qa8WEf0lQOl1s4CLIAB9m89u
-----END PRIVATE KEY-----`;

const hmac = new Signer({ kind: 'hmac', apiKey: DOC_KEY, secret: DOC_SECRET });
const order = {
  side: 'BUY',
  type: 'LIMIT',
  timeInForce: 'GTC',
  quantity: 1,
  price: '0.1',
  recvWindow: 5000,
  timestamp: 1499827319559,
};

describe('REST signatures', () => {
  it('match the documented HMAC vector', () => {
    expect(hmac.signRest({ symbol: 'LTCBTC', ...order })).toBe(
      'symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559' +
        '&signature=c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71',
    );
  });

  it('percent-encode before signing, as the documented non-ASCII vector does', () => {
    expect(hmac.signRest({ symbol: '１２３４５６', ...order })).toMatch(
      /^symbol=%EF%BC%91%EF%BC%92.*&signature=e1353ec6b14d888f1164ae9af8228a3dbd508bc82eb867db8ab6046442f33ef3$/,
    );
  });

  it('percent-encode names, values and base64 signatures', () => {
    expect(restQuery({ 'a b': 'x+y/z=', n: 1, t: true })).toBe('a%20b=x%2By%2Fz%3D&n=1&t=true');
    const signer = new Signer({ kind: 'ed25519', apiKey: 'k', secret: DOC_ED25519 });
    const signature = /&signature=(.*)$/.exec(signer.signRest({ a: 1 }))![1]!;
    expect(signature).toMatch(/^[\w%.-]+$/);
    expect(decodeURIComponent(signature)).toBe(signer.sign('a=1'));
  });
});

describe('WebSocket API signatures', () => {
  it('match the documented HMAC vector, whatever the order of the parameters', () => {
    const params = {
      symbol: 'BTCUSDT',
      side: 'SELL',
      type: 'LIMIT',
      timeInForce: 'GTC',
      quantity: '0.01000000',
      price: '52000.00',
      recvWindow: 100,
      timestamp: 1645423376532,
    };
    const expected = 'aa1b5712c094bc4e57c05a1a5c1fd8d88dcd628338ea863fec7b88e59fe2db24';
    expect(hmac.signWs(params)).toEqual({ ...params, apiKey: DOC_KEY, signature: expected });
    const reversed = Object.fromEntries(Object.entries(params).reverse());
    expect(hmac.signWs(reversed).signature).toBe(expected);
  });

  it('leave non-ASCII text as UTF-8, as the documented vector does', () => {
    const payload =
      `apiKey=${DOC_KEY}&price=0.10000000&quantity=1.00000000&recvWindow=5000&side=BUY&symbol=１２３４５６` +
      '&timeInForce=GTC&timestamp=1645423376532&type=LIMIT';
    expect(hmac.sign(payload)).toBe('b33892ae8e687c939f4468c6268ddd4c40ac1af18ad19a064864c47bae0752cd');
    const params = Object.fromEntries(payload.split('&').map((pair) => pair.split('=') as [string, string]));
    expect(wsPayload(params)).toBe(payload);
  });
});

describe('asymmetric keys', () => {
  it('sign Ed25519 as the documented vector does', () => {
    const signer = new Signer({ kind: 'ed25519', apiKey: 'k', secret: DOC_ED25519 });
    expect(signer.sign('A\u0001EXAMPLE\u0001SPOT\u00011\u000120240627-11:17:25.223')).toBe(
      '4MHXelVVcpkdwuLbl6n73HQUXUf1dse2PCgT1DYqW9w8AVZ1RACFGM+5UdlGPrQHrgtS3CvsRURC1oj73j8gCA==',
    );
    expect(signer.canLogOn).toBe(true);
  });

  it('sign RSA PKCS#1 v1.5 with SHA-256', () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const secret = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const signer = new Signer({ kind: 'rsa', apiKey: 'k', secret });
    const signature = Buffer.from(signer.sign('payload'), 'base64');
    expect(verify('sha256', Buffer.from('payload'), publicKey, signature)).toBe(true);
    expect(signer.canLogOn).toBe(false);
  });

  it('refuse a key that is none, or of another kind, without repeating it', () => {
    const make = (secret: string) => () => new Signer({ kind: 'ed25519', apiKey: 'k', secret });
    expect(make('not a key: hunter2')).toThrow(CredentialError);
    expect(make('not a key: hunter2')).not.toThrow(/hunter2/);
    const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;
    expect(make(rsa.export({ type: 'pkcs8', format: 'pem' }).toString())).toThrow(/rsa key, not ed25519/);
    expect(() => new Signer({ kind: 'hmac', apiKey: '', secret: 'x' })).toThrow(/API key is empty/);
    expect(() => new Signer({ kind: 'hmac', apiKey: 'x', secret: '' })).toThrow(/secret is empty/);
  });
});

describe('secrets', () => {
  it('show themselves in no way but reveal', () => {
    const secret = new Secret('hunter2');
    for (const text of [
      String(secret),
      `${secret}`,
      JSON.stringify({ secret }),
      inspect({ secret }, { showHidden: true, depth: 9 }),
    ]) {
      expect(text).not.toContain('hunter2');
    }
    expect(secret.reveal()).toBe('hunter2');
  });

  it('do not leave through the signer', () => {
    for (const text of [JSON.stringify(hmac), inspect(hmac, { showHidden: true, depth: 9 })]) {
      expect(text).not.toContain(DOC_SECRET);
    }
  });
});
