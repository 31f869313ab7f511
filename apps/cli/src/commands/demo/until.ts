import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Repeats `ask` until the answer is neither false nor undefined.
 *
 * @throws Error naming what was waited for if it does not come in time; what `ask` throws
 */
export async function until<T>(
  timeoutSeconds: number,
  what: string,
  ask: () => T | undefined | false | Promise<T | undefined | false>,
): Promise<T> {
  const deadline = Date.now() + timeoutSeconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() > deadline) throw new Error(`Gave up after waiting ${timeoutSeconds} s until ${what}.`);
    await sleep(50);
  }
}
