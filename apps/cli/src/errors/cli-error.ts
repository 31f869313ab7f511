import { EXIT_CODES, type ExitCode } from './exit-codes.js';

/** Why a command failed: one sentence, the next step, and how the process ends. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly nextStep: string | undefined;
  /** The words of a command that may succeed instead; a shell needs them quoted. */
  readonly nextCommand: readonly string[] | undefined;
  readonly exitCode: ExitCode;
  /** For programs, as in `--json`. Those of the server keep their codes. */
  readonly code: string;

  constructor(
    message: string,
    details: {
      code: string;
      nextStep?: string | undefined;
      nextCommand?: readonly string[] | undefined;
      exitCode?: ExitCode;
      cause?: unknown;
    },
  ) {
    super(message, { cause: details.cause });
    this.code = details.code;
    this.nextStep = details.nextStep;
    this.nextCommand = details.nextCommand;
    this.exitCode = details.exitCode ?? EXIT_CODES.failed;
  }
}

/** An invalid flag or argument. */
export function usageError(message: string, nextStep?: string): CliError {
  return new CliError(message, { code: 'USAGE', nextStep, exitCode: EXIT_CODES.usage });
}
