import { describe, expect, it } from '@jest/globals';
import {
  hasNoWallet,
  judgePermissions,
  type KeyPermissions,
} from '../../../src/venues/binance/key-permissions.js';

const trading: KeyPermissions = {
  ipRestrict: true,
  enableReading: true,
  enableWithdrawals: false,
  enableInternalTransfer: false,
  permitsUniversalTransfer: false,
};

describe('what a key may do', () => {
  it('accepts one that can only trade', () => {
    expect(judgePermissions(trading)).toEqual({
      ok: true,
      detail: 'off; the key may be used from its address list only',
    });
  });

  it.each(['enableWithdrawals', 'enableInternalTransfer', 'permitsUniversalTransfer'] as const)(
    'refuses one with %s',
    (permission) => {
      const { ok, detail } = judgePermissions({ ...trading, [permission]: true });
      expect(ok).toBe(false);
      expect(detail).toMatch(
        /^the key allows (?:withdrawals|internal transfers|transfers between accounts):/,
      );
    },
  );

  it('says when any address may use it', () => {
    expect(judgePermissions({ ...trading, ipRestrict: false }).detail).toContain('ANY address');
  });

  it('knows the testnet, and no look-alike, to have no wallet', () => {
    expect(hasNoWallet('https://testnet.binance.vision')).toBe(true);
    expect(hasNoWallet('https://api.binance.com')).toBe(false);
    expect(hasNoWallet('https://binance.vision.example.com')).toBe(false);
    expect(hasNoWallet('http://127.0.0.1:8080')).toBe(false);
  });
});
