import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { findEtcd, startEtcd } from '../../../../ci/etcd.mjs';
import {
  decodeFailure,
  decodeRange,
  decodeToken,
  decodeTxn,
  EtcdLeaseStore,
  EtcdReplyError,
} from '../../../src/ha/lease/etcd/index.js';
import { leaseRow } from './support/stores.js';

const servers: Server[] = [];
const stores: EtcdLeaseStore[] = [];

afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** Something that listens where an etcd should. */
async function stranger(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function storeAt(endpoints: string[], timeoutMs = 5_000, more = {}): EtcdLeaseStore {
  const store = new EtcdLeaseStore({ endpoints, timeoutMs, key: 'pair', ...more });
  stores.push(store);
  return store;
}

const REFUSED = 'http://127.0.0.1:1';

describe('an etcd that does not answer as it should', () => {
  test('is a failed read and a write of unknown fate, which say why', async () => {
    const cases: [RequestListener, RegExp][] = [
      [(_, reply) => reply.end('<html>'), /no JSON/],
      [(_, reply) => reply.end('{"kvs":[{"value":7}]}'), /not a reply of etcd: kvs.0.value/],
      [(_, reply) => reply.end('x'.repeat(100_000)), /longer than 65536 bytes/],
      [(request) => request.socket.destroy(), /127.0.0.1/],
      [
        (_, reply) => reply.writeHead(503).end('{"error":"e","code":14,"message":"etcdserver: no leader"}'),
        /no leader/,
      ],
    ];
    for (const [answer, why] of cases) {
      const store = storeAt([await stranger(answer)]);
      await expect(store.read()).rejects.toThrow(why);
      const outcome = await store.write(leaseRow(), undefined);
      expect(outcome).toMatchObject({ kind: 'unknown', error: expect.stringMatching(why) });
    }
  });

  test('silence ends with the timeout', async () => {
    const store = storeAt([await stranger(() => {})], 50);
    await expect(store.read()).rejects.toThrow(/no answer within 50 ms/);
  });

  test('a write that may have been executed is not made again at the next member', async () => {
    let asked = 0;
    const range = '{"header":{"revision":"1"}}';
    const hangsUp = await stranger((request, reply) => {
      if (request.url === '/v3/kv/range') reply.end(range);
      else request.socket.destroy();
    });
    const other = await stranger((request, reply) => {
      asked += 1;
      reply.end(request.url === '/v3/kv/range' ? range : '{"header":{"revision":"2"},"succeeded":true}');
    });
    const store = storeAt([hangsUp, other]);
    expect(await store.read()).toBeUndefined();
    expect((await store.write(leaseRow(), undefined)).kind).toBe('unknown');
    expect(asked).toBe(0);
    // The next call does go there.
    expect(await store.read()).toBeUndefined();
    expect(asked).toBe(1);
    // One that certainly was not executed is.
    const refused = storeAt([REFUSED, other]);
    expect(await refused.write(leaseRow(), undefined)).toEqual({ kind: 'stored' });
  });

  test('any bytes are a value or one typed error', () => {
    const reply = fc.oneof(
      fc.string(),
      fc.json(),
      fc
        .record({
          kvs: fc.oneof(fc.array(fc.object()), fc.string()),
          header: fc.oneof(fc.object(), fc.record({ revision: fc.string() })),
          succeeded: fc.oneof(fc.boolean(), fc.string()),
          code: fc.oneof(fc.integer(), fc.string()),
          token: fc.oneof(fc.string(), fc.integer()),
        })
        .map((value) => JSON.stringify(value)),
    );
    fc.assert(
      fc.property(reply, (text) => {
        for (const decode of [decodeRange, decodeTxn, decodeFailure, decodeToken]) {
          try {
            decode(text);
          } catch (error) {
            expect(error).toBeInstanceOf(EtcdReplyError);
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});

const suite = findEtcd() === undefined ? describe.skip : describe;
suite('a real etcd (needs etcd-server)', () => {
  test('is found behind a member that is down, and logs in again when its token is void', async () => {
    const etcd = await startEtcd();
    try {
      const post = async (path: string, body: object, authorization = '') => {
        const reply = await fetch(`${etcd.endpoint}${path}`, {
          method: 'POST',
          ...(authorization !== '' && { headers: { authorization } }),
          body: JSON.stringify(body),
        });
        expect(reply.status).toBe(200);
        return (await reply.json()) as { token?: string };
      };
      const open = storeAt([REFUSED, etcd.endpoint]);
      expect(await open.write(leaseRow(), undefined)).toEqual({ kind: 'stored' });

      await post('/v3/auth/user/add', { name: 'root', password: 'first' });
      await post('/v3/auth/user/grant', { user: 'root', role: 'root' });
      await post('/v3/auth/enable', {});
      await expect(open.read()).rejects.toThrow(/user name is empty/);
      const wrong = storeAt([etcd.endpoint], 5_000, { credentials: { user: 'root', password: 'no' } });
      await expect(wrong.read()).rejects.toThrow(/not logged in/);

      const credentials = { user: 'root', password: 'first' };
      const store = storeAt([etcd.endpoint], 5_000, { credentials });
      expect((await store.read())?.version).toBe(1);
      expect(await store.write(leaseRow({ version: 2 }), 1)).toEqual({ kind: 'stored' });

      // A new password voids the tokens that are out, this store's too.
      const { token } = await post('/v3/auth/authenticate', { name: 'root', password: 'first' });
      await post('/v3/auth/user/changepw', { name: 'root', password: 'first' }, token);
      expect(await store.write(leaseRow({ version: 3 }), 2)).toEqual({ kind: 'stored' });
      expect((await store.read())?.version).toBe(3);
    } finally {
      await etcd.stop();
    }
  }, 60_000);
});
