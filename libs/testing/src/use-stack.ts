import { beforeAll } from '@jest/globals';
import { startStack, type Stack, type StackOptions } from '#embedded';
import { afterEverything } from './after-everything.js';

const startTimeoutMs = 120_000;
const stopTimeoutMs = 90_000;

/**
 * The whole of Patchpoint as real processes for the spec file that calls this at its top level; stopped, and
 * its folder deleted, after the file. The returned function gives the stack, from the first `beforeAll` after
 * it on.
 *
 * The apps run compiled: run `npm run build` first (`npm test` does).
 */
export function useStack(options: Omit<StackOptions, 'dataDir'>): () => Stack {
  let stack: Stack | undefined;

  beforeAll(async () => {
    stack = await startStack({ ...options, isOpen: true });
  }, startTimeoutMs);
  afterEverything(async () => {
    await stack?.stop();
  }, stopTimeoutMs);

  return () => {
    if (stack === undefined) throw new Error('useStack() starts it in beforeAll: use it there or later.');
    return stack;
  };
}
