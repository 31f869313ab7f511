const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** A terminal and npm may both send one for the same Ctrl-C. */
const SAME_KEY_MILLISECONDS = 500;

export interface StopReason {
  message: string;
  isFailure: false;
}

/** Signals that ask this process to stop, from now on. */
export interface StopSignals {
  /** Stop in good order. */
  first: Promise<StopReason>;
  /** The person presses Ctrl-C again: stop now. */
  again: Promise<StopReason>;
}

/** Listens for them; nothing else ends the process by them any more. */
export function stopSignalsFromNow(): StopSignals {
  let firstAt: number | undefined;
  let stopFirst!: (reason: StopReason) => void;
  let stopAgain!: (reason: StopReason) => void;
  const first = new Promise<StopReason>((resolve) => (stopFirst = resolve));
  const again = new Promise<StopReason>((resolve) => (stopAgain = resolve));
  for (const signal of stopSignals) {
    process.on(signal, () => {
      const reason: StopReason = { message: `Received ${signal}.`, isFailure: false };
      firstAt ??= Date.now();
      if (Date.now() - firstAt < SAME_KEY_MILLISECONDS) stopFirst(reason);
      else stopAgain(reason);
    });
  }
  return { first, again };
}

/**
 * Resolves at the first signal that asks us to stop. Later ones change nothing: stopping takes its time, but
 * not forever.
 */
export function nextStopSignal(): Promise<StopReason> {
  return stopSignalsFromNow().first;
}

/** The same as an AbortSignal: for commands that only watch, and end successfully when they are stopped. */
export function signalOfStop(): AbortSignal {
  const controller = new AbortController();
  for (const signal of stopSignals) process.once(signal, () => controller.abort());
  return controller.signal;
}
