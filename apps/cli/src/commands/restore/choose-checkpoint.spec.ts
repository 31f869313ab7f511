import { describe, expect, it } from '@jest/globals';
import { chooseCheckpoint, nextOlder } from './choose-checkpoint.js';

const checkpoint = (number: number, fields: object = {}) => ({
  number,
  attempt: 1,
  sequence: number,
  superseded: false,
  patchId: `patch ${number}` as string | null,
  bundleId: null,
  patchAbsentReason: null,
  createdAt: `2030-01-01T00:0${number}:00.000Z`,
  ...fields,
});

describe('the checkpoint that is restored', () => {
  it('is the newest by attempt and sequence, not by number', () => {
    const late = checkpoint(3, { attempt: 1, superseded: false });
    const newest = checkpoint(2, { attempt: 2, sequence: 1 });
    expect(chooseCheckpoint([late, newest, checkpoint(1)], {}).checkpoint).toBe(newest);
  });

  it('is never a superseded one, unless it is named', () => {
    const all = [checkpoint(2, { superseded: true }), checkpoint(1)];
    expect(chooseCheckpoint(all, {}).checkpoint.number).toBe(1);
    expect(chooseCheckpoint(all, { number: 2 }).checkpoint.number).toBe(2);
  });

  it('passes over those without a patch, and tells which', () => {
    const all = [checkpoint(3, { patchId: null }), checkpoint(2, { patchId: null }), checkpoint(1)];
    const { checkpoint: chosen, passedOver } = chooseCheckpoint(all, {});
    expect([chosen.number, passedOver.map(({ number }) => number)]).toEqual([1, [3, 2]]);
  });

  it('is the newest that was stored by a time', () => {
    const all = [checkpoint(3), checkpoint(2), checkpoint(1)];
    expect(chooseCheckpoint(all, { at: new Date('2030-01-01T00:02:00.000Z') }).checkpoint.number).toBe(2);
    expect(() => chooseCheckpoint(all, { at: new Date('2029-01-01') })).toThrow(/had no checkpoint at/);
  });

  it('is refused with the reason when there is nothing to restore from', () => {
    const gone = [checkpoint(1, { patchId: null })];
    expect(() => chooseCheckpoint(gone, {})).toThrow(
      expect.objectContaining({ code: 'PATCH_EXPIRED', exitCode: 3 }),
    );
    const never = [checkpoint(1, { patchId: null, patchAbsentReason: 'too-large' })];
    expect(() => chooseCheckpoint(never, { number: 1 })).toThrow(/too-large/);
    expect(() => chooseCheckpoint([], {})).toThrow(expect.objectContaining({ code: 'CHECKPOINT_NOT_FOUND' }));
  });
});

describe('the checkpoint that is offered when one cannot be restored', () => {
  it('is the newest older one with content, whatever its number', () => {
    const failed = checkpoint(2, { attempt: 2, sequence: 4 });
    const late = checkpoint(9, { attempt: 1, sequence: 9 });
    const all = [
      failed,
      late,
      checkpoint(8, { attempt: 2, sequence: 5 }),
      checkpoint(7, { attempt: 2, sequence: 3, patchId: null }),
      checkpoint(6, { attempt: 2, sequence: 2, superseded: true }),
    ];
    expect(nextOlder(all, failed)).toBe(late);
    expect(nextOlder([failed], failed)).toBeUndefined();
  });
});
