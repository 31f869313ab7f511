import { describe, expect, it } from '@jest/globals';
import type { CaptureFailure } from '../state/task-record.js';
import { captureHealth } from './capture-health.js';

const full = Object.assign(new Error('no space\nleft'), { code: 'DISK_FULL' });

/** What is known after these captures, one a minute from 12:00 on. */
function after(...captures: ('spooled' | 'unchanged' | Error)[]): CaptureFailure | undefined {
  return captures.reduce<CaptureFailure | undefined>(
    (known, newest, minute) => captureHealth(known, newest, new Date(Date.UTC(2030, 0, 31, 12, minute))),
    undefined,
  );
}

describe('captureHealth', () => {
  it('has nothing to say of captures that work', () => {
    expect(after('unchanged', 'spooled', 'unchanged')).toBeUndefined();
  });

  it('keeps when failures began, and the reason of the newest', () => {
    expect(after('spooled', full, new Error('git is gone'))).toMatchObject({
      since: '2030-01-31T12:01:00.000Z',
      reason: 'git is gone',
    });
  });

  it('names the code of a failure once, in one line', () => {
    expect(after(full)?.reason).toBe('DISK_FULL: no space left');
    expect(after(Object.assign(new Error('DISK_FULL: full'), { code: 'DISK_FULL' }))?.reason).toBe(
      'DISK_FULL: full',
    );
    expect(after(new Error('x'.repeat(9000)))?.reason).toHaveLength(500);
    expect(after(new Error(' '))?.reason).toBe('unknown');
  });

  it('ends with a capture that is kept', () => {
    expect(after(full, 'spooled')).toBeUndefined();
  });

  it('ends with two unchanged worktrees in a row, not with one between failures', () => {
    expect(after(full, 'unchanged')).toBeDefined();
    expect(after(full, 'unchanged', full, 'unchanged')).toMatchObject({ since: '2030-01-31T12:00:00.000Z' });
    expect(after(full, 'unchanged', 'unchanged')).toBeUndefined();
  });
});
