import { describe, expect, it } from '@jest/globals';
import { progressText } from './capture-progress.js';

describe('the progress of a capture', () => {
  it.each([
    [{ filesSeen: 0, filesToHash: null, filesHashed: 0, bytesHashed: 0 }, 'capturing: 0 files looked at …'],
    [
      { filesSeen: 1, filesToHash: 1, filesHashed: 0, bytesHashed: 0 },
      'capturing: 1 file looked at, 0 of 1 hashed (0 B) …',
    ],
    [
      { filesSeen: 160_000, filesToHash: 150_000, filesHashed: 1234, bytesHashed: 3500 },
      'capturing: 160,000 files looked at, 1,234 of 150,000 hashed (3.4 KiB) …',
    ],
  ])('is one line: %j', (progress, text) => expect(progressText(progress)).toBe(text));
});
