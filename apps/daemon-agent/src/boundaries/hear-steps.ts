import type { CaptureOrder } from '../capture/capture-order.js';
import { decideBoundary, type Boundary } from './decide-boundary.js';
import type { OnStep } from './endpoint.js';

/** What an agent program reports while it runs. */
export interface Steps {
  /** Resolves when the program may go on. */
  hear: OnStep;
  /** No capture begins after this. */
  stop(): void;
}

/**
 * Makes checkpoints at the boundaries of an agent's work. The program goes on at once, unless what it does
 * next destroys what the checkpoint is to hold.
 *
 * @param capture never rejects
 */
export function hearSteps(capture: (order: CaptureOrder) => Promise<void>): Steps {
  let waiting: NodeJS.Timeout | undefined;
  let stopped = false;
  const captureNow = async ({ kind, message }: Boundary): Promise<void> => {
    clearTimeout(waiting);
    waiting = undefined;
    if (!stopped) await capture({ kind, message });
  };
  return {
    hear: async (step) => {
      const boundary = decideBoundary(step);
      if (boundary === undefined) return;
      if (boundary.afterMilliseconds > 0) {
        waiting ??= setTimeout(() => void captureNow(boundary), boundary.afterMilliseconds).unref();
        return;
      }
      const captured = captureNow(boundary);
      if (boundary.isAwaited) await captured;
    },
    stop: () => {
      stopped = true;
      clearTimeout(waiting);
    },
  };
}
