import type { WatchMessage, WatchProgress } from '#contracts';
import { size } from '../../output/format.js';
import type { Steps } from '../../output/steps.js';

/** Shows how far a capture has come, as the watcher tells it; other messages are not for it. */
export function showProgress(message: WatchMessage, steps: Steps): void {
  if (message.type !== 'capturing') return;
  steps.progress(message.progress === null ? undefined : progressText(message.progress));
}

/** Pure: `capturing: 41,230 files looked at, 18,000 of 40,000 hashed (12 MiB) …` */
export function progressText({ filesSeen, filesToHash, filesHashed, bytesHashed }: WatchProgress): string {
  const seen = `capturing: ${grouped(filesSeen)} ${filesSeen === 1 ? 'file' : 'files'} looked at`;
  if (filesToHash === null) return `${seen} …`;
  return `${seen}, ${grouped(filesHashed)} of ${grouped(filesToHash)} hashed (${size(bytesHashed)}) …`;
}

function grouped(count: number): string {
  return count.toLocaleString('en-US');
}
