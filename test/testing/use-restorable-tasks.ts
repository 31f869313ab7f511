import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll } from '@jest/globals';
import { execaSync } from 'execa';
import { captureWorktree } from '#git';
import { temporaryFolder } from '#testing';
import type { RunningPatchStore } from '../../apps/patch-store/testing/running-patch-store.js';
import { seedCheckpoint, type SeedCheckpoint } from '../../apps/patch-store/testing/seed.js';

type Seed = Omit<SeedCheckpoint, 'taskId'>;

/** Tasks of a running patch-store whose checkpoints hold one file, `work.txt`, which says `work`. */
export class RestorableTasks {
  /** The diff that all of them are restored from. */
  diff!: Buffer;
  private treeSha!: string;
  private baseSha!: string;

  constructor(private readonly store: RunningPatchStore) {}

  async capture(): Promise<void> {
    const folder = temporaryFolder();
    const worktreeDir = join(folder, 'source');
    mkdirSync(worktreeDir);
    execaSync('git', ['init', '--quiet', '--initial-branch=main'], { cwd: worktreeDir });
    writeFileSync(join(worktreeDir, 'work.txt'), 'work');
    const capture = await captureWorktree({
      worktreeDir,
      shadowDir: join(folder, 'shadow'),
      anchorRef: 'refs/patchpoint/test',
      makePatch: true,
      maxPatchBytes: 1_000_000,
      bundle: 'never',
    });
    if (capture.outcome !== 'captured' || capture.patch === null) throw new Error('Nothing was captured.');
    ({ treeSha: this.treeSha, baseSha: this.baseSha } = capture);
    this.diff = capture.patch.data;
  }

  /**
   * A task of that name with these checkpoints; theirs is the good diff unless they say otherwise.
   *
   * @param source with one, the base is a commit that it does not have
   * @returns the task's id
   */
  async make(name: string, seeds: readonly Seed[], source?: string): Promise<string> {
    const taskId = await this.store.createTask({ name, repoUrl: source ?? `new://${name}` });
    const { database } = this.store;
    for (const seed of seeds) await seedCheckpoint(database, { patchData: this.diff, ...seed, taskId });
    const facts = [this.treeSha, taskId];
    await database.manager.query('UPDATE task_checkpoints SET tree_sha = $1 WHERE task_id = $2', facts);
    await database.manager.query('UPDATE checkpoint_patches SET tree_sha = $1 WHERE task_id = $2', facts);
    if (source === undefined) {
      await database.manager.query('UPDATE checkpoint_patches SET base_commit_sha = $1 WHERE task_id = $2', [
        this.baseSha,
        taskId,
      ]);
    }
    return taskId;
  }
}

/** Call it at the top level of a spec file or describe block. */
export function useRestorableTasks(store: RunningPatchStore): RestorableTasks {
  const tasks = new RestorableTasks(store);
  beforeAll(() => tasks.capture());
  return tasks;
}
