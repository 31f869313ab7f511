import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { PatchStoreClient } from '#client';
import { MAX_UNCOMPRESSED_PATCH_BYTES, type CheckpointView } from '#contracts';
import { bestFirst, restoreFromAny, type FailedForm, type ProofRequest, type RestorePatch } from '#git';
import { CliError } from '../../errors/cli-error.js';
import { exitCodeOf } from '../../errors/exit-codes.js';
import { shellCommand } from '../../output/shell-word.js';
import type { Steps } from '../../output/steps.js';
import { fetchPatch, type FetchedPatch } from '../../find/read-diff.js';
import { stateFolder } from '../../settings/xdg.js';
import { openSource } from './open-source.js';

export interface RestoreSource {
  client: PatchStoreClient;
  steps: Steps;
  repoUrl: string;
  checkpoint: CheckpointView;
  worktreeDir: string;
  /** The words that restore the next older checkpoint; undefined if none has content. */
  olderCommand: readonly string[] | undefined;
}

/** What was restored, and from which of the two. */
export interface FromPatch<T> {
  result: T;
  /** `git-bundle` or `git-diff`. */
  format: string;
  baseSha: string;
}

/**
 * Fetches what a checkpoint is restored from, and hands it to `use`: the bundle, which keeps commits, else
 * the diff, by the rules of a resume (judge-failure.ts in libs/git).
 *
 * @throws CliError with the code of the last form, when the checkpoint itself cannot be restored; the next
 *   step is the next older one. What `use` throws otherwise: the same may work later
 */
export async function restoreFromCheckpoint<T>(
  source: RestoreSource,
  use: (request: ProofRequest) => Promise<T>,
): Promise<FromPatch<T>> {
  const { bundleId, patchId } = source.checkpoint;
  const forms = bestFirst<Form>({
    bundle: bundleId === null ? null : { name: 'bundle', id: bundleId },
    diff: patchId === null ? null : { name: 'diff', id: patchId },
  });
  const tried = await restoreFromAny(forms, async (form) => {
    try {
      return await restoreFrom(source, form.id, use);
    } catch (error) {
      source.steps.step(`its ${form.name} cannot be used: ${codeOf(error)}: ${(error as Error).message}`);
      throw error;
    }
  });
  if (tried.outcome === 'restored') return tried.result;
  throw notRestorable(source, tried.failed);
}

interface Form {
  name: string;
  id: string;
}

function notRestorable({ checkpoint, olderCommand }: RestoreSource, failed: FailedForm<Form>[]): CliError {
  const { error } = failed.at(-1)!;
  const forms = failed.map((each) => `its ${each.form.name} (${codeOf(each.error)})`).join(' or ');
  return new CliError(`Checkpoint ${checkpoint.number} cannot be restored from ${forms}.`, {
    code: codeOf(error),
    exitCode: exitCodeOf(codeOf(error)),
    nextCommand: olderCommand,
    nextStep:
      olderCommand === undefined
        ? 'There is no older checkpoint with content.'
        : `The next older checkpoint may be restorable: \`${shellCommand(olderCommand)}\`.`,
    cause: error,
  });
}

function codeOf(error: unknown): string {
  const { code } = Object(error) as { code?: unknown };
  return typeof code === 'string' ? code : 'FAILED';
}

async function restoreFrom<T>(
  { client, steps, repoUrl, checkpoint, worktreeDir }: RestoreSource,
  patchId: string,
  use: (request: ProofRequest) => Promise<T>,
): Promise<FromPatch<T>> {
  steps.step(`reading checkpoint ${checkpoint.number}`);
  const fetched = await fetchPatch(client, patchId);
  const { baseCommitSha: baseSha, format } = fetched.info;
  steps.step(`fetching ${repoUrl}`);
  const mirrorDir = await openSource(repoUrl, baseSha);
  const shadowsDir = join(stateFolder(), 'shadows');
  await mkdir(shadowsDir, { recursive: true, mode: 0o700 });
  const shadowDir = await mkdtemp(join(shadowsDir, 'restore-'));
  try {
    steps.step('proving the captured tree');
    const result = await use({
      mirrorDir,
      worktreeDir,
      shadowDir,
      baseSha,
      treeSha: checkpoint.treeSha,
      patch: restorePatchOf(fetched, checkpoint),
      maxUncompressedBytes: MAX_UNCOMPRESSED_PATCH_BYTES,
    });
    return { result, format, baseSha };
  } finally {
    await rm(shadowDir, { recursive: true, force: true });
  }
}

function restorePatchOf({ info, data }: FetchedPatch, { commitSha }: CheckpointView): RestorePatch {
  const { sha256 } = info;
  if (info.format === 'git-diff') return { format: 'git-diff', data, sha256 };
  return { format: 'git-bundle', data, sha256, headSha: commitSha };
}
