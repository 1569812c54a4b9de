import { describe, expect, it } from '@jest/globals';
import { JournalState } from '../../src/domain/index.js';
import { LeadingTerm } from '../../src/wiring/leading-term.js';
import { SessionError } from '../../src/wiring/session-error.js';
import { TakeoverStages } from '../../src/wiring/takeover-stages.js';

/** A term whose session starts when a test says so; `happened` is what it logs and whom it calls. */
function term() {
  const happened: unknown[] = [];
  const log = (msg: string, fields?: object) => void happened.push([msg, fields]);
  const session = { resolve: () => {}, reject: (_: Error) => {} };
  const started = new Promise<void>((resolve, reject) => Object.assign(session, { resolve, reject }));
  const port = { state: JournalState.Ok as JournalState, standbys: 1 };
  const venue = { isCutOff: false };
  const leading = new LeadingTerm({
    epoch: 7,
    session: { start: () => started },
    journal: { port },
    health: { shouldAsk: () => venue.isCutOff },
    stages: new TakeoverStages(() => 0),
    logger: { info: (msg: string) => log(msg), warn: (msg: string) => log(msg), error: log } as never,
    onUp: () => void happened.push('up'),
    onFailed: (error) => void happened.push(error),
    onCutOff: () => void happened.push('cut off'),
    onAiling: (why) => void happened.push(why),
  });
  leading.start();
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  return { leading, session, port, venue, turn, happened };
}

describe('a term of leading', () => {
  it('says that it trades once the session is up', async () => {
    const { session, turn, happened } = term();
    session.resolve();
    await turn();
    expect(happened).toEqual([['trading', undefined], 'up']);
  });

  it('that is over says nothing of a session that ends before it was up', async () => {
    for (const how of ['resolve', 'reject'] as const) {
      const { leading, session, turn, happened } = term();
      leading.end();
      // A session that is stopped while it starts is at its end, without having been up.
      session[how](new Error('stopped'));
      await turn();
      expect(happened).toEqual([]);
    }
  });

  it('says why the session can not be started', async () => {
    const { session, turn, happened } = term();
    const error = new SessionError('venue.symbols: wrong');
    session.reject(error);
    await turn();
    expect(happened).toEqual([['session failed', { why: 'venue.symbols: wrong' }], error]);
  });

  it('asks the other side when it is cut off, and not while it stops', () => {
    const { leading, venue, happened } = term();
    leading.check(0);
    expect(happened).toEqual([]);
    venue.isCutOff = true;
    leading.check(200);
    expect(happened.at(-1)).toBe('cut off');
    happened.length = 0;
    leading.end();
    leading.check(400);
    expect(happened).toEqual([]);
  });

  it('ails when its journal can not be written for 3 s and somebody follows', () => {
    const { leading, port, happened } = term();
    const why = 'its journal can not be written';
    port.state = JournalState.Failed;
    leading.check(0);
    leading.check(2_999);
    port.state = JournalState.Ok;
    leading.check(3_000);
    port.state = JournalState.Failed;
    leading.check(3_200);
    leading.check(6_199);
    expect(happened).toEqual([]);
    leading.check(6_200);
    expect(happened).toEqual([why]);
    port.standbys = 0;
    leading.check(20_000);
    leading.end();
    port.standbys = 1;
    leading.check(30_000);
    leading.check(40_000);
    expect(happened).toEqual([why]);
  });
});
