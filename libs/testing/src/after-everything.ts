import { afterAll } from '@jest/globals';

let outstanding = 0;
let last: (() => Promise<void>) | undefined;

/**
 * Registers a hook that runs after every `afterAll` that the spec file itself declares at its top level, in
 * which it closes what it opened. Jest runs such hooks in the order of their declaration (30.5), and a
 * microtask runs when the file has been evaluated: ours is declared last.
 *
 * Call it while the spec file is evaluated, not inside a hook or a test.
 */
export function afterEverything(hook: () => Promise<void>, timeoutMs?: number): void {
  outstanding += 1;
  queueMicrotask(() => afterAll(() => runThenMaybeLast(hook), timeoutMs));
}

/**
 * The one hook that runs when all others are done, in whatever order they were declared: modules that a spec
 * file imports may be evaluated a microtask or more before it. Each spec file has its own, since Jest loads
 * this module again for each.
 */
export function atTheVeryEnd(hook: () => Promise<void>): void {
  last = hook;
  afterEverything(async () => {}); // so that it also runs if there is no other hook
}

async function runThenMaybeLast(hook: () => Promise<void>): Promise<void> {
  try {
    await hook();
  } finally {
    outstanding -= 1;
    if (outstanding === 0) await last?.();
  }
}
