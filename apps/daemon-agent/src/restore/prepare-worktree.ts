import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { inheritedVariables } from '#agents';
import { isCopied, type CheckpointToRestore, type SpawnTask, type WorktreeOrigin } from '#contracts';
import {
  checkWorktree,
  createRepository,
  createWorktree,
  ensureMirror,
  fetchMirror,
  isEmptyTree,
  parseSource,
  type Restored,
} from '#git';
import type { AgentConfig } from '../agent.config.js';
import type { StateFolder } from '../state/state-folder.js';
import { decideWorktree } from './decide-worktree.js';
import type { ReadSlice } from './read-spawn-patch.js';
import { restoreFromCheckpoint, type Persist, type RestoreOutcome } from './restore-from-checkpoint.js';
import { restoreNewest, type RestoreNewestDependencies } from './restore-newest.js';
import { slug, taskBranchName, taskFolderName } from '../state/task-names.js';

export interface PreparedWorktree {
  worktreeDir: string;
  /** None for one that an older version made. */
  gitDir?: string | undefined;
  branchName: string | null;
  origin: Exclude<WorktreeOrigin, 'adopted'>;
  /** With `restored`. */
  restored?: Restored & {
    /** Which one it was: not always the newest. */
    checkpoint: CheckpointToRestore;
    durationMilliseconds: number;
    commitsKept: boolean;
  };
  /** Ways to restore that were tried and failed, with the reasons. */
  failedTries: string[];
  /** Why a resume had to start fresh. */
  reason?: string;
  /** The command that ran in it before the agent; absent: none did. */
  setup?: SetupOutcome | undefined;
}

export interface SetupOutcome {
  command: string;
  /** Why it failed; absent: it did not. */
  problem?: string;
  /** What it printed last, when it failed. */
  outputTail?: string;
}

/** What one restore needs. */
export interface RestoreCheckpointDependencies {
  config: AgentConfig;
  folder: StateFolder;
  readSlice: ReadSlice;
}

export interface PrepareDependencies
  extends Omit<RestoreNewestDependencies, 'restore'>, RestoreCheckpointDependencies {}

/** The worktree that this daemon still has of the task, with the attempt that last worked in it. */
export interface KnownWorktree {
  worktreeDir: string;
  gitDir?: string | undefined;
  branchName: string | null;
  attempt: number;
}

/**
 * Step 5: the worktree for an attempt. A resume reuses an existing one, else restores it from the newest
 * checkpoint that can be restored, else starts fresh; each choice is shown in the task's output. Plain git
 * works in the one that is returned.
 *
 * @throws GitError when not even a fresh worktree can be made; and for a failure that is not the fault of a
 *   checkpoint and persisted for a minute: an older state, or none, would hide work that a later resume can
 *   still restore; Error for a fork whose first state cannot be restored
 */
export async function prepareWorktree(
  spawn: SpawnTask,
  known: KnownWorktree | undefined,
  deps: PrepareDependencies,
): Promise<PreparedWorktree> {
  const prepared = await chooseWorktree(spawn, await usable(spawn, known, deps), deps);
  if (prepared.origin === 'reused') return prepared; // looked at before it was chosen
  const unusable = await check(prepared, deps);
  if (unusable !== null) throw unusable;
  return prepared;
}

/** The worktree that is there, unless it would be reused and an agent could not work in it. */
async function usable(
  spawn: SpawnTask,
  known: KnownWorktree | undefined,
  deps: PrepareDependencies,
): Promise<KnownWorktree | undefined> {
  if (known === undefined || !(await isFolder(known.worktreeDir))) return undefined;
  if (decideWorktree(spawn, known) !== 'reuse') return known;
  const unusable = await check(known, deps);
  if (unusable === null) return known;
  deps.say(`Warning: the existing worktree is kept, but not used. ${unusable.message}`);
  return undefined;
}

function check(worktree: Pick<PreparedWorktree, 'worktreeDir' | 'gitDir'>, deps: PrepareDependencies) {
  const { worktreeDir, gitDir } = worktree;
  return checkWorktree({
    worktreeDir,
    gitDir,
    environment: inheritedVariables(deps.config.inheritance),
    signal: deps.signal,
  });
}

async function chooseWorktree(
  spawn: SpawnTask,
  existing: KnownWorktree | undefined,
  deps: PrepareDependencies,
): Promise<PreparedWorktree> {
  switch (decideWorktree(spawn, existing)) {
    case 'reuse':
      deps.say(`Resuming in the existing worktree at ${existing!.worktreeDir}`);
      return {
        worktreeDir: existing!.worktreeDir,
        gitDir: existing!.gitDir,
        branchName: existing!.branchName,
        origin: 'reused',
        failedTries: [],
      };
    case 'restore':
      return restoreOrStartFresh(spawn, deps);
    case 'fresh':
      if (!spawn.resumeSession) return startFresh(spawn, deps);
      deps.say('Warning: there is no checkpoint patch to restore from, starting fresh');
      return { ...(await startFresh(spawn, deps)), reason: 'there is no checkpoint patch to restore from' };
  }
}

async function restoreOrStartFresh(spawn: SpawnTask, deps: PrepareDependencies): Promise<PreparedWorktree> {
  deps.say('Restoring worktree from checkpoint patch…');
  const begin = performance.now();
  const newest = await restoreNewest(spawn, {
    ...deps,
    restore: (checkpoint, persistently) => restoreCheckpoint(spawn, checkpoint, deps, persistently),
  });
  const { failedTries } = newest;
  if (newest.outcome === 'none') {
    const reason = failedTries.join('; ');
    // There is no work of its own to save, and without that state it is no fork.
    if (isCopied(spawn.checkpointAttempt)) throw new Error(`The fork has no state to begin with: ${reason}`);
    deps.say('Warning: no checkpoint can be restored, starting fresh');
    return { ...(await startFresh(spawn, deps)), failedTries, reason };
  }
  const { restored, from, checkpoint } = newest;
  if (restored.movedAsideTo !== null) deps.say(`An older folder was kept at ${restored.movedAsideTo}`);
  deps.say(
    `Worktree restored at ${restored.worktreeDir} (checkpoint ${checkpoint.checkpointNumber}, tree ${restored.treeSha}, verified)`,
  );
  return {
    worktreeDir: restored.worktreeDir,
    gitDir: restored.gitDir,
    branchName: restored.branchName,
    origin: 'restored',
    restored: {
      ...restored,
      checkpoint,
      durationMilliseconds: Math.round(performance.now() - begin),
      commitsKept: from.format === 'git-bundle',
    },
    failedTries,
  };
}

/** Makes the task's worktree of a checkpoint; one that is there is moved aside once this is proven. */
export function restoreCheckpoint(
  spawn: SpawnTask,
  checkpoint: CheckpointToRestore,
  deps: RestoreCheckpointDependencies,
  persistently: Persist,
): Promise<RestoreOutcome> {
  const openPlace = async () => {
    const { mirrorDir } = await openSource(spawn, deps, checkpoint.patchBaseSha);
    return { mirrorDir, ...placeOf(spawn, deps) };
  };
  const readSlice: ReadSlice = (patchId, offsetBytes, lengthBytes) =>
    deps.readSlice(patchId, offsetBytes, lengthBytes, spawn.attempt);
  return restoreFromCheckpoint(checkpoint, openPlace, readSlice, persistently);
}

async function startFresh(spawn: SpawnTask, deps: PrepareDependencies): Promise<PreparedWorktree> {
  const { mirrorDir, defaultBranch } = await openSource(spawn, deps);
  const { worktreeDir, taskDir, branchName } = placeOf(spawn, deps);
  if (mirrorDir !== null) {
    await fetchMirror({ mirrorDir, allowFileProtocol: deps.config.allowFileProtocol });
  }
  const made =
    mirrorDir === null
      ? await createRepository({ worktreeDir, taskDir, branchName })
      : await createWorktree({
          mirrorDir,
          worktreeDir,
          taskDir,
          branchName,
          startPoint: `origin/${spawn.baseBranch ?? defaultBranch ?? 'HEAD'}`,
        });
  if (made.movedAsideTo !== null) deps.say(`An older folder was kept at ${made.movedAsideTo}`);
  deps.say(`Fresh worktree at ${made.worktreeDir}`);
  return {
    worktreeDir: made.worktreeDir,
    gitDir: made.gitDir,
    branchName: made.branchName,
    origin: 'fresh',
    failedTries: [],
  };
}

/** The mirror of the task's source; none for `new://` sources, whose worktree is its own repository. */
export async function openSource(
  spawn: SpawnTask,
  deps: RestoreCheckpointDependencies,
  neededCommit?: string,
): Promise<{ mirrorDir: string | null; defaultBranch: string | null }> {
  const source = parseSource(spawn.repoUrl);
  if (source.kind === 'new') return { mirrorDir: null, defaultBranch: null };
  return ensureMirror({
    mirrorsDir: deps.folder.mirrors,
    sourceUrl: source.url,
    allowFileProtocol: deps.config.allowFileProtocol,
    fetchIfMissing: neededCommit === undefined || isEmptyTree(neededCommit) ? undefined : neededCommit,
  });
}

function placeOf(spawn: SpawnTask, deps: RestoreCheckpointDependencies) {
  const taskDir = join(deps.folder.worktrees, taskFolderName(spawn.taskId, spawn.taskName));
  return {
    taskDir,
    worktreeDir: join(taskDir, slug(spawn.taskName)),
    shadowDir: join(deps.folder.shadows, spawn.taskId),
    branchName: spawn.targetBranch ?? taskBranchName(spawn.taskId, spawn.taskName),
  };
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}
