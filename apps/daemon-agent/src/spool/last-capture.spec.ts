import { describe, expect, it } from '@jest/globals';
import type { TaskRecord } from '../state/task-record.js';
import { afterRejected, afterStored, reliableCapture } from './last-capture.js';

const last = { eventId: 'e1', treeSha: 'a'.repeat(40), headSha: null, baseSha: 'b'.repeat(40) };
const record = (lastCapture: TaskRecord['lastCapture']): TaskRecord => ({
  spawn: {} as TaskRecord['spawn'],
  phase: 'running',
  sequence: 1,
  lastCapture,
});

describe('the capture that decides whether anything changed', () => {
  it.each([
    ['is one that waits in the spool', last, ['e1'], true],
    ['is one that is stored', { ...last, settled: true }, [], true],
    ['is not one that was lost with the spool or is in quarantine', last, ['e2'], false],
    ['is none if there was no capture', undefined, ['e1'], false],
  ])('%s', (_, capture, spooled, counts) => {
    const reliable = reliableCapture(record(capture), (eventId) => (spooled as string[]).includes(eventId));
    expect(reliable).toEqual(counts ? capture : undefined);
  });

  it('is none after its bytes were damaged in transit, so that the worktree is captured again', () => {
    expect(afterRejected(last, 'DIGEST_MISMATCH', undefined)).toEqual({
      lastCapture: undefined,
      recapturedTreeSha: last.treeSha,
    });
  });

  it.each([
    ['the same tree was captured again before', 'DIGEST_MISMATCH', last.treeSha],
    ['another capture would be refused as well', 'TASK_NOT_FOUND', undefined],
  ] as const)('counts when it was refused and %s', (_, code, recapturedTreeSha) => {
    expect(afterRejected(last, code, recapturedTreeSha)).toEqual({ lastCapture: { ...last, settled: true } });
  });

  it('stays the same once it is stored', () => {
    expect(afterStored(last).lastCapture).toEqual({ ...last, settled: true });
  });
});
