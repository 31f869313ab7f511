import type { ExitCode } from '../errors/exit-codes.js';
import { explain } from './explain.js';
import { harmless, harmlessJson } from '#contracts/text';
import { paintFor } from '../output/paint.js';

/**
 * Reports why a command failed, on stderr: what happened and the next step for a person, an object for a
 * program; never a stack trace.
 *
 * @returns how the process must end
 */
export function reportFailure(error: unknown, { json }: { json: boolean }): ExitCode {
  const failure = explain(error);
  if (json) {
    const { code, message, nextStep = null, nextCommand = null } = failure;
    console.error(harmlessJson(JSON.stringify({ error: { code, message, nextStep, nextCommand } })));
  } else {
    const paint = paintFor(process.stderr);
    console.error(`${paint('red', 'patchpoint:')} ${harmless(failure.message)}`);
    if (failure.nextStep !== undefined) console.error(harmless(failure.nextStep));
    const { cause } = failure;
    if (cause instanceof Error && cause.message !== '' && !failure.message.includes(cause.message))
      console.error(`  caused by: ${harmless(cause.message)}`);
  }
  return failure.exitCode;
}
