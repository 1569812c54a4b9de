import { describe, expect, it } from '@jest/globals';
import { RoleTurns } from '../../src/wiring/role-turns.js';

describe('RoleTurns', () => {
  it('gives a role what it waits for, and drops what has no meaning for it', async () => {
    const turns = new RoleTurns();
    turns.push({ kind: 'fenced', why: 'of an earlier term' });
    const next = turns.next('lead', 'end');
    turns.push({ kind: 'kept' });
    turns.push({ kind: 'lead', epoch: 7 });
    expect(await next).toEqual({ kind: 'lead', epoch: 7 });
  });

  it('never forgets that the process ends, not even for a role that asks for something else', async () => {
    const turns = new RoleTurns();
    turns.push({ kind: 'end' });
    turns.push({ kind: 'kept' });
    expect(await turns.next('hand-over', 'kept')).toEqual({ kind: 'kept' });
    expect(await turns.next('lead', 'end')).toEqual({ kind: 'end' });
    expect(await turns.next('end')).toEqual({ kind: 'end' });
  });
});
