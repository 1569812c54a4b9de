import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import {
  readForm,
  readJsonParams,
  withoutSignature,
} from '../../../src/simulator/binance/protocol/params.js';
import {
  encodeNonAscii,
  SignatureVerifier,
  wsPayload,
} from '../../../src/simulator/binance/protocol/signing.js';
import { signature } from './client.js';

/** The key of Binance's own documentation (rest-api.md). */
const DOCUMENTED = 'NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j';
const ORDER =
  '&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559';

describe('signatures', () => {
  const documented = new SignatureVerifier({ apiKey: 'a', kind: 'hmac', secret: DOCUMENTED });

  it('accepts the documented HMAC examples, in either case', () => {
    const ascii = 'c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71';
    expect(documented.verify(`symbol=LTCBTC${ORDER}`, ascii)).toBe(true);
    expect(documented.verify(`symbol=LTCBTC${ORDER}`, ascii.toUpperCase())).toBe(true);
    const wide = `symbol=${encodeNonAscii('１２３４５６')}${ORDER}`;
    expect(documented.verify(wide, 'e1353ec6b14d888f1164ae9af8228a3dbd508bc82eb867db8ab6046442f33ef3')).toBe(
      true,
    );
  });

  it('refuses anything else without throwing', () => {
    for (const wrong of ['', 'zz', '00', 'c8db', 'é'.repeat(64), 'c8'.repeat(32), 'c8'.repeat(33)]) {
      expect(documented.verify(`symbol=LTCBTC${ORDER}`, wrong)).toBe(false);
    }
  });

  it.each(['rsa', 'ed25519'] as const)('verifies %s keys, case-sensitively', (kind) => {
    const pair =
      kind === 'rsa' ? generateKeyPairSync('rsa', { modulusLength: 2048 }) : generateKeyPairSync('ed25519');
    const publicKey = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const secret = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const verifier = new SignatureVerifier({ apiKey: 'a', kind, publicKey });
    const made = signature({ apiKey: 'a', kind, secret }, 'a=1&b=2');
    expect(verifier.verify('a=1&b=2', made)).toBe(true);
    expect(verifier.verify('a=1&b=3', made)).toBe(false);
    expect(verifier.verify('a=1&b=2', made.toLowerCase())).toBe(false);
    expect(verifier.verify('a=1&b=2', '!!!')).toBe(false);
  });

  it('refuses a key of another kind than stated', () => {
    const publicKey = generateKeyPairSync('ed25519')
      .publicKey.export({ type: 'spki', format: 'pem' })
      .toString();
    expect(() => new SignatureVerifier({ apiKey: 'a', kind: 'rsa', publicKey })).toThrow('not an rsa key');
  });

  it('signs WebSocket parameters sorted, numbers as written', () => {
    const text = '{"params":{"b":1.50,"a":"x","signature":"s","c":true,"timestamp":1795255000000}}';
    const raw = readJsonParams((JSON.parse(text) as { params: object }).params, text);
    expect(wsPayload(raw)).toBe('a=x&b=1.50&c=true&timestamp=1795255000000');
  });

  it('does not read an endless list of WebSocket parameters', () => {
    const params = Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`p${i}`, 0.5]));
    expect(() => readJsonParams(params, JSON.stringify(params))).toThrow('Too many parameters');
  });

  it('cuts the signature out of a form wherever it stands, and touches nothing else', () => {
    expect(withoutSignature('a=1&signature=ab%2B&b=%20')).toBe('a=1&b=%20');
    expect(withoutSignature('signature=x')).toBe('');
    expect(withoutSignature('a=+1')).toBe('a=+1');
  });

  it('reads forms: query before body, plus as space but not in a signature', () => {
    const raw = new Map<string, string>();
    readForm('a=1&s=x+y&signature=a+b/=', raw);
    readForm('a=2&c=%41', raw);
    expect(Object.fromEntries(raw)).toEqual({ a: '1', s: 'x y', signature: 'a+b/=', c: 'A' });
    expect(() => readForm('a=1&a=1', new Map())).toThrow('Duplicate values for a parameter detected.');
    expect(() => readForm('a=%zz', new Map())).toThrow('Illegal characters');
  });
});
