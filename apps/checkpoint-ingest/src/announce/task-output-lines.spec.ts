import { describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import { aBundle, aCheckpoint, bundleFields } from '../../testing/fixtures.js';
import { storedLine } from './task-output-lines.js';

describe('storedLine', () => {
  const taskId = uuidv7();

  it('tells number, message and size of the change', () => {
    expect(storedLine(aCheckpoint({ taskId, message: 'first line\nsecond' }), 3)).toBe(
      '✓ Checkpoint #3: first line (2 files, +10 -4)\n',
    );
  });

  it('says so when the checkpoint cannot be restored', () => {
    const event = aCheckpoint({ taskId, filesChanged: 1, patchAbsentReason: 'too-large' }, null);
    expect(storedLine(event, 1)).toMatch(
      /\(1 file, .*\) – not restorable: the patch is over the size limit\n$/,
    );
    expect(storedLine(aCheckpoint({ taskId, patchAbsentReason: 'disabled' }, null), 1)).toMatch(
      / – not restorable: patches are switched off\n$/,
    );
  });

  it('says nothing of it when a bundle stands in for a patch that is too large', () => {
    const bundled = { ...bundleFields(aBundle()), patchAbsentReason: 'too-large' as const };
    expect(storedLine(aCheckpoint({ taskId, ...bundled }, null), 1)).not.toContain('restorable');
  });
});
