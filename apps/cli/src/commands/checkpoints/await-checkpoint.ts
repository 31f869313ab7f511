import type { EventFeed } from '#client';
import { CliError } from '../../errors/cli-error.js';

const PATIENCE_SECONDS = 120;

/** The events that answer, with the fields that are read here. */
interface Answer {
  kind?: string;
  message?: string;
  checkpointNumber?: number;
  error?: string;
  code?: string;
  reason?: string;
}

/** What is waited for. */
export interface Awaited {
  /** Which answers are meant: the checkpoint that somebody asked for, or that an undo went back to. */
  isAnswer: (answer: { kind?: string; message?: string }) => boolean;
  /** What is said, before the reason, of one that failed. */
  failure: string;
}

/**
 * The number of the checkpoint that was asked for, from the task's events.
 *
 * @throws CliError when it fails (`CHECKPOINT_FAILED`), is rejected, or nothing answers in time
 */
export async function awaitCheckpoint(
  feed: EventFeed,
  { isAnswer, failure }: Awaited,
  signal: AbortSignal,
): Promise<number> {
  for await (const { event, data } of feed) {
    const answer = JSON.parse(data) as Answer;
    if (event === 'checkpoint-rejected') {
      throw new CliError(`The checkpoint was rejected: ${answer.reason}`, { code: answer.code ?? 'FAILED' });
    }
    if (!isAnswer(answer)) continue;
    if (event === 'checkpoint-stored') return answer.checkpointNumber!;
    if (event === 'checkpoint-failed') {
      throw new CliError(`${failure}: ${answer.error}`, { code: 'CHECKPOINT_FAILED' });
    }
  }
  throw new CliError(signal.reason instanceof CliError ? signal.reason.message : 'Interrupted.', {
    code: 'NO_ANSWER',
    nextStep: 'It may still come: see `patchpoint log TASK`.',
  });
}

/** Stops waiting for a daemon that does not answer. */
export function patience(): AbortSignal {
  const controller = new AbortController();
  setTimeout(() => {
    controller.abort(
      new CliError(`The daemon did not answer within ${PATIENCE_SECONDS} s.`, { code: 'NO_ANSWER' }),
    );
  }, PATIENCE_SECONDS * 1000).unref();
  return controller.signal;
}
