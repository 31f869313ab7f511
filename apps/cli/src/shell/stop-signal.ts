const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Resolves at the first signal that asks us to stop. Later ones change nothing (a terminal and npm may both
 * send one for the same Ctrl-C): stopping takes its time, but not forever.
 */
export async function nextStopSignal(): Promise<{ message: string; isFailure: false }> {
  return new Promise((resolve) => {
    for (const signal of stopSignals) {
      process.on(signal, () => resolve({ message: `Received ${signal}.`, isFailure: false }));
    }
  });
}

/**
 * The same for what is ended by an AbortSignal: commands that only watch, and end well when they are told to.
 */
export function signalOfStop(): AbortSignal {
  const controller = new AbortController();
  for (const signal of stopSignals) process.once(signal, () => controller.abort());
  return controller.signal;
}
