import { describe, expect, it } from '@jest/globals';
import type { CheckpointStored } from '#contracts';
import { judgeWatch, lastCaptureOf, type WatchOutcome } from './judge-watch.js';

const places = { logFile: '/state/watcher.log', stateDir: '/state/agent' };
const newest = { checkpointNumber: 7, hasPatch: true } as CheckpointStored;
const fine: WatchOutcome = {
  failure: undefined,
  isCutOff: false,
  captureFailure: undefined,
  unconfirmedCount: 0,
  newest,
};
const withoutPatch = { ...newest, hasPatch: false } as CheckpointStored;

describe('the end of a watch', () => {
  it.each<[string, Partial<WatchOutcome>, string, string | undefined, number, RegExp]>([
    ['nothing at all when it is stored', {}, 'stored', undefined, 0, /^$/],
    [
      'a last capture that failed',
      { captureFailure: 'GIT_FAILED: why' },
      'failed',
      'CAPTURE_FAILED',
      1,
      /why/,
    ],
    [
      'a last capture that failed before what waits',
      { captureFailure: 'why', unconfirmedCount: 2, failure: 'x' },
      'failed',
      'CAPTURE_FAILED',
      1,
      /2 checkpoints wait/,
    ],
    [
      'a person who did not wait',
      { isCutOff: true },
      'cut-off',
      'INTERRUPTED',
      130,
      /may be in no checkpoint/,
    ],
    ['what is not stored in time', { unconfirmedCount: 1 }, 'waiting', 'NOT_STORED', 5, /\/state\/agent/],
    ['another reason', { failure: 'is gone' }, 'none', 'WATCH_ENDED', 1, /is gone/],
    ['nothing stored', { newest: undefined }, 'none', 'NOT_STORED', 1, /Nothing was stored/],
    ['nothing to restore', { newest: withoutPatch }, 'stored', 'NOT_RESTORABLE', 1, /@7/],
  ])('is told by %s', (_, fields, lastCapture, code, exitCode, words) => {
    const outcome = { ...fine, ...fields };
    expect(lastCaptureOf(outcome)).toBe(lastCapture);
    const error = judgeWatch(outcome, places);
    expect(error?.code).toBe(code);
    expect(error?.exitCode ?? 0).toBe(exitCode);
    expect(error?.message ?? '').toMatch(words);
    expect(error === undefined || error.nextStep !== undefined || code === 'WATCH_ENDED').toBe(true);
  });
});
