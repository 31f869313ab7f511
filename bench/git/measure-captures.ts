import { captureWorktree, commitWip, type Capture } from '#git';
import { chooseWork, doWork, EDITED_FILES, NEW_FILES, removeNewFiles } from './change-files.js';
import { plainGit } from './plain-git.js';
import { captureLikeTheReference } from './reference-sequence.js';
import { timeInTurn } from './rounds.js';
import type { Scene } from './scene.js';
import { summarize, type Summary } from '../shared/statistics.js';

export type Captured = Extract<Capture, { outcome: 'captured' }>;

export interface CaptureTimes {
  /** One `git status --porcelain`: the floor. */
  status: Summary;
  /** Of a worktree that has been captured before, as from one heartbeat to the next. */
  capture: Summary;
  reference: Summary;
  /** Nothing has changed since the last capture. */
  idle: Summary;
  /** A WIP commit without its push, then a capture: what the agent does in worktrees of its own. */
  commitAndCapture: Summary;
}

/** 10 MiB, the agent's default. */
const MAX_PATCH_BYTES = 10 * 1024 * 1024;

/**
 * Times the captures, each contender in a worktree of its own with the same history and the same edits. When
 * a round begins, every worktree is at the base, with last round's edits in the one that is captured again
 * and again and without new files; then twenty files are edited and three made.
 *
 * @returns times in milliseconds, and the last capture
 */
export async function measureCaptures(
  scene: Scene,
  rounds: number,
): Promise<{ times: CaptureTimes; last: Captured }> {
  const [statusDir, captureDir, referenceDir, commitDir] = [
    await scene.addWorktree('status'),
    await scene.addWorktree('capture'),
    await scene.addWorktree('reference'),
    await scene.addWorktree('commit'),
  ];
  const work = await chooseWork(statusDir);
  const capture = (worktreeDir: string, round: number, previous?: Captured): Promise<Capture> =>
    captureWorktree({
      worktreeDir,
      shadowDir: `${worktreeDir}.shadow`,
      anchorRef: `refs/patchpoint/bench/${round}`,
      baseBranch: scene.baseBranch,
      maxPatchBytes: MAX_PATCH_BYTES,
      makePatch: true,
      ...(previous && { previous }),
    });
  const backToBase = (worktreeDir: string) =>
    plainGit(worktreeDir, ['reset', '--quiet', '--hard', scene.baseSha]);
  let last: Captured;
  const milliseconds = await timeInTurn(rounds, {
    status: {
      prepare: (round) => doWork(statusDir, work, round),
      run: () => plainGit(statusDir, ['status', '--porcelain']),
      cleanUp: () => removeNewFiles(statusDir, work),
    },
    capture: {
      prepare: (round) => doWork(captureDir, work, round),
      run: async (round) => (last = requireChanges(await capture(captureDir, round))),
    },
    reference: {
      prepare: (round) => doWork(referenceDir, work, round),
      run: () => captureLikeTheReference(referenceDir),
      cleanUp: () => backToBase(referenceDir),
    },
    idle: {
      run: async (round) => requireUnchanged(await capture(captureDir, round, last)),
      cleanUp: async (round) => {
        await removeNewFiles(captureDir, work);
        await capture(captureDir, round);
      },
    },
    commitAndCapture: {
      prepare: (round) => doWork(commitDir, work, round),
      run: async (round) => {
        const identity = { name: 'Benchmark', email: 'benchmark@localhost' };
        await commitWip({ worktreeDir: commitDir, message: '[WIP] Benchmark', push: false, identity });
        requireChanges(await capture(commitDir, round));
      },
      cleanUp: () => backToBase(commitDir),
    },
  });
  const times = {
    status: summarize(milliseconds.status),
    capture: summarize(milliseconds.capture),
    reference: summarize(milliseconds.reference),
    idle: summarize(milliseconds.idle),
    commitAndCapture: summarize(milliseconds.commitAndCapture),
  };
  return { times, last: last! };
}

/** A fast capture of the wrong thing is no result. */
function requireChanges(capture: Capture): Captured {
  const expected = EDITED_FILES + NEW_FILES;
  if (capture.outcome === 'captured' && capture.patch?.filesCount === expected) return capture;
  const found = capture.outcome === 'captured' ? `${capture.patch?.filesCount} files` : capture.outcome;
  throw new Error(`The capture should hold ${expected} files, but it is: ${found}.`);
}

function requireUnchanged(capture: Capture): void {
  if (capture.outcome !== 'unchanged') throw new Error('A second capture found changes that nobody made.');
}
