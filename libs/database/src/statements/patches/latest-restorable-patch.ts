import type { Conversation, Modes, Omission, PatchAbsentReason, PatchFormat } from '#contracts';
import { PATCH_COLUMNS, PATCHES_WITH_CHECKPOINTS } from './patch-columns.js';
import type { StoredPatch } from './patch-columns.js';
import { isReadable, NEWEST_LONE_PATCH, newestRestorable } from './restorable.js';
import { queryRows, type Queryable } from '../sql/query-rows.js';

export interface RestorablePatch extends StoredPatch {
  /** Age of the patch by the database's clock. */
  ageSeconds: number;
}

/** What a restore needs of the checkpoint itself. */
export interface RestorableCheckpoint {
  number: number;
  attempt: number;
  message: string;
  /** HEAD when it was captured; null: its branch had no commits. */
  commitSha: string | null;
  /** Null: HEAD was detached. */
  branchName: string | null;
  /** Permissions beside the tree; null: as a checkout makes them. */
  modes: Modes | null;
  omissions: Omission[];
  /** The number of all of them, including those that `omissions` does not list. */
  omissionsCount: number;
  /** Null: it came without one. */
  conversation: Conversation | null;
}

/** A checkpoint that is newer than the restorable one, and cannot be restored itself. */
export interface CheckpointWithoutPatch {
  number: number;
  attempt: number;
  sequence: number;
  /** Null: it had a patch, which expired or was deleted. */
  patchAbsentReason: PatchAbsentReason | null;
  treeSha: string;
  createdAt: Date;
}

export interface LatestRestorable {
  /**
   * The checkpoint that a resume restores. Null: no checkpoint can be restored, and a `patch` belongs to no
   * checkpoint.
   */
  checkpoint: RestorableCheckpoint | null;
  /** The readable diff. Null: the checkpoint has a bundle only, or there is nothing to restore. */
  patch: RestorablePatch | null;
  /** The git bundle, which restores more than the diff. Null: the checkpoint has none. */
  bundle: RestorablePatch | null;
  /**
   * The newest checkpoint, if it has neither: the work since `checkpoint` is recorded but cannot be restored.
   * People must be notified.
   */
  newerWithoutPatch: CheckpointWithoutPatch | null;
}

export interface WantedCheckpoint {
  /** Older than this one, which turned out not to be restorable. */
  beforeNumber?: number | undefined;
  /** This one. */
  onlyNumber?: number | undefined;
  /** With other files than this tree's. */
  otherThanTreeSha?: string | undefined;
}

/**
 * What a resume of the task restores: of its checkpoints that are not superseded, the newest with a diff or a
 * bundle that has not expired. While the task is not finished, those of its newest never expire. A clean
 * worktree also has a patch, an empty one.
 *
 * Patches without a checkpoint come after all others.
 *
 * @param wanted only checkpoints that are as it says
 */
export async function latestRestorablePatch(
  db: Queryable,
  taskId: string,
  wanted: WantedCheckpoint = {},
): Promise<LatestRestorable> {
  let found = await findPatchesOfCheckpoint(db, taskId, wanted);
  if (found.length === 0 && Object.values(wanted).every((value) => value === undefined))
    found = await findLonePatch(db, taskId);
  const checkpoint = found[0]?.checkpoint ?? null;
  const inFormat = (format: PatchFormat) => found.find(({ patch }) => patch.format === format)?.patch ?? null;
  return {
    checkpoint,
    patch: inFormat('git-diff'),
    bundle: inFormat('git-bundle'),
    newerWithoutPatch: await findNewerWithoutPatch(db, taskId, checkpoint),
  };
}

interface FoundPatch {
  patch: RestorablePatch;
  checkpoint: RestorableCheckpoint | null;
}

/** "Older" in the order of NEWEST_FIRST. Nothing is older than a number that the task does not have. */
const WANTED = `($3::int IS NULL OR c.number = $3) AND ($4::text IS NULL OR c.tree_sha <> $4) AND ($2::int IS NULL OR (c.attempt, c.sequence, c.number) < (
  SELECT attempt, sequence, number FROM task_checkpoints WHERE task_id = $1 AND number = $2))`;

/** A column that is rounded to milliseconds can be later than now, in the transaction that wrote it. */
const RESTORABLE_COLUMNS = `${PATCH_COLUMNS},
  greatest(0, floor(extract(epoch FROM now() - p.created_at)))::int AS "ageSeconds"`;

/**
 * What the checkpoint can be restored from. One statement, so that no sweep happens between the two patches.
 */
async function findPatchesOfCheckpoint(
  db: Queryable,
  taskId: string,
  { beforeNumber, onlyNumber, otherThanTreeSha }: WantedCheckpoint,
): Promise<FoundPatch[]> {
  const rows = await queryRows<RestorablePatch & { checkpoint: RestorableCheckpoint }>(
    db,
    `SELECT ${RESTORABLE_COLUMNS}, jsonb_build_object(
              'number', c.number, 'attempt', c.attempt, 'message', c.message, 'commitSha', c.commit_sha,
              'branchName', c.branch_name, 'modes', c.modes, 'omissions', c.omissions,
              'omissionsCount', c.omissions_count, 'conversation', c.conversation
            ) AS checkpoint
       FROM tasks t
      CROSS JOIN LATERAL (${newestRestorable(WANTED)}) restorable
       JOIN task_checkpoints c ON c.id = restorable.id
       JOIN checkpoint_patches p ON p.id IN (c.patch_id, c.bundle_id) AND ${isReadable('p')}
      WHERE t.id = $1`,
    [taskId, beforeNumber ?? null, onlyNumber ?? null, otherThanTreeSha ?? null],
  );
  return rows.map(({ checkpoint, ...patch }) => ({ checkpoint, patch }));
}

async function findLonePatch(db: Queryable, taskId: string): Promise<FoundPatch[]> {
  const rows = await queryRows<RestorablePatch>(
    db,
    `SELECT ${RESTORABLE_COLUMNS}
       FROM tasks t
      CROSS JOIN LATERAL (${NEWEST_LONE_PATCH}) lone
       JOIN ${PATCHES_WITH_CHECKPOINTS} ON p.id = lone.id
      WHERE t.id = $1`,
    [taskId],
  );
  return rows.map((patch) => ({ checkpoint: null, patch }));
}

async function findNewerWithoutPatch(
  db: Queryable,
  taskId: string,
  restorable: RestorableCheckpoint | null,
): Promise<CheckpointWithoutPatch | null> {
  const [newest] = await queryRows<CheckpointWithoutPatch>(
    db,
    `SELECT number, attempt, sequence, patch_absent_reason AS "patchAbsentReason", tree_sha AS "treeSha",
            created_at AS "createdAt"
       FROM task_checkpoints
      WHERE task_id = $1 AND NOT superseded
      ORDER BY attempt DESC, sequence DESC, number DESC
      LIMIT 1`,
    [taskId],
  );
  return newest && newest.number !== restorable?.number ? newest : null;
}
