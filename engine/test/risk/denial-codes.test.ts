import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { DenialReason } from '../../src/domain/index.js';
import { DENIAL_CODES, renderDenialCodes } from '../../src/risk/index.js';

const page = new URL('../../../docs/denial-codes.md', import.meta.url);

describe('docs/denial-codes.md', () => {
  it('is the table in the code', () => {
    if (process.env.TRADEWIND_WRITE_DOCS === '1') writeFileSync(page, renderDenialCodes());
    expect(readFileSync(page, 'utf8')).toBe(renderDenialCodes());
  });

  it('has a meaning and an action for every code, and the codes are dense', () => {
    expect(Object.keys(DENIAL_CODES).sort()).toEqual(Object.keys(DenialReason).sort());
    expect(Object.values(DenialReason)).toEqual(Object.values(DenialReason).map((_, i) => i));
    for (const { meaning, action } of Object.values(DENIAL_CODES)) {
      expect(meaning).toMatch(/^[A-Z].*\.$/);
      expect(action).toMatch(/^[A-Z].*\.$/);
    }
  });
});
