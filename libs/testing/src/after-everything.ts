import { afterAll } from '@jest/globals';

/**
 * Registers a hook that runs after every `afterAll` that the spec file itself declares at its top level, in
 * which it closes what it opened. Jest runs such hooks in the order of their declaration (30.5), and a
 * microtask runs when the file has been evaluated: ours is declared last.
 *
 * Call it while the spec file is evaluated, not inside a hook or a test.
 */
export function afterEverything(hook: () => Promise<void>, timeoutMs?: number): void {
  queueMicrotask(() => afterAll(hook, timeoutMs));
}
