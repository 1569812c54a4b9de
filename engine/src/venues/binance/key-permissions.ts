import { z } from 'zod';

/** What a key may do beside trading: `GET /sapi/v1/account/apiRestrictions` of Binance's wallet API. */
export const keyPermissions = z.object({
  ipRestrict: z.boolean(),
  enableReading: z.boolean(),
  enableWithdrawals: z.boolean(),
  enableInternalTransfer: z.boolean(),
  permitsUniversalTransfer: z.boolean(),
});

export type KeyPermissions = z.infer<typeof keyPermissions>;

/** Hosts without a wallet: nothing can be withdrawn from play money, and the question has no address there. */
const TESTNET = /\.binance\.vision$/;

/** Whether a venue's base URL is one that has no wallet API. */
export function hasNoWallet(rest: string): boolean {
  return TESTNET.test(new URL(rest).hostname);
}

/** Whether money can leave the account by this key, and from where it may be used. */
export function judgePermissions(key: KeyPermissions): { ok: boolean; detail: string } {
  const ways = [
    ...(key.enableWithdrawals ? ['withdrawals'] : []),
    ...(key.enableInternalTransfer ? ['internal transfers'] : []),
    ...(key.permitsUniversalTransfer ? ['transfers between accounts'] : []),
  ];
  const from = key.ipRestrict ? 'from its address list only' : 'from ANY address: give it an address list';
  return ways.length === 0
    ? { ok: true, detail: `off; the key may be used ${from}` }
    : {
        ok: false,
        detail: `the key allows ${ways.join(', ')}: make one that can only trade; it may be used ${from}`,
      };
}
