import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { WatchMessage } from '#contracts';
import { WatchFeed } from './watch-feed.js';

describe('WatchFeed', () => {
  let warnings: string[];
  let feed: WatchFeed;
  const captured = (unconfirmedCount: number): WatchMessage => ({
    type: 'checkpoint-captured',
    unconfirmedCount,
  });

  beforeEach(() => {
    jest.useFakeTimers();
    warnings = [];
    feed = new WatchFeed({
      stored: () => undefined,
      kept: () => undefined,
      warn: (text) => warnings.push(text),
    });
  });
  afterEach(() => {
    feed.close();
    jest.useRealTimers();
  });

  it('warns once when nothing is confirmed for a while', () => {
    feed.hear(captured(1));
    jest.advanceTimersByTime(10_000);
    feed.hear(captured(2));
    expect(warnings).toEqual([]);
    jest.advanceTimersByTime(60_000);
    expect(warnings).toEqual([expect.stringContaining('2 checkpoints are not stored yet')]);
  });

  it('does not warn while confirmations come', () => {
    for (let i = 0; i < 10; i += 1) {
      feed.hear(captured(2));
      jest.advanceTimersByTime(10_000);
      feed.hear(captured(1));
    }
    feed.hear(captured(0));
    jest.advanceTimersByTime(60_000);
    expect(warnings).toEqual([]);
  });

  it('passes over what is not about the worktree', () => {
    feed.hear({ type: 'listening', url: 'http://127.0.0.1' } as never);
    expect(feed.unconfirmedCount).toBe(0);
  });
});
