import { describe, expect, it } from '@jest/globals';
import { lossReason } from './loss-reason.js';

describe('lossReason', () => {
  const newer = {
    number: 5,
    attempt: 1,
    sequence: 5,
    patchAbsentReason: null,
    treeSha: 'a'.repeat(40),
    createdAt: new Date(),
  };

  it('is null if nothing is lost', () => {
    expect(lossReason({ number: 5 }, null)).toBeNull();
    expect(lossReason(null, null)).toBeNull();
  });

  it('names what is restored instead, if anything', () => {
    expect(lossReason(null, newer)).toMatch(
      /5, has no patch \(expired or deleted\). No checkpoint can be restored/,
    );
    expect(lossReason({ number: 3 }, { ...newer, patchAbsentReason: 'disabled' })).toMatch(
      /\(disabled\). Checkpoint 3 is restored instead/,
    );
  });
});
