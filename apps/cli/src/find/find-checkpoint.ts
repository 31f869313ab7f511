import type { PatchStoreClient } from '#client';
import type { CheckpointDetail, TaskSummary } from '#contracts';
import { CliError } from '../errors/cli-error.js';
import { EXIT_CODES } from '../errors/exit-codes.js';
import { shortId } from '../output/format.js';
import { findReferenced } from './find-referenced.js';

/**
 * The checkpoint that `TASK@N` names; for `TASK` alone the newest.
 *
 * @throws CliError as {@link findReferenced}; `CHECKPOINT_NOT_FOUND`
 */
export async function findCheckpoint(
  client: PatchStoreClient,
  reference: string,
): Promise<{ task: TaskSummary; checkpoint: CheckpointDetail }> {
  const { task, checkpointNumber } = await findReferenced(client, reference);
  if (checkpointNumber !== undefined) {
    return { task, checkpoint: await client.checkpoint(task.id, checkpointNumber) };
  }
  const [newest] = await client.checkpoints(task.id);
  if (newest !== undefined) return { task, checkpoint: await client.checkpoint(task.id, newest.number) };
  throw noCheckpoint(task);
}

export function noCheckpoint(task: TaskSummary): CliError {
  return new CliError(`Task ${shortId(task.id)} has no checkpoint yet.`, {
    code: 'CHECKPOINT_NOT_FOUND',
    nextStep: `Take one with \`patchpoint checkpoint ${shortId(task.id)}\`.`,
    exitCode: EXIT_CODES.notFound,
  });
}
