import { PatchStoreError, PatchStoreUnreachable } from '#client';
import { GitError } from '#git';
import { CliError } from '../errors/cli-error.js';
import { EXIT_CODES, exitCodeOf, type ExitCode } from '../errors/exit-codes.js';

const NEXT_STEPS: Readonly<Record<string, string>> = {
  TASK_NOT_FOUND: 'See `patchpoint tasks`.',
  CHECKPOINT_NOT_FOUND: 'See `patchpoint log TASK`.',
  CONVERSATION_NOT_FOUND: 'See `patchpoint log TASK` for the checkpoints of the task.',
  PATCH_NOT_FOUND: 'See `patchpoint log TASK` for a checkpoint that has a patch.',
  PATCH_EXPIRED: 'See `patchpoint log TASK` for a checkpoint that still has a patch.',
  TOKEN_NOT_FOUND: 'See `patchpoint token list`.',
  SCOPE_MISSING:
    'Set PATCHPOINT_API_TOKEN to a token with that scope. Who has the scope admin makes one with `patchpoint token create`.',
  CONFINED: 'Name that pool with --pool, or use a token that is not confined to it.',
  TASK_ALREADY_RUNNING: 'Stop it first, or take it over with --force.',
  BASE_MISSING: 'Push that commit to the source again, or restore an older checkpoint (TASK@N).',
  GIT_AUTH_FAILED:
    "Log in to the source: for https through git's credential helper, for ssh with a key in your agent.",
};

/** Pure: any error as one sentence, its next step and the exit code. */
export function explain(error: unknown): CliError {
  if (error instanceof CliError) return error;
  if (error instanceof PatchStoreUnreachable) {
    return new CliError(error.message, {
      code: 'NO_SERVER',
      nextStep: error.isCut()
        ? 'It may have been executed: check with `patchpoint status` before you try again.'
        : 'Is it running? Start one here with `patchpoint up`, or specify yours with --server or PATCHPOINT_SERVER.',
      exitCode: EXIT_CODES.noServer,
    });
  }
  if (error instanceof PatchStoreError) return explainRefusal(error);
  if (error instanceof GitError) {
    const { code, message, nextStep } = error;
    const ownStep = NEXT_STEPS[code];
    return new CliError(ownStep === undefined ? message : message.replace(nextStep, '').trim(), {
      code,
      nextStep: ownStep,
    });
  }
  if (error instanceof Error) return new CliError(error.message, { code: 'FAILED', cause: error.cause });
  return new CliError(String(error), { code: 'FAILED' });
}

function explainRefusal({ status, code, message, refusedToken }: PatchStoreError): CliError {
  if (status === 401 || (status === 403 && code === undefined)) {
    const { isGiven = false, from = 'PATCHPOINT_API_TOKEN' } = refusedToken ?? {};
    return new CliError(
      isGiven
        ? `The server refuses the token (${from}): ${message}`
        : `The server asks for a token, and there is none (${from}): ${message}`,
      {
        code: code ?? 'UNAUTHORIZED',
        nextStep:
          'Set PATCHPOINT_API_TOKEN to the one that the server was started with. ' +
          'A `patchpoint up` keeps it in credentials/api-token of its data folder.',
        exitCode: EXIT_CODES.noServer,
      },
    );
  }
  return new CliError(message, {
    code: code ?? `HTTP_${status}`,
    nextStep: code === undefined ? undefined : NEXT_STEPS[code],
    exitCode: exitCodeOfRefusal(status, code),
  });
}

function exitCodeOfRefusal(status: number, code: string | undefined): ExitCode {
  if (code !== undefined && exitCodeOf(code) !== EXIT_CODES.failed) return exitCodeOf(code);
  if (status === 503) return EXIT_CODES.noServer;
  return status === 400 ? EXIT_CODES.usage : EXIT_CODES.failed;
}
