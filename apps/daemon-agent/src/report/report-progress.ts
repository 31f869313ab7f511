import type { WatchProgress } from '#contracts';
import type { Notify } from './notify-parent.js';

/** Told how far a capture has come, for each of its files; null when it is over. */
export type OnProgress = (progress: WatchProgress | null) => void;

const PAUSE_MILLISECONDS = 200;

/** Passes on the progress of captures, a few times per second: the newest always arrives in the end. */
export function reportProgress(notify: Notify): OnProgress {
  let newest: WatchProgress | null | undefined;
  let pause: NodeJS.Timeout | undefined;
  const send = (): void => {
    pause = undefined;
    if (newest === undefined) return;
    notify({ type: 'capturing', progress: newest });
    newest = undefined;
    pause = setTimeout(send, PAUSE_MILLISECONDS).unref();
  };
  return (progress) => {
    newest = progress;
    if (progress === null) {
      clearTimeout(pause);
      send();
    } else if (pause === undefined) send();
  };
}
