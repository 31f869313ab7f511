import { expect, it } from '@jest/globals';
import { eventually } from '#testing';
import type { WatchNews, WatchProgress } from '#contracts';
import { reportProgress } from './report-progress.js';

const progress = (filesHashed: number): WatchProgress => ({
  filesSeen: 1000,
  filesToHash: 1000,
  filesHashed,
  bytesHashed: 0,
});

it('passes on the first number and the newest, not each, and at once that it is over', async () => {
  const sent: WatchNews[] = [];
  const onProgress = reportProgress((news) => sent.push(news));
  const news = (of: WatchProgress | null): WatchNews => ({ type: 'capturing', progress: of });
  for (let at = 0; at <= 1000; at += 1) onProgress(progress(at));
  expect(sent).toEqual([news(progress(0))]);
  await eventually(() => expect(sent).toEqual([news(progress(0)), news(progress(1000))]));
  onProgress(progress(1000));
  onProgress(null);
  expect(sent.at(-1)).toEqual(news(null));
  const count = sent.length;
  onProgress(progress(7));
  await eventually(() => expect(sent.slice(count)).toEqual([news(progress(7))]));
});
