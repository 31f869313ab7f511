import type { Command } from 'commander';
import type { CheckpointView } from '#contracts';
import { positiveNumber } from '../../shell/option-values.js';
import { openSession, serverCommand, type ServerOptions } from '../../shell/server-command.js';
import { findTask } from '../../find/find-task.js';
import { logView } from './log.view.js';

interface LogOptions extends ServerOptions {
  readonly limit: number;
}

/** `patchpoint log`: a task's checkpoints. */
export function logCommand(): Command {
  return serverCommand('log <task>', ['patchpoint log fix-login', 'patchpoint log 3f2a91c0 --limit 5 --json'])
    .description("show a task's checkpoints as a timeline, newest first")
    .option('--limit <count>', 'at most this many', positiveNumber, 50)
    .action(log);
}

async function log(reference: string, { limit, ...server }: LogOptions): Promise<void> {
  const { client, output } = openSession(server);
  const task = await findTask(client, reference);
  const checkpoints: CheckpointView[] = [];
  for await (const checkpoint of client.allCheckpoints(task.id)) {
    if (checkpoints.push(checkpoint) >= limit) break;
  }
  const sizes = new Map(
    (await client.patches(task.id)).map(({ id, patchSizeBytes }) => [id, patchSizeBytes]),
  );
  const sizeOf = ({ patchId, bundleId }: CheckpointView): number | null => {
    const found = [patchId, bundleId].flatMap((id) => sizes.get(id ?? '') ?? []);
    return found.length === 0 ? null : found.reduce((sum, each) => sum + each);
  };
  const logged = checkpoints.map((checkpoint) =>
    Object.assign(checkpoint, { sizeBytes: sizeOf(checkpoint) }),
  );
  output.show({ task, checkpoints: logged }, logView);
}
