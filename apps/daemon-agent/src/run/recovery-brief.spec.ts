import { describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import { compose, SpawnTask } from '#contracts';
import type { PreparedWorktree } from '../restore/prepare-worktree.js';
import { recoveryBrief } from './recovery-brief.js';

const treeSha = 'c'.repeat(40);

const spawn = compose(SpawnTask, {
  eventId: uuidv7(),
  taskId: uuidv7(),
  attempt: 2,
  taskName: 'make it faster',
  plan: 'make it faster',
  runner: 'shell',
  repoUrl: 'new://example',
  isSupervisor: false,
  resumeSession: true,
  checkpointNumber: 7,
  checkpointMessage: 'before the risky part\n\ndetails',
  checkpointAgeSeconds: 240,
  omissions: [{ path: 'core.img', reason: 'untracked-too-large' }],
  omissionsCount: 3,
});

function restored(commitsKept: boolean): PreparedWorktree {
  return {
    worktreeDir: '/state/worktrees/a',
    branchName: 'patchpoint/make-it-faster',
    origin: 'restored',
    restored: {
      worktreeDir: '/state/worktrees/a',
      gitDir: '/state/worktrees/a/.git',
      branchName: 'patchpoint/make-it-faster',
      treeSha,
      headSha: null,
      commitsCount: commitsKept ? 2 : 0,
      filesWritten: 3,
      movedAsideTo: null,
      checkpoint: spawn,
      durationMilliseconds: 10,
      commitsKept,
    },
    failedTries: ['checkpoint 7 from its git-bundle: the bundle is damaged'],
  };
}

describe('recoveryBrief', () => {
  it('names the restored checkpoint, its age, and that it was verified', () => {
    const brief = recoveryBrief(spawn, restored(true), undefined);
    expect(brief).toContain('Checkpoint 7 ("before the risky part"), 4 min old');
    expect(brief).toContain(`the tree hash \`${treeSha}\` was verified`);
    expect(brief).toContain('with its local commits');
  });

  it('mentions local commits that were restored as uncommitted changes', () => {
    expect(recoveryBrief(spawn, restored(false), undefined)).toContain('restored as uncommitted changes');
  });

  it('of a fork names the checkpoint that it begins with, and not when it goes on from a later one', () => {
    const forkedFrom = { taskId: uuidv7(), checkpointNumber: 5 };
    const begun = restored(true);
    begun.restored!.checkpoint = { ...spawn, checkpointAttempt: 0 };
    const named = `begins with checkpoint 5 of task ${forkedFrom.taskId}`;
    expect(recoveryBrief({ ...spawn, forkedFrom }, begun, undefined)).toContain(named);
    const later = restored(true);
    later.restored!.checkpoint = { ...spawn, checkpointAttempt: 1 };
    expect(recoveryBrief({ ...spawn, forkedFrom }, later, undefined)).not.toContain(named);
  });

  it('lists what was not restored, and counts what it does not list', () => {
    const brief = recoveryBrief(spawn, restored(true), undefined);
    expect(brief).toContain('- `core.img`: untracked-too-large');
    expect(brief).toContain('… and 2 more');
    expect(brief).toContain('Ignored files');
  });

  it('lists what was tried and failed', () => {
    expect(recoveryBrief(spawn, restored(false), undefined)).toContain('the bundle is damaged');
  });

  it('says what became of the setup, with the last that a failed one printed', () => {
    const withSetup = (setup: PreparedWorktree['setup']) =>
      recoveryBrief(spawn, { ...restored(true), setup }, undefined);
    expect(withSetup(undefined)).not.toContain('## Setup');
    expect(withSetup({ command: 'npm ci' })).toContain('The command `npm ci` has run since.');
    const failed = withSetup({
      command: 'npm ci',
      problem: 'exit code 1',
      outputTail: 'a\nERR! no network\n',
    });
    expect(failed).toContain('The command `npm ci` failed: exit code 1.');
    expect(failed).toContain('    a\n    ERR! no network\n');
  });

  it('speaks of no earlier attempt where there was none', () => {
    const brief = recoveryBrief(
      { ...spawn, attempt: 1, resumeSession: false },
      { worktreeDir: '/a', branchName: 'b', origin: 'fresh', failedTries: [] },
      undefined,
    );
    expect(brief).toContain('The worktree is fresh.');
    expect(brief).not.toContain('earlier attempts');
  });

  it('does not call a fresh worktree restored', () => {
    const brief = recoveryBrief(
      spawn,
      { worktreeDir: '/a', branchName: 'b', origin: 'fresh', failedTries: [], reason: 'the base is gone' },
      '/state/conversation-history.json',
    );
    expect(brief).toContain('**The worktree is fresh.**');
    expect(brief).toContain('the base is gone');
    expect(brief).not.toContain('came back');
    expect(brief).toContain('/state/conversation-history.json');
  });
});
