import type { TaskCheckpoint } from '../../entities/index.js';
import { queryRows, type Queryable } from '../sql/query-rows.js';
import { valuesList } from '../sql/values-list.js';

/**
 * A checkpoint without the time that the database adds. Its patch and bundle, if any, are inserted in the
 * same transaction.
 */
export type NewCheckpoint = Omit<TaskCheckpoint, 'createdAt'>;

/**
 * Inserts checkpoints. The caller holds the locks of their tasks and has taken the numbers from their
 * counters.
 *
 * @returns when they were stored, by the database's clock: the same time for all in one transaction
 */
export async function insertCheckpoints(db: Queryable, checkpoints: readonly NewCheckpoint[]): Promise<Date> {
  const { values, parameters } = valuesList(checkpoints, (checkpoint, parameter) => [
    parameter(checkpoint.id),
    parameter(checkpoint.taskId),
    parameter(checkpoint.eventId),
    parameter(Buffer.from(checkpoint.contentSha256, 'hex')),
    parameter(checkpoint.daemonId),
    parameter(checkpoint.attempt),
    parameter(checkpoint.sequence),
    parameter(checkpoint.number),
    parameter(checkpoint.kind),
    parameter(checkpoint.message),
    parameter(checkpoint.commitSha),
    parameter(checkpoint.branchName),
    parameter(checkpoint.treeSha),
    parameter(checkpoint.modes && JSON.stringify(checkpoint.modes)),
    parameter(checkpoint.baseReachable),
    parameter(checkpoint.filesChanged),
    parameter(checkpoint.linesAdded),
    parameter(checkpoint.linesRemoved),
    parameter(JSON.stringify(checkpoint.omissions)),
    parameter(checkpoint.omissionsCount),
    parameter(JSON.stringify(checkpoint.secrets)),
    parameter(checkpoint.patchId),
    parameter(checkpoint.bundleId),
    parameter(checkpoint.patchAbsentReason),
    parameter(checkpoint.conversation && JSON.stringify(checkpoint.conversation)),
    parameter(checkpoint.superseded),
    parameter(checkpoint.capturedAt),
  ]);
  const [row] = await queryRows<{ createdAt: Date }>(
    db,
    `INSERT INTO task_checkpoints (
       id, task_id, event_id, content_sha256, daemon_id, attempt, sequence, number, kind, message,
       commit_sha, branch_name, tree_sha, modes, base_reachable, files_changed, lines_added,
       lines_removed, omissions, omissions_count, secrets, patch_id, bundle_id, patch_absent_reason, conversation,
       superseded, captured_at)
     VALUES ${values}
     RETURNING created_at AS "createdAt"`,
    parameters,
  );
  return row!.createdAt;
}
